"""The pages of grants and refunds."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.db import db
from booking.domain.grants import Balance
from booking.domain.windows import Window
from booking.queries.balances import balance_of, balances_of
from booking.services import due_bookings
from booking.services.bookings import request_booking
from tests.support import pages, visitors
from tests.support.visitors import signed_in
from tests.support.world import PEOPLE, World, build_world

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOURS = 3600


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    """The clock stands still until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app, pool_hours=100)


def browser(app: Flask, who: str) -> FlaskClient:
    """A browser in which somebody has signed in."""
    return signed_in(app, f"{who}@example.org")


def send(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    return visitors.send(client, address, fields)


def text_of(answer: TestResponse) -> str:
    """What is read on a page; instants and amounts stand in the sentences that they belong to."""
    return pages.text_of(re.sub(r"</?(time|data)\b[^>]*>", "", answer.text))


def typed(**changed: str) -> dict[str, str]:
    usual = {
        "team": World.TEAM,
        "scope": "kind:pool",
        "unit_hours": "1.5",
        "timezone": "Asia/Shanghai",
        "starts_at": "2026-03-01T00:00",
        "ends_at": "2026-06-01T00:00",
        "cap_hours": "",
        "cap_per": "week",
        "reason": "",
    }
    return {**usual, **changed}


def grants_of(app: Flask, world: World) -> list[Balance]:
    with app.app_context():
        return sorted(balances_of(db.session(), world.team), key=lambda one: one.id)


def test_a_funder_gives_a_grant(app: Flask, world: World) -> None:
    fields = typed(cap_hours="0.5", cap_per="month", reason="pilot")
    answer = send(browser(app, "funder"), "/grants/new", **fields)

    assert answer.status_code == 303
    given = grants_of(app, world)[-1]
    assert answer.location == f"/grants/{given.id}"
    assert given.grant.amount == 5400
    assert given.grant.window == Window(datetime(2026, 2, 28, 16, tzinfo=UTC), datetime(2026, 5, 31, 16, tzinfo=UTC))
    assert given.grant.cap is not None
    assert (given.grant.cap.unit_seconds, given.grant.cap.per, given.timezone) == (1800, "month", "Asia/Shanghai")
    page = text_of(browser(app, "lead").get(f"/grants/{given.id}"))
    assert "all pools" in page
    assert "1.5 GPU-hours" in page
    assert "0 GPU-hours of 0.5 GPU-hours used this month" in page
    assert "pilot" in page


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("funder", {"kind:pool", "kind:dataset", "facility:north-centre", "facility:south-centre",
                    "resource:north-a100", "resource:south-h100", "resource:north-radar"}),
        ("operator", {"facility:north-centre", "resource:north-a100"}),
        ("steward", {"facility:north-centre", "resource:north-radar"}),
        ("other_operator", {"facility:south-centre", "resource:south-h100"}),
    ],
)  # fmt: skip
def test_everybody_is_offered_what_they_may_give(app: Flask, world: World, who: str, offered: set[str]) -> None:
    client = browser(app, who)
    page = client.get("/grants/new").text
    assert set(re.findall(r'value="((?:kind|facility|resource):[^"]+)"', page)) == offered
    for scope in offered:
        assert send(client, "/grants/new", **typed(scope=scope)).status_code == 303
    for scope in {"kind:pool", "resource:south-h100", "resource:north-radar"} - offered:
        assert send(client, "/grants/new", **typed(scope=scope)).status_code == 422


def test_who_sees_which_pages(app: Flask, world: World, subtests: pytest.Subtests) -> None:
    for who in PEOPLE:
        with subtests.test(who=who):
            client = browser(app, who)
            gives = {"admin", "funder", "operator", "steward", "other_operator"}
            assert client.get("/grants").status_code == (200 if who in gives else 404)
            assert client.get("/grants/new").status_code == (200 if who in gives else 403)
            sees = {"admin", "funder", "lead", "member"}
            assert client.get(f"/grants/{world.pool_grant}").status_code == (200 if who in sees else 404)
            for verb in ("top-up", "cut"):
                status = send(client, f"/grants/{world.pool_grant}/{verb}", **{f"{verb}-unit_hours": "1"}).status_code
                assert status == (303 if who in {"admin", "funder"} else 403 if who in sees else 404)


