"""Which waiting bookings a yes to another shuts out."""

from dataclasses import replace

from booking.domain.refusals import Code
from booking.domain.rivalry import Waiting, shut_out
from tests.domain.examples import TEAM, grant, hours, order, pool, situation

RIVAL = replace(TEAM, id=2, name="Rivals")
HOUR = 3600


def waiting(number: int, units: int, start: float = 10, *, of: int = 1, team: int = 1, amount: int = 10**9) -> Waiting:
    """An order of two hours for a pool of sixteen, of a team with so much quota."""
    asked = replace(order(units, hours(start, start + 2), of=of), team_id=team)
    against = situation(pool(of, units=16), team=TEAM if team == 1 else RIVAL, grants=[grant(team, amount)])
    return Waiting(number, asked, against)


def test_who_no_longer_fits_beside_it_is_named_with_the_numbers() -> None:
    (found,) = shut_out(waiting(1, 10), [waiting(2, 7, team=2)])
    assert found.booking_id == 2
    assert [(one.code, one.numbers["free"], one.numbers["short"]) for one in found.refusals] == [
        (Code.CAPACITY_EXCEEDED, 6, 1)
    ]


def test_who_fits_beside_it_or_at_another_time_or_elsewhere_is_not() -> None:
    others = [waiting(2, 6, team=2), waiting(3, 16, 12, team=2), waiting(4, 16, of=2, team=2)]
    assert list(shut_out(waiting(1, 10), others)) == []


def test_who_does_not_fit_anyway_is_not_shut_out_by_it() -> None:
    assert list(shut_out(waiting(1, 10), [waiting(2, 17, team=2)])) == []


def test_what_does_not_fit_itself_shuts_nobody_out() -> None:
    assert list(shut_out(waiting(1, 17), [waiting(2, 16, team=2)])) == []


def test_quota_of_the_same_team_is_shared_and_that_of_others_is_not() -> None:
    first = waiting(1, 8, amount=20 * HOUR)
    (found,) = shut_out(first, [waiting(2, 8, 14, amount=20 * HOUR)])
    assert [one.code for one in found.refusals] == [Code.QUOTA_EXCEEDED]
    assert list(shut_out(first, [waiting(2, 8, 14, team=2, amount=20 * HOUR), first])) == []
