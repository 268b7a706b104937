"""What may be looked for and offered, what a proposal may be, and what demand finds no supply."""

from dataclasses import replace

import pytest

from booking.domain.docking import (
    FARTHEST,
    MOST_STANDING,
    Demand,
    DemandState,
    Lack,
    NewDemand,
    NewOffer,
    Source,
    after_proposal,
    check_beside,
    demand_of,
    gaps,
    is_past,
    proposed,
)
from booking.domain.errors import Conflict, IllegalMove, Invalid
from booking.domain.matching import Aim
from booking.domain.orders import Claim
from booking.domain.waitlist import Wish
from booking.domain.windows import Window
from tests.domain.examples import MONDAY, at, hours

HOUR = 3600
ASKED = NewDemand(1, 8, 2 * HOUR, hours(10, 14), gpu_models=("A100",), note="training")
OFFER = NewOffer(7, 16, hours(10, 34), at(20))


def demand(asked: NewDemand = ASKED, state: DemandState = DemandState.OPEN, booking: int | None = None) -> Demand:
    return Demand(5, "team", "Team", state, asked, "radar", "Radar", booking, None, MONDAY, 3)


def test_what_is_kept_has_each_choice_once_on_one_line():
    kept = replace(ASKED, gpu_models=(" H100", "A100", "H100 "), note=" a\r\nb ").checked(MONDAY)
    assert (kept.gpu_models, kept.note) == (("H100", "A100"), "a\nb")
    assert ASKED.checked(MONDAY) == ASKED


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"gpu_models": ()}, "gpu_models"),
        ({"gpu_models": ("A", "B", "C", "D", "E")}, "gpu_models"),
        ({"gpu_models": (" ",)}, "gpu_models"),
        ({"gpu_models": (), "dataset_id": 1, "regions": ("Beijing",)}, "regions"),
        ({"gpu_models": (), "dataset_id": 1, "memory_gib": 40}, "memory_gib"),
        ({"memory_gib": -1}, "memory_gib"),
        ({"units": 0}, "units"),
        ({"units": 2**31}, "units"),
        ({"seconds": 0}, "hours"),
        ({"note": "\x00"}, "note"),
        ({"span": hours(-2, 0)}, "latest"),
        ({"span": hours(-10, 1)}, "latest"),
        ({"span": hours(13, 14)}, "latest"),
        ({"span": Window(at(10), MONDAY + FARTHEST + (at(1) - at(0)))}, "latest"),
    ],
)
def test_a_demand_that_cannot_be_meant_is_refused_with_the_field_named(changed, field):
    with pytest.raises(Invalid) as invalid:
        replace(ASKED, **changed).checked(MONDAY)
    assert invalid.value.field == field


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"units": 0}, "units"),
        ({"span": hours(-2, 0)}, "ends_at"),
        ({"until": at(0)}, "until"),
        ({"until": at(34.25)}, "until"),
        ({"team_id": 1, "region": "Beijing"}, "team"),
        ({"team_id": 1, "kind": "university"}, "team"),
        ({"region": "x" * 81}, "region"),
    ],
)
def test_an_offer_that_cannot_be_meant_is_refused_with_the_field_named(changed, field):
    with pytest.raises(Invalid) as invalid:
        replace(OFFER, **changed).checked(MONDAY)
    assert invalid.value.field == field


def test_an_offer_is_meant_for_everybody_some_or_one_team():
    aims = [replace(OFFER, **said).aim for said in ({}, {"region": "Beijing"}, {"kind": "university"}, {"team_id": 1})]
    assert aims == [Aim.EVERYBODY, Aim.SOME, Aim.SOME, Aim.TEAM]


def test_a_team_looks_for_each_thing_once_and_for_no_more_than_twenty():
    other = replace(ASKED, units=4)
    check_beside(ASKED, [other] * (MOST_STANDING - 1))
    for standing in ([replace(ASKED, note="other words")], [other] * MOST_STANDING):
        with pytest.raises(Conflict):
            check_beside(ASKED, standing)


