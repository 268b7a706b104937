"""The best offers for a wish: the earliest first, as long as fits, and only what the evaluator would admit."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain import wishes
from booking.domain.admission import admit
from booking.domain.bases import Basis
from booking.domain.capacity import Steps
from booking.domain.orders import Order, Resource, Use
from booking.domain.refusals import Code
from booking.domain.search import Need, Offer, Stepped
from booking.domain.windows import Window
from booking.domain.wishes import Asker, Candidate, Place, Share, measured, ranked
from tests.domain.examples import MONDAY, TEAM, at, blocks, codes, dataset, grant, hours, occupations, pool, weekly

HOUR = 3600
SPAN = hours(0, 48)
STEP = timedelta(minutes=15)


def offers(
    *resources: Resource,
    units: int = 8,
    lengths: tuple[int, int] = (2 * HOUR, 2 * HOUR),
    asker: Asker | None = None,
    liked: tuple[int, ...] = (),
    limit: int = 10,
    span: Window = SPAN,
) -> list[Offer]:
    """The best offers of pools, found by the plain search."""
    candidates, places = [], []
    for resource in resources:
        shares = (Share(resource, units),)
        measure = measured(shares, *lengths, span, MONDAY)
        if measure is None:
            continue
        needs = [Need(resource.offer, resource.held, units, resource.grid_minutes)]
        room = Stepped([*needs, *(asker.needs(shares) if asker else ())], span)
        window = room.first(measure.seconds, since=measure.within.start, until=measure.within.end)
        if window:
            preference = liked.index(resource.id) if resource.id in liked else 0
            places.append(Place(window.start, preference, measure.cost, resource.slug, len(candidates)))
            candidates.append(Candidate(shares, measure, room))
    return ranked(places, candidates.__getitem__, now=MONDAY, limit=limit, asker=asker)


def team(*, uses: dict[int, Use] | None = None, **fields: object) -> Asker:
    return Asker(TEAM, (grant(1, **fields),), uses or {})


def test_the_earliest_comes_first_and_of_equals_what_is_liked_better_then_what_costs_less_then_the_slug():
    pools = [pool(1), pool(2, held=blocks((0, 1, 64))), pool(3, weight_percent=50), pool(4)]
    assert [offer.resource for offer in offers(*pools)] == ["pool-3", "pool-1", "pool-4", "pool-2"]
    assert [offer.resource for offer in offers(*pools, liked=(4, 1, 3))] == ["pool-4", "pool-1", "pool-3", "pool-2"]
    assert [offer.resource for offer in offers(*pools, limit=1)] == ["pool-3"]


def test_a_range_begins_where_the_least_fits_and_goes_on_as_long_as_fits_there():
    here = pool(held=blocks((0, 1, 64), (3, 4, 64), (9, 10, 64)))
    assert [offer.window for offer in offers(here, lengths=(2 * HOUR, 9 * HOUR))] == [hours(1, 3)]
    assert [offer.window for offer in offers(here, lengths=(3 * HOUR, 4 * HOUR))] == [hours(4, 8)]


def test_a_range_keeps_to_the_longest_booking_the_horizon_and_what_needs_no_approval_at_once():
    assert offers(pool(max_minutes=180), lengths=(HOUR, 9 * HOUR))[0].window == hours(0, 3)
    assert offers(pool(horizon_days=1), lengths=(HOUR, 90 * HOUR))[0].window == hours(0, 24)
    asking = offers(pool(auto_approve_unit_hours=24), lengths=(HOUR, 9 * HOUR))[0]
    assert (asking.window, asking.approvals) == (hours(0, 3), ())
    later = offers(pool(auto_approve_unit_hours=24), lengths=(4 * HOUR, 9 * HOUR))[0]
    assert (later.window.start, later.approvals) == (at(minute=15), ("pool-1",))


def test_with_a_team_the_offer_waits_for_its_quota_and_is_no_longer_than_that():
    capped = team(cap=weekly(40 * HOUR), used={MONDAY: 16 * HOUR})
    assert offers(pool(), lengths=(HOUR, 9 * HOUR), asker=capped)[0].window == hours(0, 3)
    begins = team(window=hours(30, 99))
    assert offers(pool(), asker=begins)[0].window == hours(30, 32)
    assert offers(pool(), asker=team(amount=15 * HOUR)) == []


def test_a_pool_whose_window_moves_on_falls_behind_the_others():
    busy = {1: Use(units=blocks((0, 5, 64)))}
    found = offers(pool(1, max_units_per_team=64), pool(2), asker=team(uses=busy))
    assert [(offer.resource, offer.window) for offer in found] == [("pool-2", hours(0, 2)), ("pool-1", hours(5, 7))]


def test_a_window_ends_with_the_permit_or_says_that_another_one_comes_first():
    def found(basis: Basis, *held: tuple[float, float, int]) -> tuple[Window, list[Code]]:
        seats = dataset(1, held=blocks(*held))
        asker = replace(team(kind="dataset"), bases={1: basis})
        (offer,) = offers(seats, units=1, lengths=(2 * HOUR, 9 * HOUR), asker=asker)
        return offer.window, codes(offer.first)

    until_four = Basis(terms=2, accepted=2, needs_permit=True, permitted_until=at(4))
    assert found(until_four) == (hours(0, 4), [])
    assert found(until_four, (0, 3, 2)) == (hours(3, 12), [Code.PERMIT_MISSING])
    assert found(replace(until_four, accepted=1)) == (hours(0, 4), [Code.TERMS_NOT_ACCEPTED])
    assert found(replace(until_four, permitted_until=None)) == (hours(0, 9), [Code.PERMIT_MISSING])
    assert found(Basis(late_since=MONDAY)) == (hours(0, 9), [Code.NOT_ELIGIBLE])


def test_saying_no_for_many_pools_takes_a_bounded_number_of_looks(monkeypatch):
    monkeypatch.setattr(wishes, "MOST_LOOKS_IN_ALL", 30)
    looks = []
    monkeypatch.setattr("booking.domain.search.admit", lambda *one: looks.append(one) or admit(*one))
    # Every week is a second short of what is asked for, so that each look moves on by one step.
    short = team(cap=weekly(8 * 24 * HOUR - 1))
    many = [pool(number, grid_minutes=1) for number in range(1, 40)]
    month = Window(at(), at(day=28))
    assert offers(*many, lengths=(48 * HOUR, 48 * HOUR), asker=short, span=month) == []
    assert len(looks) <= 30 + len(many)


held = st.builds(Steps.total, occupations(most=4, units=4)).map(
    lambda steps: Steps(tuple((at() + (instant - at()) * 15, level) for instant, level in steps.changes), steps.base)
)


@settings(max_examples=50)
@given(st.lists(held, min_size=1, max_size=3), st.integers(1, 6), st.integers(0, 8), st.sampled_from([8, 12, 400]))
def test_each_offer_is_the_first_that_trying_everything_finds(levels, least, more, quota):
    pools = [pool(number + 1, units=4, held=own) for number, own in enumerate(levels)]
    asker, span = team(amount=quota * HOUR // 2), Window(at(), at() + 70 * STEP)
    lengths = (least * 900, (least + more) * 900)
    found = {offer.resource: offer.window for offer in offers(*pools, units=2, lengths=lengths, asker=asker, span=span)}
    for one in pools:
        assert found.get(one.slug) == tried(one, least, least + more, asker, span)


def tried(one: Resource, least: int, most: int, asker: Asker, span: Window) -> Window | None:
    """Every start one after the other, and there every length from the longest on."""
    share = Share(one, 2)
    here = asker.situation([share], MONDAY)
    start = span.start
    while start < span.end:
        admitted = [
            Window(start, start + steps * STEP)
            for steps in range(most, least - 1, -1)
            if start + steps * STEP <= span.end
            and not admit(Order(TEAM.id, Window(start, start + steps * STEP), (share.claim,)), here).refusals
        ]
        if admitted:
            return admitted[0]
        start += STEP
    return None
