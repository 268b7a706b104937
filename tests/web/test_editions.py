"""Pages of scenario lists and their entries."""

import csv
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
import time_machine
from flask import Flask

from booking.db import db
from booking.queries.scenarios import find_scenario
from tests.support.editions import publish_lists
from tests.support.filling import fill
from tests.support.lives import NOW
from tests.support.pages import said_of, text_of
from tests.support.visitors import send, signed_in
from tests.support.world import World, build_world

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def test_everybody_reads_the_lists_with_what_changed_and_nobody_what_is_not_published(app: Flask, world: World) -> None:
    with app.app_context():
        publish_lists(world, NOW)
    visitor = app.test_client()
    assert "List 2: Spring list" in text_of(visitor.get("/editions").text)
    page = text_of(visitor.get("/editions/2").text)
    assert "Harbour checks new" in page
    assert "Harbour checks changed: GPU-hours needed" in page
    assert "Harbour checks gone" in page
    assert "ropes" not in visitor.get("/editions/2").text
    assert visitor.get("/scenarios/ropes").status_code == 404
    assert visitor.get("/editions/9").status_code == 404
    assert "Not published yet" in text_of(signed_in(app, "owner@example.org").get("/editions/2").text)

    entry = text_of(visitor.get("/scenarios/harbour-2").text)
    assert "950" in entry
    assert "More cranes GPU-hours needed 900" in entry
    assert (
        'href="https://example.org/plan.pdf" rel="noopener noreferrer nofollow"'
        in visitor.get("/scenarios/harbour-2").text
    )

    feed = ElementTree.fromstring(visitor.get("/editions/feed.atom").data)
    assert [one.findtext(f"{ATOM}title") for one in feed.findall(f"{ATOM}entry")] == [
        "List 2: Spring list",
        "List 1: Spring list",
    ]
    rows = list(csv.DictReader(visitor.get("/exports/editions/2.csv").text.lstrip("\ufeff").splitlines()))
    assert [(row["scenario"], row["gpu_hours"]) for row in rows if row["scenario"]][:2] == [
        ("fields", "500"),
        ("harbour-2", "950"),
    ]


def test_an_owner_writes_an_entry_and_a_reviewer_sends_it_back_and_accepts_it(app: Flask, world: World) -> None:
    admin, owner, reviewer = (signed_in(app, f"{who}@example.org") for who in ("admin", "owner", "reviewer"))
    times = {"opens_at": "2026-03-02T00:00", "publishes_at": "2026-04-01T00:00", "zone": "UTC", "title": "Autumn"}
    wrong = fill(admin, "/editions/new", **times, closes_at="2026-03-01T00:00")
    assert wrong.status_code == 422
    assert "A list closes after it has opened" in said_of(wrong.text, "closes_at")
    assert fill(admin, "/editions/new", **times, closes_at="2026-06-01T00:00").headers["Location"] == "/editions/1"

    typed = {"name": "Quiet streets", "slug": "quiet", "organisation": World.NORTH, "region": "Beijing",
             "description": "Noise", "skills": "acoustics，maps"}  # fmt: skip
    refused = fill(owner, "/editions/1/entries/new", **typed, links="ftp://example.org/x")
    assert refused.status_code == 422
    assert "A link is an address such as" in said_of(refused.text, "links")
    made = fill(owner, "/editions/1/entries/new", **typed)
    assert made.headers["Location"] == "/scenarios/quiet", text_of(made.text)
    assert send(owner, "/scenarios/quiet/submit").status_code == 303
    assert send(reviewer, "/scenarios/quiet/return").status_code == 422
    assert send(reviewer, "/scenarios/quiet/return", {"reason": "Which streets?"}).status_code == 303
    assert "The reviewers said: Which streets?" in text_of(owner.get("/scenarios/quiet").text)
    assert fill(owner, "/scenarios/quiet/edit", description="Ring road").status_code == 303
    send(owner, "/scenarios/quiet/submit")
    assert send(reviewer, "/scenarios/quiet/accept").status_code == 303
    assert send(reviewer, "/scenarios/quiet/accept").status_code == 422
    with app.app_context():
        found = find_scenario(db.session(), "quiet", actor=world.admin, now=NOW)
        assert (found.state, found.description, found.content.skills) == (
            "accepted",
            "Ring road",
            ("acoustics", "maps"),
        )
        assert not found.is_public(NOW)


def test_only_who_may_finds_the_forms(app: Flask, world: World) -> None:
    with app.app_context():
        publish_lists(world, NOW)
    lead, reviewer = signed_in(app, "lead@example.org"), signed_in(app, "reviewer@example.org")
    assert lead.get("/editions/new").status_code == 403
    assert lead.get("/editions/2/entries/new").status_code == 403
    assert lead.get("/scenarios/harbour-2/edit").status_code == 403
    assert lead.get("/scenarios/ropes/edit").status_code == 404
    assert reviewer.get("/scenarios/ropes/edit").status_code == 403
