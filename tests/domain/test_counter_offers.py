"""What owners may answer besides yes and no, without any database."""

from datetime import timedelta

import pytest

from booking.domain.bookings import BookedClaim, Booking
from booking.domain.counter_offers import HELD_FOR, answer_by, in_part, offered_instead
from booking.domain.errors import Invalid
from booking.domain.ledger import Terms
from booking.domain.lifecycle import State
from booking.domain.orders import Claim
from booking.domain.windows import Window
from tests.domain.examples import at

NOON = Window(at(12), at(16))


def claim(resource_id: int, units: int, least_units: int | None = None) -> BookedClaim:
    terms = Terms(units, NOON)
    return BookedClaim(resource_id, f"pool-{resource_id}", "pool", 1, 15, units, terms, least_units=least_units)


WAITING = Booking(
    id=1, team_id=1, team="team", state=State.PENDING, window=NOON, claims=(claim(1, 8, 4), claim(2, 6)),
    purpose="training", unit_seconds=1, version=1, created_at=at(0), created_by=1,
)  # fmt: skip


def test_fewer_units_are_approved_down_to_the_least_that_the_team_named() -> None:
    for units in (8, 5, 4):
        assert in_part(WAITING, [Claim(1, units)], {1, 2}).units_of(1) == units
    assert in_part(WAITING, [], {1}) == WAITING.order()


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Claim(1, 3), "claims.0.units"),
        (Claim(1, 9), "claims.0.units"),
        (Claim(2, 5), "claims.0.units"),
        (Claim(3, 1), "claims.0.resource"),
    ],
)
def test_what_the_team_did_not_leave_open_is_refused_by_its_field(wanted: Claim, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        in_part(WAITING, [wanted], {1, 2})
    assert caught.value.field == field


def test_nobody_lowers_what_another_owner_answers_for() -> None:
    with pytest.raises(Invalid):
        in_part(WAITING, [Claim(1, 4)], {2})


def test_an_offer_is_something_else_than_what_was_asked_for() -> None:
    assert offered_instead(WAITING, Window(at(13), at(17)), None).window == Window(at(13), at(17))
    assert offered_instead(WAITING, None, (Claim(1, 4),)).claims == (Claim(1, 4),)
    with pytest.raises(Invalid):
        offered_instead(WAITING, NOON, (Claim(2, 6), Claim(1, 8)))


def test_an_offer_waits_a_day_and_never_beyond_its_start() -> None:
    order = WAITING.order()
    assert answer_by(order, None, at(0)) == at(12)
    assert answer_by(order, None, at(12) - HELD_FOR - timedelta(hours=1)) == at(11)
    assert answer_by(order, at(12), at(0)) == at(12)
    for wanted, now in ((at(12) + timedelta(seconds=1), at(0)), (at(1), at(1)), (None, at(12))):
        with pytest.raises(Invalid):
            answer_by(order, wanted, now)
