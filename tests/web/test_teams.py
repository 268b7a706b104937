"""The pages of teams: what each reader sees, and what can be done there."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.db import db
from booking.domain.windows import Window
from booking.queries.applications import find_team
from booking.services.bookings import request_booking
from tests.support import pages, visitors
from tests.support.statements import counted_statements
from tests.support.visitors import signed_in
from tests.support.world import PEOPLE, World, build_world

NOW = datetime(2026, 3, 2, 8, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    """The clock stands still."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app, pool_hours=100, cap_hours=40, timezone="Asia/Shanghai")


def browser(app: Flask, who: str) -> FlaskClient:
    """A browser in which somebody has signed in."""
    return signed_in(app, f"{who}@example.org")


def send(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    return visitors.send(client, address, fields)


def text_of(answer: TestResponse) -> str:
    """What is read on a page; instants and amounts stand in the sentences that they belong to."""
    return pages.text_of(re.sub(r"</?(time|data)\b[^>]*>", "", answer.text))


def state(app: Flask, slug: str = World.TEAM) -> str:
    with app.app_context():
        return find_team(db.session(), slug).state.value


def application(**changed: str) -> dict[str, str]:
    usual = {
        "name": "Night buses",
        "slug": "night-buses",
        "scenario": World.SCENARIO,
        "organisation": World.SOUTH,
        "lead": "stranger@example.org",
    }
    return {**usual, **changed}


def test_somebody_applies_and_a_reviewer_approves_from_the_list(app: Flask, world: World) -> None:
    answer = send(browser(app, "stranger"), "/teams/new", **application())
    assert (answer.status_code, answer.location) == (303, "/teams/night-buses")

    reviewer = browser(app, "reviewer")
    listed = text_of(reviewer.get("/teams"))
    assert "Night buses asks to be approved" in listed
    assert "stranger@example.org" in listed
    fields = {"night-buses-until": "2026-12-31T18:00", "night-buses-reason": "good data"}
    assert send(reviewer, "/teams/night-buses/approve", **fields).status_code == 303
    assert "asks to be approved" not in text_of(reviewer.get("/teams"))

    own = text_of(browser(app, "stranger").get("/teams/night-buses"))
    assert "approved" in own
    assert "31 Dec 2026 18:00 (Asia/Shanghai)" in own
    assert "good data" in own


def test_an_application_begins_with_ones_own_address(app: Flask, world: World) -> None:
    assert 'value="member@example.org"' in browser(app, "member").get("/teams/new").text


CANNOT_BE_MEANT = [
    ({"slug": "Night Buses"}, "A short name is made of"),
    ({"slug": World.TEAM}, "There is a team “team” already"),
    ({"slug": "new"}, "means something else"),
    ({"name": ""}, "required"),
    ({"name": " "}, "cannot be blank"),
    ({"name": "x" * 201}, "longer than 200 characters"),
    ({"lead": "nobody@example.org"}, "Nobody has an account with this address"),
    ({"lead": "no address"}, "not an e-mail address"),
    ({"scenario": ""}, "required"),
    ({"scenario": "none"}, "Not a valid choice"),
]


def test_what_cannot_be_meant_is_said_and_what_was_typed_stays(
    app: Flask, world: World, subtests: pytest.Subtests
) -> None:
    for changed, said in CANNOT_BE_MEANT:
        with subtests.test(changed=changed, said=said):
            answer = send(browser(app, "member"), "/teams/new", **application(**{"name": "Kept <name>", **changed}))
            assert answer.status_code == 422
            assert said in text_of(answer)
            if "name" not in changed:
                assert 'value="Kept &lt;name&gt;"' in answer.text


def test_a_reviewer_declines_suspends_and_reinstates(app: Flask, world: World) -> None:
    reviewer = browser(app, "reviewer")
    send(browser(app, "stranger"), "/teams/new", **application())
    assert send(reviewer, "/teams/night-buses/decline", **{"night-buses-reason": "no"}).status_code == 303
    assert state(app, "night-buses") == "declined"

    assert send(reviewer, "/teams/team/suspend", **{"team-reason": "unpaid"}).status_code == 303
    page = text_of(browser(app, "lead").get("/teams/team"))
    assert "has been suspended since 2 Mar 2026 16:05 (Asia/Shanghai)" in page
    assert "unpaid" in page
    assert send(reviewer, "/teams/team/reinstate", **{"team-reason": ""}).status_code == 303
    assert state(app) == "approved"


@pytest.mark.parametrize("verb", ["suspend", "decline"])
def test_a_no_has_a_reason(app: Flask, world: World, verb: str) -> None:
    answer = send(browser(app, "reviewer"), f"/teams/team/{verb}", **{"team-reason": " "})
    assert answer.status_code == 422
    assert "Say why; the team reads it." in text_of(answer)
    assert state(app) == "approved"


NO_ENDS = [
    ("2026-03-02T16:05", "is past"),
    ("2026-03-01T00:00", "is past"),
    ("2127-03-01T00:00", "within 100 years"),
    ("9999-12-31T23:59", "too far away"),
    ("0001-01-01T00:00", "too far away"),
    ("tomorrow", "Not a valid"),
]


def test_an_end_that_cannot_be_meant_is_said_beside_it(app: Flask, world: World, subtests: pytest.Subtests) -> None:
    for until, said in NO_ENDS:
        with subtests.test(until=until, said=said):
            answer = send(
                browser(app, "reviewer"), "/teams/team/approve", **{"team-until": until, "team-reason": "kept words"}
            )
            assert answer.status_code == 422
            assert said in text_of(answer)
            assert "kept words" in answer.text


def test_a_verb_that_is_not_for_the_state_says_so(app: Flask, world: World) -> None:
    answer = send(browser(app, "reviewer"), "/teams/team/decline", **{"team-reason": "no"})
    assert answer.status_code == 422
    assert "This is approved" in text_of(answer)


SEE = {"lead", "member", "admin", "reviewer", "funder"}


def test_who_sees_which_pages(app: Flask, world: World) -> None:
    spends = {"lead", "member", "admin", "funder"}
    for who in PEOPLE:
        client = browser(app, who)
        assert client.get("/teams").status_code == 200, who
        assert client.get("/teams/team").status_code == (200 if who in SEE else 404), who
        assert client.get("/teams/team/ledger").status_code == (200 if who in spends else 404), who
        page = client.get("/teams/team").text
        assert ("Decide on this team" in page) == (who in {"admin", "reviewer"}), who
        assert ("Take somebody in" in page) == (who in {"admin", "lead"}), who
        assert (">Balance<" in page) == (who in spends), who
        assert ("All teams" in client.get("/teams").text) == (who in {"admin", "reviewer", "funder"}), who


@pytest.mark.parametrize("verb", ["approve", "suspend"])
def test_only_reviewers_decide(app: Flask, world: World, verb: str) -> None:
    for who, status in (("lead", 403), ("funder", 403), ("rival", 404), ("operator", 404)):
        assert send(browser(app, who), f"/teams/team/{verb}", **{"team-reason": "x"}).status_code == status
    assert state(app) == "approved"


def test_visitors_sign_in_first(app: Flask, client: FlaskClient, world: World) -> None:
    for address in ("/teams", "/teams/new", "/teams/team", "/teams/team/ledger"):
        answer = client.get(address)
        assert answer.status_code == 303
        assert answer.location.startswith("/sign-in")


def test_nothing_is_done_without_the_word_against_forgery(app: Flask, world: World) -> None:
    client = browser(app, "reviewer")
    assert client.post("/teams/team/suspend", data={"team-reason": "x"}).status_code == 400
    assert state(app) == "approved"


def test_the_balance_says_what_is_held_charged_and_left_and_when_the_period_begins_anew(
    app: Flask, world: World
) -> None:
    with app.app_context():
        window = Window(NOW.replace(minute=15), NOW.replace(minute=15) + timedelta(hours=5))
        request_booking(world.order(window, 2), actor=world.lead, now=NOW)
    page = browser(app, "member").get("/teams/team")
    said = text_of(page)
    assert '<data value="36000">10 GPU-hours</data>' in page.text
    assert '<data value="324000">90 GPU-hours</data>' in page.text
    assert "10 GPU-hours of 40 GPU-hours used this week" in said
    assert "the next begins on 9 Mar 2026 00:00 (Asia/Shanghai)" in said
    assert "1,000 access-hours" in said


def test_what_ends_within_a_fortnight_is_said(app: Flask) -> None:
    build_world(app, pool_hours=100, until=NOW + timedelta(days=13))
    said = text_of(browser(app, "lead").get("/teams/team"))
    assert "The approval ends on 15 Mar 2026 16:05 (Asia/Shanghai)" in said
    assert "A grant for all pools ends on 15 Mar 2026 16:05 (Asia/Shanghai); 100 GPU-hours are left." in said


def test_what_ends_later_is_not_announced(app: Flask) -> None:
    build_world(app, until=NOW + timedelta(days=15))
    assert "ends on" not in text_of(browser(app, "lead").get("/teams/team"))


def test_the_ledger_is_read_newest_first_and_page_by_page(app: Flask, world: World) -> None:
    with app.app_context():
        for hour in range(1, 30):
            start = NOW.replace(minute=0) + timedelta(hours=hour)
            order = world.order(Window(start, start + timedelta(hours=1)), 1, seats=1)
            last = request_booking(order, actor=world.lead, now=NOW)
    client = browser(app, "member")
    first = client.get("/teams/team/ledger").text
    assert f"/bookings/{last.id}" in first
    assert "page=2" in first
    second = client.get("/teams/team/ledger?page=2").text
    assert "given to the team" in second
    assert "page=3" not in second


def test_a_lead_takes_people_in_and_hands_the_lead_over(app: Flask, world: World) -> None:
    lead = browser(app, "lead")
    assert send(lead, "/teams/team/members", email="stranger@example.org", role="member").status_code == 303
    assert "Stranger" in text_of(lead.get("/teams/team"))
    member = f"/teams/team/members/{world.member.user_id}"
    assert send(lead, f"{member}/role", role="lead").status_code == 303
    answer = send(lead, f"/teams/team/members/{world.lead.user_id}/remove")
    assert (answer.status_code, answer.location) == (303, "/teams")
    assert lead.get("/teams/team").status_code == 404


@pytest.mark.parametrize("act", ["role", "remove"])
def test_the_last_lead_hears_why_nothing_was_done(app: Flask, world: World, act: str) -> None:
    lead = browser(app, "lead")
    answer = send(lead, f"/teams/team/members/{world.lead.user_id}/{act}", role="member")
    assert answer.status_code == 303
    assert "would be without a lead" in text_of(lead.get(answer.location))


NOT_TAKEN_IN = [
    ("nobody@example.org", "Nobody has an account"),
    ("member@example.org", "is in Team already"),
    ("no address", "not an e-mail address"),
    ("", "required"),
]


def test_who_cannot_be_taken_in_is_said_beside_the_field(app: Flask, world: World, subtests: pytest.Subtests) -> None:
    for email, said in NOT_TAKEN_IN:
        with subtests.test(email=email, said=said):
            answer = send(browser(app, "lead"), "/teams/team/members", email=email, role="member")
            assert answer.status_code == 422
            assert said in text_of(answer)
            assert f'value="{email}"' in answer.text


def test_members_do_not_manage_but_may_leave(app: Flask, world: World) -> None:
    member = browser(app, "member")
    assert send(member, f"/teams/team/members/{world.lead.user_id}/remove").status_code == 403
    assert send(member, "/teams/team/members", email="stranger@example.org", role="lead").status_code == 403
    assert "Leave the team" in member.get("/teams/team").text
    assert send(member, f"/teams/team/members/{world.member.user_id}/remove").location == "/teams"


def test_all_teams_are_searched(app: Flask, world: World) -> None:
    reviewer = browser(app, "reviewer")
    assert "Rival Team" in text_of(reviewer.get("/teams?q=RIVAL"))
    assert "There is no such team." in text_of(reviewer.get("/teams?q=%25"))
    assert "There is no such team." in text_of(reviewer.get("/teams?state=applied"))
    assert reviewer.get("/teams?state=x&page=-1&q=" + "x" * 5000).status_code == 200


ADDRESSES = ("/teams", "/teams/new", "/teams/team", "/teams/team/ledger", "/grants", "/grants/new", "/grants/1")


def statements(app: Flask, client: FlaskClient) -> dict[str, int]:
    """How many statements each page takes."""
    found = {}
    for address in ADDRESSES:
        with counted_statements(app) as seen:
            assert client.get(address).status_code == 200
        found[address] = len(seen)
    return found


def test_pages_take_as_many_statements_however_much_there_is(app: Flask, world: World) -> None:
    admin = browser(app, "admin")
    before = statements(app, admin)
    grant = {"team": "team", "scope": "kind:pool", "unit_hours": "1", "cap_hours": "5", "cap_per": "week"}
    grant |= {"timezone": "UTC", "starts_at": "2026-03-01T00:00", "ends_at": "2026-06-01T00:00"}
    for number in range(3):
        send(admin, "/teams/new", **application(slug=f"team-{number}"))
        assert send(admin, "/grants/new", **grant).status_code == 303
    assert statements(app, admin) == before
    assert max(before.values()) <= 12