CANNOT_BE_MEANT = [
    ({"unit_hours": ""}, "required"),
    ({"unit_hours": "0"}, "Say more than 0 hours."),
    ({"unit_hours": "-1"}, "Say hours as a number"),
    ({"unit_hours": "0.0001"}, "no fraction of a second"),
    ({"unit_hours": "NaN"}, "Say hours as a number"),
    ({"unit_hours": "1e400"}, "Say hours as a number"),
    ({"unit_hours": "1,5"}, "Say hours as a number"),
    ({"unit_hours": "9" * 5000}, "Say hours as a number"),
    ({"cap_hours": "ten"}, "Say hours as a number"),
    ({"cap_per": "day"}, "Not a valid choice"),
    ({"scope": "kind:gpu"}, "Not a valid choice"),
    ({"scope": ""}, "required"),
    ({"team": "none"}, "Not a valid choice"),
    ({"timezone": "Mars/Phobos"}, "Not a valid choice"),
    ({"starts_at": "yesterday"}, "Not a valid"),
    ({"ends_at": "2026-03-01T00:00"}, "The end is not after the start."),
    ({"ends_at": "2127-03-01T00:00"}, "at most 100 years"),
    ({"ends_at": "2226-03-01T00:00"}, "too far away"),
    ({"starts_at": "0001-01-01T00:00"}, "too far away"),
    ({"reason": "x" * 2001}, "longer than 2,000 characters"),
]


def test_what_cannot_be_meant_is_said_and_what_was_typed_stays(
    app: Flask, world: World, subtests: pytest.Subtests
) -> None:
    for changed, said in CANNOT_BE_MEANT:
        with subtests.test(changed=changed, said=said):
            before = len(grants_of(app, world))
            answer = send(browser(app, "funder"), "/grants/new", **typed(**{"reason": "kept words", **changed}))
            assert answer.status_code == 422
            assert said in text_of(answer)
            if "reason" not in changed:
                assert "kept words" in answer.text
            assert len(grants_of(app, world)) == before


def test_what_people_wrote_is_shown_as_text(app: Flask, world: World) -> None:
    funder, words = browser(app, "funder"), "<script>alert(1)</script> %(held)s"
    send(funder, "/grants/new", **typed(reason=words))
    for address in (f"/grants/{grants_of(app, world)[-1].id}", "/teams/team/ledger", "/teams/team"):
        page = browser(app, "lead").get(address)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    assert words in text_of(browser(app, "lead").get("/teams/team/ledger"))


def test_the_form_begins_with_the_team_that_the_link_names(app: Flask, world: World) -> None:
    assert '<option selected value="rival-team">' in browser(app, "funder").get("/grants/new?team=rival-team").text


def test_a_cap_of_zero_is_a_cap(app: Flask, world: World) -> None:
    send(browser(app, "funder"), "/grants/new", **typed(cap_hours="0"))
    cap = grants_of(app, world)[-1].grant.cap
    assert cap is not None
    assert cap.unit_seconds == 0


def booked(app: Flask, world: World, hours: int = 4) -> int:
    with app.app_context():
        window = Window(NOW, NOW + timedelta(hours=hours))
        return request_booking(world.order(window, 10, seats=1), actor=world.lead, now=NOW).id


def test_a_grant_is_topped_up_and_cut_and_says_what_stays(app: Flask, world: World) -> None:
    booked(app, world)
    funder, grant = browser(app, "funder"), f"/grants/{world.pool_grant}"

    answer = send(funder, f"{grant}/top-up", **{"top-up-unit_hours": "0.1", "top-up-reason": "more"})
    assert "0.1 GPU-hours are added." in text_of(funder.get(answer.location))
    answer = send(funder, f"{grant}/cut", **{"cut-unit_hours": "10.1", "cut-reason": "less"})
    assert "10.1 GPU-hours are taken back." in text_of(funder.get(answer.location))
    answer = send(funder, f"{grant}/cut", **{"cut-unit_hours": "80"})
    assert (
        "50 GPU-hours are taken back. 30 GPU-hours of what you said stay: 40 GPU-hours are held by bookings and"
        " 0 GPU-hours are charged."
    ) in text_of(funder.get(answer.location))
    answer = send(funder, f"{grant}/cut", **{"cut-unit_hours": "1", "cut-reason": "kept words"})
    assert answer.status_code == 422
    assert "of 40 hours 40 are held by bookings and 0 are charged" in text_of(answer)
    assert "kept words" in answer.text
    with app.app_context():
        assert balance_of(db.session(), world.pool_grant).grant.amount == 40 * HOURS


NO_AMOUNTS_VERB = ["top-up", "cut"]
NO_AMOUNTS_HOURS = ["", "0", "-1", "one", "0.0001", "NaN"]


