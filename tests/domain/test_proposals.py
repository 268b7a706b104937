"""What an entry can be offered, for how long that is held, and what a list does under any releases and bookings."""

from dataclasses import replace
from datetime import timedelta

from booking.domain.lifecycle import State
from booking.domain.policies import Policy
from booking.domain.proposals import HELD_FOR, TIME_TO_ANSWER, answer_until, decided, hold_until, propose, reach_of
from booking.domain.waitlist import Wish
from tests.domain.examples import MONDAY, at, blocks, dataset, grant, hours, order, pool, situation, together

HOUR = 3600


def wish(units=8, least=2, most=2, span=(10, 24), **fields):
    return Wish(1, units, least * HOUR, most * HOUR, hours(*span), **{"resource_id": 1, **fields})


def window_of(proposal):
    assert proposal is not None
    return proposal.order.window


def test_the_earliest_window_that_is_free_is_offered_and_held_for_a_day_at_most():
    here = situation(pool(units=8, held=blocks((10, 13, 1))))
    proposal = propose(wish(), 1, here)
    assert window_of(proposal) == hours(13, 15)
    assert (proposal.decision.state, proposal.decision.hold_until) == (State.OFFERED, at(13))
    assert proposal.decision.holds
    assert hold_until(hours(40, 42), MONDAY) == MONDAY + HELD_FOR


def test_nothing_is_offered_where_nothing_is_free_in_time_or_quota_is_short():
    assert propose(wish(span=(10, 14)), 1, situation(pool(units=8, held=blocks((10, 13, 1))))) is None
    assert propose(wish(), 1, situation(grants=[grant(amount=16 * HOUR - 1)])) is None
    assert window_of(propose(wish(), 1, situation(grants=[grant(amount=16 * HOUR)]))) == hours(10, 12)


def test_an_offer_leaves_time_to_answer_and_what_is_taken_automatically_may_begin_at_once():
    now = at(10, 5)
    assert window_of(propose(wish(), 1, situation(now=now))).start == at(10, 45) >= now + TIME_TO_ANSWER
    assert window_of(propose(wish(take_automatically=True), 1, situation(now=now))).start == at(10)


def test_an_offer_is_as_long_as_is_free_up_to_the_longest_time():
    here = situation(pool(units=8, held=blocks((13, 14, 1))))
    assert window_of(propose(wish(least=1, most=2), 1, here)) == hours(10, 12)
    assert window_of(propose(wish(least=1, most=9), 1, here)) == hours(10, 13)
    assert window_of(propose(wish(least=1, most=99, span=(14, 24)), 1, here)) == hours(14, 24)


def test_a_length_off_the_grid_or_too_short_becomes_one_that_can_be_booked():
    off = replace(wish(), min_seconds=100, max_seconds=100)
    assert window_of(propose(off, 1, situation(pool(grid_minutes=30)))) == hours(10, 10.5)
    assert window_of(propose(off, 1, situation(pool(min_minutes=60)))) == hours(10, 11)


def test_a_seat_beside_a_pool_is_offered_in_the_same_window():
    here = situation(pool(), dataset(2, seats=1, held=blocks((0, 12, 1))))
    proposal = propose(wish(dataset_id=2), 1, here)
    assert window_of(proposal) == hours(12, 14)
    assert proposal.order.claims == together(hours(12, 14), (1, 8), (2, 1)).claims


def test_what_is_taken_automatically_is_decided_like_a_request_and_holds_while_an_owner_thinks():
    assert propose(wish(take_automatically=True), 1, situation()).decision.state is State.CONFIRMED
    asking = situation(pool(auto_approve_unit_hours=0, hold_minutes=0))
    for automatically in (True, False):
        decision = propose(wish(take_automatically=automatically), 1, asking).decision
        assert decision.holds
        assert decision.lines[1]
        assert decision.approvals == {1}
        assert decision.state is (State.PENDING if automatically else State.OFFERED)


def test_an_order_that_is_refused_meanwhile_is_no_proposal():
    assert decided(order(65), wish(65), situation()) is None


def test_owners_have_as_long_as_for_a_request_and_never_beyond_the_start():
    def until(*minutes):
        return answer_until(hours(48, 50), [Policy(hold_minutes=each) for each in minutes], MONDAY)

    assert until(60, 90) == at(1)
    assert until(None) == until(10_000) == at(48)
    assert until(0) == MONDAY + timedelta(minutes=2_880)


def test_a_wish_reaches_from_now_to_its_end_and_nowhere_afterwards():
    assert reach_of(wish(), at(2)) == hours(10, 24)
    assert reach_of(wish(), at(24)) is None
    assert reach_of(wish(span=(10, 80)), at(70)).start == at(46)