def test_only_an_open_demand_is_proposed_to():
    demand().must_be_open("propose")
    with pytest.raises(Conflict, match="booking 9"):
        demand(state=DemandState.MATCHED, booking=9).must_be_open("propose")
    with pytest.raises(IllegalMove):
        demand(state=DemandState.WITHDRAWN).must_be_open("propose")


def test_a_demand_is_fulfilled_by_a_yes_alone():
    assert after_proposal("accept") is DemandState.FULFILLED
    assert {after_proposal(verb) for verb in ("decline", "expire", "cancel")} == {DemandState.OPEN}


def test_a_demand_is_past_when_its_last_start_is():
    assert not is_past(ASKED, at(12))
    assert is_past(ASKED, at(12.25))


def test_a_proposal_lies_inside_the_demand_and_claims_its_seat_too():
    asked = replace(ASKED, dataset_id=4)
    assert proposed(demand(asked), 7, "pool", 6, hours(11, 12)).claims == (Claim(7, 6), Claim(4, 1))
    seats = replace(ASKED, gpu_models=(), dataset_id=4)
    assert proposed(demand(seats), 4, "dataset", 8, hours(11, 12)).claims == (Claim(4, 8),)
    for resource, kind, units, window, field in (
        (4, "dataset", 8, hours(10, 12), "resource"),
        (7, "pool", 9, hours(10, 12), "units"),
        (7, "pool", 0, hours(10, 12), "units"),
        (7, "pool", 8, hours(9, 12), "starts_at"),
        (7, "pool", 8, hours(12, 15), "ends_at"),
    ):
        with pytest.raises(Invalid) as invalid:
            proposed(demand(asked), resource, kind, units, window)
        assert invalid.value.field == field


def test_what_is_waited_for_is_looked_for_as_it_is():
    wish = Wish(1, 8, 2 * HOUR, 4 * HOUR, hours(10, 14), resource_id=7, dataset_id=4, purpose="training")
    assert demand_of(wish, "A100") == replace(ASKED, dataset_id=4)
    by_model = replace(wish, resource_id=None, gpu_model="H100", region="Beijing")
    assert demand_of(by_model, "") == replace(ASKED, gpu_models=("H100",), dataset_id=4, regions=("Beijing",))
    seats = replace(wish, resource_id=4, dataset_id=None)
    assert demand_of(seats, "") == replace(ASKED, gpu_models=(), dataset_id=4)


def lack(source: Source, team: int = 1, model: str = "A100", units: int = 8, day: float = 0) -> Lack:
    span = hours(24 * day + 10, 24 * day + 12)
    return Lack(source, team, model, units, 2 * HOUR, span, span.start.date())


def test_demand_of_one_week_and_model_is_summed_up_whoever_it_is_from():
    found = gaps(
        [
            lack(Source.REFUSED), lack(Source.REFUSED, team=2), lack(Source.WAITING, day=6),
            lack(Source.DEMAND, model="H100"), lack(Source.DEMAND, day=7),
        ]
    )  # fmt: skip
    assert [(gap.model, gap.wishes, gap.unit_seconds // HOUR) for gap in found] == [
        ("A100", 3, 48), ("H100", 1, 16), ("A100", 1, 16),
    ]  # fmt: skip
    assert (found[0].refused, found[0].waiting, found[0].demanded) == (2, 1, 0)
    assert found[0].most_units == 8
    assert found[2].week == (MONDAY + 7 * (at(24) - at(0))).date()


def test_one_wish_counts_once_however_often_it_shows_and_not_once_it_is_met():
    everywhere = [lack(source) for source in (Source.REFUSED, Source.WAITING, Source.DEMAND)]
    (gap,) = gaps(everywhere)
    assert (gap.wishes, gap.demanded, gap.refused) == (1, 1, 0)
    assert gaps([*everywhere, lack(Source.MET)]) == []
