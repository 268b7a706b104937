"""What was refused, counted by reason, and the demand that found no supply."""

from datetime import date

from booking.domain.refused_wishes import Refusals, RefusedWish, Unmet, by_code, unmet

SUNDAY, MONDAY = date(2026, 3, 1), date(2026, 3, 2)
WISHES = [
    RefusedWish("A100", SUNDAY, 100, ("capacity_exceeded", "quota_exceeded"), 3),
    RefusedWish("A100", MONDAY, 10, ("resource_closed",), 1),
    RefusedWish("A100", MONDAY, 5, ("capacity_exceeded",), 1),
    RefusedWish("H100", MONDAY, 7, ("too_long",), 9),
]


def test_a_wish_counts_once_in_each_of_its_codes_and_its_repeats_apart():
    assert by_code(WISHES) == [
        Refusals("capacity_exceeded", 2, 4, 105),
        Refusals("quota_exceeded", 1, 3, 100),
        Refusals("resource_closed", 1, 1, 10),
        Refusals("too_long", 1, 9, 7),
    ]


def test_unmet_demand_is_what_more_supply_would_have_answered_in_the_week_it_was_wanted_for():
    assert unmet(WISHES) == [Unmet(date(2026, 2, 23), "A100", 1, 100), Unmet(MONDAY, "A100", 2, 15)]