def test_an_amount_that_cannot_be_meant_is_said_beside_it(app: Flask, world: World, subtests: pytest.Subtests) -> None:
    for verb in NO_AMOUNTS_VERB:
        for hours in NO_AMOUNTS_HOURS:
            with subtests.test(verb=verb, hours=hours):
                answer = send(
                    browser(app, "funder"), f"/grants/{world.pool_grant}/{verb}", **{f"{verb}-unit_hours": hours}
                )
                assert answer.status_code == 422
                assert answer.text.count('class="invalid-feedback') == 1
                with app.app_context():
                    assert balance_of(db.session(), world.pool_grant).grant.amount == 100 * HOURS


def test_a_grant_that_has_ended_is_not_topped_up(app: Flask, world: World, traveller: time_machine.Traveller) -> None:
    send(browser(app, "funder"), "/grants/new", **typed())
    grant = f"/grants/{grants_of(app, world)[-1].id}"
    traveller.move_to(datetime(2026, 6, 1, tzinfo=UTC))
    funder = browser(app, "funder")
    assert "Top up" not in funder.get(grant).text
    assert "This grant has ended." in text_of(funder.get(grant))
    answer = send(funder, f"{grant}/top-up", **{"top-up-unit_hours": "1"})
    assert answer.status_code == 422


def test_the_list_holds_the_grants_of_one_team(app: Flask, world: World) -> None:
    page = text_of(browser(app, "funder").get("/grants?team=rival-team"))
    assert "Rival Team" in page
    assert "Team all pools" not in page.replace("Rival Team", "")
    assert "No grant that concerns you." in text_of(browser(app, "operator").get("/grants"))


def test_an_owner_gives_back_what_a_booking_cost(app: Flask, world: World, traveller: time_machine.Traveller) -> None:
    booking = booked(app, world)
    address = f"/bookings/{booking}/refund"
    assert "Nothing is charged" in text_of(browser(app, "operator").get(address))
    traveller.move_to(NOW + timedelta(hours=4))
    with app.app_context():
        due_bookings.start_due(NOW + timedelta(hours=4))
        due_bookings.complete_due(NOW + timedelta(hours=4))

    operator = browser(app, "operator")
    assert "40 GPU-hours" in text_of(operator.get(address))
    fields = {"resource": World.POOL, "unit_hours": "2.5", "reason": ""}
    assert "Say why this is given back" in text_of(send(operator, address, **fields))
    over = send(operator, address, **{**fields, "unit_hours": "41", "reason": "down"})
    assert over.status_code == 422
    assert "40 hours of this are charged, and you said 41" in text_of(over)
    assert send(operator, address, **{**fields, "resource": World.DATASET, "reason": "x"}).status_code == 422
    done = send(operator, address, **{**fields, "reason": "nodes were down"})
    assert (done.status_code, done.location) == (303, f"/bookings/{booking}")
    with app.app_context():
        assert balance_of(db.session(), world.pool_grant).grant.charged == int(37.5 * HOURS)


MAY_GIVE_BACK = [("lead", 403), ("rival", 404), ("other_operator", 404), ("steward", 200)]


def test_who_may_give_back(app: Flask, world: World, subtests: pytest.Subtests) -> None:
    address = f"/bookings/{booked(app, world)}/refund"
    for who, status in MAY_GIVE_BACK:
        with subtests.test(who=who):
            assert browser(app, who).get(address).status_code == status


def test_visitors_sign_in_first(client: FlaskClient, world: World) -> None:
    for address in ("/grants", "/grants/new", "/grants/1", "/bookings/1/refund"):
        assert client.get(address).status_code == 303


def test_a_funder_issues_a_voucher_that_its_team_sees(app: Flask, world: World) -> None:
    given = send(browser(app, "funder"), "/grants/new", **typed(subsidy_percent="40"))
    assert given.status_code == 303
    assert "北方研究院 pays 40 % of what its hours cost." in text_of(browser(app, "funder").get(given.location))
    assert "Voucher of 北方研究院, which pays 40 %" in text_of(browser(app, "lead").get("/teams/team"))
    wrong = send(browser(app, "funder"), "/grants/new", **typed(subsidy_percent="101"))
    assert wrong.status_code == 422


def test_a_voucher_for_others_is_refused_beside_the_team_and_what_was_typed_stays(app: Flask, world: World) -> None:
    mine = {"subsidy_percent": "40", "eligible_kinds": "institute", "eligible_regions": "Beijing\n\n Guangdong "}
    given = send(browser(app, "funder"), "/grants/new", **typed(**mine))
    shown = text_of(browser(app, "lead").get(given.location))
    assert "Issued to organisations of institute, Beijing, Guangdong" in shown

    refused = send(browser(app, "funder"), "/grants/new", **typed(**mine | {"eligible_regions": "Guangdong"}))
    assert refused.status_code == 422
    assert "This voucher is for organisations of: Guangdong." in text_of(refused)
    assert "Guangdong</textarea>" in refused.text
