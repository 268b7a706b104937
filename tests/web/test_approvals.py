"""The approval inbox: what waits for whom, the evaluator's answer now, and the yes and the no."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from booking.db import transaction
from booking.domain.orders import Claim, Order
from booking.models.capacity import CapacityChange
from booking.models.resources import Resource
from booking.services.bookings import request_booking
from tests.support import lives
from tests.support.lives import NOW, at, window
from tests.support.pages import buttons_of, text_of
from tests.support.statements import counted_statements
from tests.support.visitors import send
from tests.support.world import World, build_world

Clients = Callable[[str], FlaskClient]
pytestmark = pytest.mark.usefixtures("clock")

ASKS = {"auto_approve_unit_hours": 0}


@pytest.fixture
def world(app: Flask) -> World:
    """A world in which every booking waits for the owners of all that it claims."""
    return build_world(app, policy=ASKS, dataset_policy=ASKS)


@pytest.fixture
def book(app: Flask, world: World) -> Callable[..., int]:
    """Books for the team: hours from now, units, seats; `more` are claims by resource id."""

    def request(
        start: float = 24,
        end: float = 26,
        units: int = 8,
        seats: int = 0,
        team: int = 0,
        more: dict[int, int] | None = None,
    ) -> int:
        wanted = {world.pool: units, world.dataset: seats, **(more or {})}
        claims = tuple(Claim(resource_id, number) for resource_id, number in wanted.items() if number)
        order = Order(team or world.team, window(start, end), claims, "Train <fast>")
        with app.app_context():
            return request_booking(order, actor=world.rival if team == world.rival_team else world.lead, now=NOW).id

    return request


def state_of(app: Flask, booking_id: int) -> str:
    with app.app_context():
        return str(lives.found(booking_id).state)


def press(client: FlaskClient, booking_id: int, verb: str, **form: str) -> Any:
    return send(client, f"/approvals/{booking_id}/{verb}", form)


def test_it_shows_what_waits_with_its_age_and_deadline_the_most_urgent_first(
    as_: Clients, book: Callable[..., int], clock: time_machine.Traveller
):
    book(60, 62), book(6, 8)
    clock.move_to(NOW + timedelta(minutes=50))
    page = as_("operator").get("/approvals").text
    assert "Train &lt;fast&gt;" in page
    text = text_of(page)
    assert "Asked 50 minutes ago" in text
    assert "8 GPUs of NORTH-A100" in text
    assert text.index("2 Mar 2026 22:00") < text.index("5 Mar 2026 04:00")
    assert buttons_of(page) == ["Approve", "Decline"] * 2


@pytest.mark.parametrize(
    ("name", "seen"), [("operator", True), ("admin", True), ("steward", False), ("other_operator", False)]
)
def test_each_owner_sees_what_waits_for_them(as_: Clients, book: Callable[..., int], name: str, seen: bool):
    book()
    page = as_(name).get("/approvals")
    assert page.status_code == 200
    assert ("NORTH-A100" in page.text) is seen
    assert ("Nothing waits for your answer." in page.text) is not seen


@pytest.mark.parametrize("name", ["lead", "reviewer", "funder", "stranger"])
def test_who_looks_after_nothing_has_no_inbox(as_: Clients, world: World, name: str):
    assert as_(name).get("/approvals").status_code == 404


def test_a_yes_confirms(app: Flask, as_: Clients, book: Callable[..., int]):
    booking_id, owner = book(), as_("operator")
    answer = press(owner, booking_id, "approve")
    assert (answer.status_code, answer.location) == (303, "/approvals")
    assert state_of(app, booking_id) == "confirmed"
    page = owner.get("/approvals").text
    assert "Approved." in page
    assert "Nothing waits for your answer." in page


def test_every_owner_answers_for_their_own_and_the_last_yes_confirms(
    app: Flask, world: World, as_: Clients, book: Callable[..., int]
):
    booking_id = book(24, 26, 8, 1, more={world.other_pool: 4})
    for name, after in (("operator", "pending"), ("other_operator", "pending"), ("steward", "confirmed")):
        client = as_(name)
        assert "NORTH-A100" in client.get("/approvals").text
        press(client, booking_id, "approve")
        assert state_of(app, booking_id) == after
        assert "Nothing waits for your answer." in client.get("/approvals").text


def test_a_no_declines_with_a_reason_that_the_team_reads(app: Flask, as_: Clients, book: Callable[..., int]):
    booking_id = book()
    press(as_("operator"), booking_id, "decline", reason="The <b>cooling</b> is down")
    assert state_of(app, booking_id) == "declined"
    assert "The &lt;b&gt;cooling&lt;/b&gt; is down" in as_("member").get(f"/bookings/{booking_id}").text


def test_a_no_without_a_reason_is_asked_for_one_and_what_was_typed_stays(
    app: Flask, as_: Clients, book: Callable[..., int]
):
    first, second, owner = book(), book(48, 50), as_("operator")
    answer = press(owner, second, "decline", reason="  ")
    assert answer.status_code == 422
    assert f'id="reason-{second}-error"' in answer.text
    assert f'id="reason-{first}-error"' not in answer.text
    long = press(owner, second, "decline", reason="so <much> " * 500)
    assert long.status_code == 422
    assert "so &lt;much&gt; so" in long.text
    assert state_of(app, second) == "pending"


def test_the_evaluators_answer_is_that_of_now_its_own_share_left_out(
    app: Flask, world: World, as_: Clients, book: Callable[..., int]
):
    kept, lost = book(24, 26, 40), book(24, 26, 20)
    owner = as_("operator")
    assert text_of(owner.get("/approvals").text).count("It fits now.") == 2
    with app.app_context(), transaction() as session:
        cut = {"kind": "outage", "units": 20, "starts_at": at(20), "ends_at": at(30), "created_at": NOW}
        session.add(CapacityChange(resource_id=world.pool, **cut))
        bumped = update(Resource).where(Resource.id == world.pool)
        session.execute(bumped.values(offer_version=Resource.offer_version + 1))

    page = text_of(owner.get("/approvals").text)
    assert page.count("It does not fit now:") == 2
    assert "NORTH-A100 has 4 units free at 3 Mar 2026 16:00 (Asia/Shanghai) where you ask for 20" in page
    refused = press(owner, lost, "approve")
    assert refused.status_code == 409
    assert text_of(refused.text).count("has 4 units free") == 2  # beside the button, and in the answer of now
    press(owner, lost, "decline", reason="outage")
    assert "It fits now." in text_of(owner.get("/approvals").text)
    press(owner, kept, "approve")
    assert (state_of(app, kept), state_of(app, lost)) == ("confirmed", "declined")


def test_what_needs_quota_is_judged_with_the_quota_it_holds_itself(app: Flask, as_: Clients):
    world = build_world(app, policy=ASKS, pool_hours=16, cap_hours=16)
    with app.app_context():
        request_booking(world.order(window(24, 26), 8), actor=world.lead, now=NOW)
    page = as_("operator").get("/approvals").text
    assert "It fits now." in page


def test_limits_of_a_team_count_its_other_bookings_and_not_this_one(app: Flask, as_: Clients):
    world = build_world(app, policy={**ASKS, "max_units_per_team": 8, "max_concurrent_bookings": 1})
    with app.app_context():
        request_booking(world.order(window(24, 26), 8), actor=world.lead, now=NOW)
    assert "It fits now." in as_("operator").get("/approvals").text


@pytest.mark.parametrize(("name", "status"), [("other_operator", 404), ("steward", 403), ("lead", 403), ("rival", 404)])
@pytest.mark.parametrize("verb", ["approve", "decline"])
def test_nobody_else_answers(app: Flask, as_: Clients, book: Callable[..., int], name: str, status: int, verb: str):
    booking_id = book()
    assert press(as_(name), booking_id, verb, reason="because").status_code == status
    assert state_of(app, booking_id) == "pending"


def test_a_second_answer_hears_that_the_first_was_given(app: Flask, as_: Clients, book: Callable[..., int]):
    booking_id, one, other = book(), as_("operator"), as_("admin")
    press(one, booking_id, "approve")
    late = press(other, booking_id, "decline", reason="no")
    assert late.status_code == 409
    assert "This is confirmed" in text_of(late.text)
    assert state_of(app, booking_id) == "confirmed"


@pytest.mark.parametrize("booking_id", ["x", "0", "99999999999999999999"])
def test_a_number_that_is_no_bookings_finds_nothing(as_: Clients, world: World, booking_id: str):
    assert send(as_("operator"), f"/approvals/{booking_id}/approve").status_code == 404


def test_its_number_of_questions_is_fixed_however_much_waits(
    app: Flask, world: World, as_: Clients, book: Callable[..., int]
):
    admin = as_("admin")
    book(24, 26, 1, 1)
    admin.get("/approvals")
    with counted_statements(app) as few:
        admin.get("/approvals")
    for number in range(24):
        book(
            30 + number,
            31 + number,
            1,
            number % 2,
            team=(world.team, world.rival_team)[number % 2],
            more={world.other_pool: 1},
        )
    admin.get("/approvals")
    with counted_statements(app) as many:
        page = admin.get("/approvals").text
    assert len(many) == len(few)
    assert page.count("It fits now.") == 20
    assert 'href="/approvals?page=2"' in page
