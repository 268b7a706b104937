"""Terms, permits and files on pages, from the steward's first version to the log of what was fetched."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.support.filling import fill
from tests.support.gateway import CONTENT, NAME, settings
from tests.support.lives import at
from tests.support.pages import text_of
from tests.support.visitors import signed_in
from tests.support.world import World

OPERATE, PAGE = f"/operate/datasets/{World.DATASET}", f"/datasets/{World.DATASET}"


@pytest.fixture
def database_url(sources: Any, tmp_path: Path) -> str:
    """Pages ask the same of both databases, which the calls are tested on."""
    return str(sources["sqlite"].fresh(tmp_path))


@pytest.fixture
def app_settings(tmp_path: Path) -> dict[str, Any]:
    return dict(settings(tmp_path / "files"))


@pytest.fixture
def people(app: Flask, world: World, clock: time_machine.Traveller) -> Callable[[str], FlaskClient]:
    return lambda name: signed_in(app, f"{name}@example.org")


def test_the_whole_way_of_a_restricted_dataset(
    people: Callable[[str], FlaskClient], clock: time_machine.Traveller, tmp_path: Path
) -> None:
    place = tmp_path / "files" / "radar" / NAME
    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT)
    steward, lead = people("steward"), people("lead")
    said = {"sensitivity": "restricted", "files_root": "north", "files_folder": "radar"}
    assert fill(steward, f"{OPERATE}/edit", **said).status_code == 303
    assert fill(steward, f"{OPERATE}/terms", text="Cite us.").status_code == 303

    order = {
        "claims-1-resource": World.DATASET, "claims-1-units": "1", "starts_at": "2026-03-02T17:00", "hours": "1",
        "zone": "Asia/Shanghai", "purpose": "radar", "book": "1",
    }  # fmt: skip
    refused = fill(lead, "/bookings/new", **order)
    assert refused.status_code == 422
    assert f'href="{PAGE}/terms"' in refused.text
    assert f'href="/permits/new/{World.DATASET}"' in refused.text

    assert fill(lead, f"/permits/new/{World.DATASET}", purpose="radar").status_code == 303
    granted = {"p1-until": "2027-01-01T00:00", "p1-reason": "fine"}
    assert send_as(steward, "/permits/1/grant", granted).status_code == 303
    assert send_as(lead, f"{PAGE}/terms/1/accept").status_code == 303
    assert "You have accepted it." in lead.get(PAGE).text
    booked = fill(lead, "/bookings/new", **order)
    assert booked.status_code == 303, text_of(booked.text)

    assert NAME not in lead.get(booked.location).text
    clock.move_to(at(1.5))
    shown = lead.get(booked.location).text
    assert NAME in shown
    address = shown.split('rel="nofollow">' + NAME)[0].rpartition('href="')[2].partition('"')[0]
    assert lead.get(address, buffered=True).data == CONTENT
    assert "10,240" in lead.get(f"{booked.location}/accesses").text
    lines = steward.get(f"{OPERATE}/accesses.csv").text.splitlines()
    assert lines[1].split(",")[3:8] == [World.TEAM, "lead@example.org", NAME, "200", ""]

    assert send_as(steward, f"{OPERATE}/withdraw", {"reason": "wrong"}).status_code == 303
    assert "was withdrawn" in lead.get(f"{booked.location}/files").text


def send_as(client: FlaskClient, address: str, form: dict[str, str] | None = None) -> Any:
    """Press a button: the word against forgery comes from a page that every signed-in person has."""
    page = client.get("/teams/new").text
    word = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    return client.post(address, data={"csrf_token": word, **(form or {})})


def test_what_a_new_version_changed_is_shown_and_kept_from_others(people: Callable[[str], FlaskClient]) -> None:
    steward = people("steward")
    fill(steward, f"{OPERATE}/terms", text="Cite us.\nPay.")
    fill(steward, f"{OPERATE}/terms", text="Cite us.\nPay twice.", effective_at="2027-01-01T00:00")
    shown = people("stranger").get(f"{PAGE}/terms").text
    assert "<ins>Pay twice.</ins>" in shown
    assert "<del>Pay.</del>" in shown
    assert fill(steward, f"{OPERATE}/terms", text="x", effective_at="2020-01-01T00:00").status_code == 422
    assert people("lead").get(f"{OPERATE}/terms").status_code == 403
    assert people("lead").get(f"{OPERATE}/accesses").status_code == 403


def test_a_rival_sees_no_permit_and_no_log_of_another_team(
    people: Callable[[str], FlaskClient], book: Callable[..., int]
) -> None:
    number = book(seats=1)
    rival = people("rival")
    fill(people("lead"), f"/permits/new/{World.DATASET}", purpose="radar secrets")
    assert "radar secrets" not in rival.get("/permits").text
    assert send_as(rival, "/permits/1/grant").status_code == 404
    for page in ("files", "accesses", "accesses.csv"):
        assert rival.get(f"/bookings/{number}/{page}").status_code == 404
