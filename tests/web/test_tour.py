"""The whole way through the pages: from a scenario list to a case, as the README walks it."""

import html
import re
from collections.abc import Callable

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking import scheduler
from tests.support.filling import fields_of, fill
from tests.support.lives import at, check
from tests.support.pages import text_of
from tests.support.visitors import person, send
from tests.support.world import World

As = Callable[[str], FlaskClient]

ENTRY = {"name": "Quiet harbour", "slug": "quiet-harbour", "organisation": World.NORTH, "region": "Beijing",
         "description": "Cranes that make less noise.", "gpu_hours": "500"}  # fmt: skip
TEAM = {"name": "Night cranes", "slug": "night-cranes", "scenario": "quiet-harbour", "organisation": World.SOUTH,
        "lead": "stranger@example.org"}  # fmt: skip
WISH = {"units": "8", "hours": "2", "gpu_model": "A100", "dataset": World.DATASET, "team": "night-cranes",
        "zone": "UTC", "earliest": "2026-03-04T00:00", "latest": "2026-03-05T00:00"}  # fmt: skip
REPORT = {"title": "Cranes by ear", "results": "Half the noise at night.", "hours_used": "15"}


def test_a_list_becomes_a_case(
    app: Flask, world: World, as_: As, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    def pass_time(hours: float) -> None:
        clock.move_to(at(hours))
        assert [run.errors for run in scheduler.run_once(app, at(hours)) if run.errors] == []

    publish_a_list(as_, client, pass_time)
    vote_on_a_team(app, as_)
    grant_a_voucher(as_)
    booking = find_and_book(as_)
    use_it(as_, booking, pass_time)
    settle(as_, pass_time)
    publish_the_outcome(as_, client)
    with app.app_context():
        check()


def publish_a_list(as_: As, client: FlaskClient, pass_time: Callable[[float], None]) -> None:
    """Announced by an administrator, written by the owner, accepted by a reviewer, published by the clock."""
    times = {"opens_at": "2026-03-02T00:00", "publishes_at": "2026-03-03T00:00", "closes_at": "2026-06-01T00:00"}
    done(fill(as_("admin"), "/editions/new", title="Spring", zone="UTC", quorum="2", vote_days="30", **times))
    done(fill(as_("owner"), "/editions/1/entries/new", **ENTRY))
    done(send(as_("owner"), "/scenarios/quiet-harbour/submit"))
    done(send(as_("reviewer"), "/scenarios/quiet-harbour/accept"))
    assert client.get("/scenarios/quiet-harbour").status_code == 404
    pass_time(24)
    assert "Cranes that make less noise." in text_of(client.get("/scenarios/quiet-harbour").text)
    assert "Quiet harbour" in text_of(client.get("/editions/1").text)


def vote_on_a_team(app: Flask, as_: As) -> None:
    """One department is not enough; the second decides."""
    colleague = person(app, "colleague@example.org", "Colleague")
    role = {"role": "reviewer", "department": "Data bureau"}
    done(send(as_("admin"), f"/people/{colleague.user_id}/roles", role))

    done(fill(as_("stranger"), "/teams/new", **TEAM))
    for reviewer, said in (("reviewer", "Your department's vote is counted."), ("colleague", "The team is approved.")):
        assert "Night cranes asks to be approved" in text_of(as_(reviewer).get("/teams").text)
        browser = as_(reviewer)
        done(send(browser, "/teams/night-cranes/approve", {"night-cranes-reason": "Good ears"}))
        assert said in text_of(browser.get("/teams/night-cranes").text)


def grant_a_voucher(as_: As) -> None:
    """The pool opens to vouchers at a price; before one is granted nobody of the team can book it."""
    operator = as_("operator")
    rules = {"policy-opening": "voucher", "policy-check_in_minutes": "30"}
    done(fill(operator, f"/operate/pools/{World.POOL}/edit", **rules))
    done(fill(operator, f"/operate/resources/{World.POOL}/rates", price="10.00"))
    order = {"claims-0-resource": World.POOL, "claims-0-units": "8", "purpose": "Listen"}
    refused = fill(as_("stranger"), "/bookings/new", **order, book="1")
    assert refused.status_code == 422
    assert "is open to vouchers only, and your team has none for it" in text_of(refused.text)

    for grant in ({"scope": "kind:pool", "subsidy_percent": "40"}, {"scope": "kind:dataset"}):
        done(fill(as_("funder"), "/grants/new", team="night-cranes", unit_hours="100", **grant))
    assert "Voucher" in text_of(as_("stranger").get("/teams/night-cranes").text)


def find_and_book(as_: As) -> str:
    """The first window lies after an outage, and its link fills in the form; the address of the booking."""
    outage = {"kind": "outage", "units": "64", "starts_at": "2026-03-04T08:00", "ends_at": "2026-03-04T18:00",
              "reason": "Cooling"}  # fmt: skip
    done(fill(as_("operator"), f"/operate/resources/{World.POOL}/capacity/new", **outage))
    lead = as_("stranger")
    found = lead.get("/", query_string=WISH).text
    link = html.unescape(re.findall(r'href="(/bookings/new\?[^"]*north-a100[^"]*)"', found)[0])
    form = fields_of(lead.get(link).text)
    assert (form["claims-0-units"], form["starts_at"]) == ("8", "2026-03-04T18:00")

    checked = fill(lead, link, purpose="Listen", check="1")
    assert "100 GPU-hours → 84 GPU-hours" in text_of(checked.text)
    booked = done(fill(lead, link, purpose="Listen", book="1"))
    page = text_of(lead.get(booked).text)
    assert "Your booking is confirmed." in page
    assert "Radar pictures" in page
    return booked


def use_it(as_: As, booking: str, pass_time: Callable[[float], None]) -> None:
    """It starts and ends by the clock, and its team checks in."""
    lead = as_("stranger")
    pass_time(50)
    done(send(lead, f"{booking}/check-in"))
    assert "You are checked in." in text_of(lead.get(booking).text)
    pass_time(52)
    assert "completed" in text_of(lead.get(booking).text)


def settle(as_: As, pass_time: Callable[[float], None]) -> None:
    """Five days after its end the month is closed, and all three sides read the same."""
    pass_time(24 * 36)
    for who in ("stranger", "operator", "funder"):
        page = text_of(as_(who).get("/settlements?month=2026-03").text)
        assert "This month was closed on" in page, who
        assert all(amount in page for amount in ("CN¥160.00", "CN¥64.00", "CN¥96.00")), who
        assert "16 GPU-hours" in page, who
        assert ("2 access-hours" in page) is (who != "funder"), who
        assert "18 GPU-hours" not in page, who


def publish_the_outcome(as_: As, client: FlaskClient) -> None:
    """What the team was asked for and a reviewer has published stands wherever it belongs."""
    lead, reviewer = as_("stranger"), as_("reviewer")
    assert "/outcomes/1/report" in lead.get("/outcomes").text
    done(fill(lead, "/outcomes/1/report", **REPORT))
    assert client.get("/outcomes/1").status_code == 404
    read = fields_of(reviewer.get("/outcomes/1").text)
    done(send(reviewer, "/outcomes/1/publish", {"version": read["version"]}))
    assert "15 GPU-hours" in text_of(client.get("/outcomes/1").text)
    for page in ("/outcomes", "/scenarios/quiet-harbour", f"/facilities/{World.FACILITY}", "/regions/beijing"):
        assert "Cranes by ear" in client.get(page).text, page
    assert "Cranes by ear" in lead.get("/teams/night-cranes").text


def done(answer: TestResponse) -> str:
    """A form that was taken leads on: to this address."""
    assert answer.status_code == 303, text_of(answer.text.partition("<main")[2])
    return answer.headers["Location"]
