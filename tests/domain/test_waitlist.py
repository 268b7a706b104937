"""What may be wished for, what is worth waiting for, and when a wish is past."""

from dataclasses import replace

import pytest

from booking.domain.errors import Conflict, Invalid
from booking.domain.refusals import Code, Refusal
from booking.domain.waitlist import (
    FARTHEST,
    MOST_WAITING,
    Wish,
    check_beside,
    check_wish,
    hopeless,
    is_past,
    is_worth_waiting,
    wish_instead,
)
from booking.domain.windows import Window
from tests.domain.examples import MONDAY, at, hours, together

HOUR = 3600
WISH = Wish(team_id=1, units=8, min_seconds=2 * HOUR, max_seconds=2 * HOUR, span=hours(10, 12), resource_id=1)
KINDS = {1: "pool", 2: "dataset", 3: "pool", 4: "dataset"}


def refusal(code: Code, **numbers: object) -> Refusal:
    return Refusal(code, "", "", numbers)


def test_a_wish_that_fits_its_span_exactly_is_meant():
    check_wish(WISH, MONDAY)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"resource_id": None}, "resource"),
        ({"gpu_model": "A100"}, "resource"),
        ({"region": "Beijing"}, "region"),
        ({"dataset_id": 1}, "dataset"),
        ({"units": 0}, "units"),
        ({"min_seconds": 0}, "hours"),
        ({"max_seconds": 2 * HOUR - 1}, "max_hours"),
        ({"span": hours(-2, 0)}, "latest"),
        ({"span": hours(11, 12)}, "latest"),
        ({"span": hours(-10, 1)}, "latest"),
        ({"span": Window(at(10), MONDAY + FARTHEST + (at(1) - at(0)))}, "latest"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_field_named(changed, field):
    with pytest.raises(Invalid) as invalid:
        check_wish(replace(WISH, **changed), MONDAY)
    assert invalid.value.field == field


def test_a_team_waits_for_each_thing_once_and_for_no_more_than_twenty():
    other = replace(WISH, units=4)
    check_beside(WISH, [other] * (MOST_WAITING - 1))
    with pytest.raises(Conflict):
        check_beside(WISH, [other, replace(WISH, purpose="another word for it", take_automatically=True)])
    with pytest.raises(Conflict):
        check_beside(WISH, [other] * MOST_WAITING)


def test_a_wish_is_past_once_its_shortest_window_cannot_end_in_time():
    assert not is_past(WISH, at(10))
    assert is_past(WISH, at(10, second=1))


def test_only_what_others_can_give_back_is_worth_waiting_for():
    assert is_worth_waiting([refusal(Code.CAPACITY_EXCEEDED), refusal(Code.QUOTA_EXCEEDED)])
    assert not is_worth_waiting([refusal(Code.CAPACITY_EXCEEDED), refusal(Code.TOO_LONG)])
    assert not is_worth_waiting([])


def test_a_retired_resource_is_hopeless_and_a_closed_one_is_not():
    closed, retired = refusal(Code.RESOURCE_CLOSED, reason="repair"), refusal(Code.RESOURCE_CLOSED, state="retired")
    assert hopeless([closed, retired, refusal(Code.CAPACITY_EXCEEDED)]) == (retired,)


def test_an_order_of_a_pool_and_a_seat_becomes_the_wish_for_exactly_its_window():
    wish = wish_instead(together(hours(10, 12), (2, 1), (1, 8)), KINDS)
    assert wish == replace(WISH, dataset_id=2, purpose="training")
    assert wish.claims_on(1) == together(hours(10, 12), (1, 8), (2, 1)).claims


def test_seats_alone_are_waited_for_as_units():
    wish = wish_instead(together(hours(10, 12), (2, 3)), KINDS)
    assert wish is not None
    assert (wish.resource_id, wish.units, wish.dataset_id) == (2, 3, None)


@pytest.mark.parametrize("claims", [((1, 8), (3, 8)), ((1, 8), (2, 2)), ((1, 8), (2, 1), (4, 1)), ((2, 1), (4, 1))])
def test_what_no_entry_can_say_becomes_no_wish(claims):
    assert wish_instead(together(hours(10, 12), *claims), KINDS) is None
