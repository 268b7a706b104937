"""Who hears of what happened, of what exactly, and in which order; on both databases."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from booking.db import transaction
from booking.domain.jobs import JobResult
from booking.domain.waitlist import Wish
from booking.domain.windows import Window
from booking.models.bookings import Booking, Claim
from booking.models.capacity import Displacement
from booking.models.users import Role, User
from booking.services.bookings import request_booking
from booking.services.outbox import address_notices, deliver_due
from booking.services.waitlist import close_ended, join_waitlist
from tests.domain.examples import at
from tests.support.outbox import NOW, Postman, book, destinations, happen, items, statements
from tests.support.world import World, build_world


@pytest.fixture(autouse=True)
def _in_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def test_every_member_of_the_team_hears_of_a_booking_once(app: Flask):
    world = build_world(app)
    booking_id = book(world)

    assert address_notices(NOW) == JobResult(items=1)
    assert address_notices(NOW) == JobResult()

    assert destinations("confirmed") == ["mail:lead@example.org", "mail:member@example.org"]
    assert {item.booking_id for item in items(event="confirmed")} == {booking_id}
    assert [item.state for item in items(event="confirmed")] == ["delivered", "waiting", "waiting"]


def test_who_has_to_approve_hears_of_a_request_too(app: Flask):
    world = build_world(app, policy={"auto_approve_unit_hours": 0})
    book(world, seats=1)

    address_notices(NOW)

    assert destinations("pending") == ["mail:operator@example.org", "mail:lead@example.org", "mail:member@example.org"]
    audiences = [item.payload["audience"] for item in items(event="pending") if item.destination != "notices"]
    assert audiences == ["owner", "member", "member"]


def test_a_steward_hears_of_a_request_for_a_dataset(app: Flask):
    world = build_world(app, dataset_policy={"auto_approve_unit_hours": 0})
    book(world, seats=1)

    address_notices(NOW)

    assert "mail:steward@example.org" in destinations("pending")
    assert "mail:operator@example.org" not in destinations("pending")


def test_who_looks_after_a_resource_hears_whom_it_displaces(app: Flask):
    world = build_world(app)
    booking_id = book(world)
    with transaction() as session:
        session.add(Displacement(booking_id=booking_id, resource_id=world.pool, created_at=NOW))
    happen("displaced", f"booking:{booking_id}")

    address_notices(NOW)
    address_notices(NOW)

    assert "mail:operator@example.org" in destinations("displaced")
    assert "mail:other_operator@example.org" not in destinations("displaced")


def test_whoever_is_owner_and_member_hears_once_and_as_owner(app: Flask):
    world = build_world(app, policy={"auto_approve_unit_hours": 0})
    with transaction() as session:
        session.execute(update(User).values(active=User.id == world.lead.user_id))
        session.add(Role(user_id=world.lead.user_id, role="operator", organisation_id=world.north))
    book(world)

    address_notices(NOW)

    (mail,) = [item for item in items(event="pending") if item.destination != "notices"]
    assert (mail.destination, mail.payload["audience"]) == ("mail:lead@example.org", "owner")


@pytest.mark.parametrize("change", [{"active": False}, {"confirmed_at": None}], ids=["left", "unconfirmed"])
def test_no_mail_goes_to_people_who_left_or_whose_address_may_be_a_strangers(app: Flask, change: dict[str, Any]):
    world = build_world(app)
    book(world)
    with transaction() as session:
        session.execute(update(User).where(User.id == world.member.user_id).values(**change))

    address_notices(NOW)

    assert destinations("confirmed") == ["mail:lead@example.org"]


def test_an_application_is_read_by_reviewers_and_the_team(app: Flask):
    world = build_world(app)
    happen("team_applied", f"team:{world.team}")

    address_notices(NOW)

    assert destinations("team_applied") == [
        "mail:reviewer@example.org", "mail:lead@example.org", "mail:member@example.org",
    ]  # fmt: skip


def test_a_team_hears_of_its_grants_with_what_is_left(app: Flask):
    world = build_world(app, pool_hours=100)
    happen("grant_ending", f"grant:{world.pool_grant}")

    address_notices(NOW)

    mail = items(event="grant_ending")[-1]
    assert mail.payload["left_unit_seconds"] == 100 * 3600
    assert destinations("grant_ending") == ["mail:lead@example.org", "mail:member@example.org"]


def test_a_team_hears_that_it_waits_no_longer_with_what_it_waited_for(app: Flask):
    world = build_world(app, units=8)
    book(world)
    wish = Wish(world.team, 8, 7200, 7200, Window(at(12), at(14)), resource_id=world.pool, purpose="training")
    entry_id = join_waitlist(wish, actor=world.lead, now=NOW).id
    assert close_ended(at(13)) == JobResult(items=1)

    address_notices(at(13))

    assert destinations("waitlist_expired") == ["mail:lead@example.org", "mail:member@example.org"]
    (payload, _) = [one.payload for one in items(event="waitlist_expired") if one.destination != "notices"]
    assert (payload["about"], payload["lines"]) == (str(entry_id), [[8, "pool", "NORTH-A100"]])
    assert payload["reason"] == "no window was free in time"


def test_mail_says_what_was_so_when_it_was_addressed(app: Flask):
    world = build_world(app)
    booking_id = book(world, units=8, seats=1)
    address_notices(NOW)
    with transaction() as session:
        session.execute(update(Claim).values(units=4))
    postman = Postman()

    deliver_due(NOW, mail=postman)

    notice = postman.letters[0].notice
    assert [(line.units, line.kind, line.resource) for line in notice.lines] == [
        (8, "pool", "NORTH-A100"), (1, "dataset", "Radar pictures"),
    ]  # fmt: skip
    assert (notice.about, notice.team, notice.timezone) == (str(booking_id), "Team", "Asia/Shanghai")
    assert notice.window == Window(at(12), at(14))


def test_what_happened_to_one_booking_is_told_in_the_order_in_which_it_did(app: Flask):
    world = build_world(app)
    booking_id = book(world)
    for later in ("changed", "reminder", "active", "completed"):
        happen(later, f"booking:{booking_id}")
    postman = Postman()

    address_notices(NOW)
    deliver_due(NOW, mail=postman)

    heard = [letter.notice.event for letter in postman.letters if letter.reader.address == "lead@example.org"]
    assert heard == ["confirmed", "changed", "reminder", "active", "completed"]


def test_an_event_about_nothing_is_parked_and_holds_up_no_other(app: Flask):
    world = build_world(app)
    happen("team_approved", "team:4711")
    happen("confirmed", "nonsense")
    book(world)

    result = address_notices(NOW)

    assert result.items == 1
    assert len(result.errors) == 2
    assert [item.state for item in items(destination="notices")] == ["parked", "parked", "delivered"]


def test_nobody_is_reminded_of_a_booking_that_was_given_up_meanwhile(app: Flask):
    world = build_world(app)
    booking_id = book(world)
    address_notices(NOW)
    deliver_due(NOW, mail=Postman())
    happen("reminder", f"booking:{booking_id}")
    address_notices(NOW)
    happen("reminder", f"booking:{booking_id}")
    with transaction() as session:
        session.execute(update(Booking).values(state="cancelled"))
    postman = Postman()

    address_notices(NOW)
    deliver_due(NOW, mail=postman)

    assert postman.letters == []
    assert {item.state for item in items()} == {"delivered"}
    assert items()[-1].destination == "notices", "the second reminder was addressed to nobody"


def test_many_events_at_once_are_addressed_by_the_same_few_statements(app: Flask):
    world = build_world(app)

    few, many = (_statements_to_address(world, number) for number in (2, 30))

    assert many == few


def _statements_to_address(world: World, number: int) -> int:
    for hour in range(number):
        request_booking(world.order(Window(at(20 + hour), at(21 + hour)), 1), actor=world.lead, now=NOW)
    with statements() as sent:
        assert address_notices(NOW).items == number
    return len(sent)
