"""How well a supply serves a demand, and who gets what so that it is best for all together."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.matching import Aim, Sought, Supply, assigned, best, lots, match
from tests.domain.examples import at, hours

HOUR = 3600
SOUGHT = Sought(1, ("A100", "H100"), units=8, seconds=2 * HOUR, span=hours(10, 14))
SUPPLY = Supply("1", "A100", units=8, window=hours(0, 24), region="Beijing", memory_gib=80, aim=Aim.TEAM)


def terms(sought: Sought, supply: Supply) -> dict[str, int]:
    found = match(sought, supply)
    assert found is not None
    assert found.score == sum(term.points for term in found.terms)
    assert all(0 <= term.points <= term.most for term in found.terms)
    return {term.name: term.points for term in found.terms}


def test_what_serves_perfectly_has_a_hundred_points():
    found = match(SOUGHT, SUPPLY)
    assert found is not None
    assert (found.score, sum(term.most for term in found.terms)) == (100, 100)
    assert (found.start, found.units) == (at(10), 8)


@pytest.mark.parametrize(
    ("sought", "supply", "term", "points"),
    [
        ({}, {"choice": "H100"}, "model", 30),
        ({}, {"window": hours(11, 24)}, "soon", 10),
        ({}, {"window": hours(12, 24)}, "soon", 0),
        ({"span": hours(10, 12)}, {}, "soon", 20),
        ({}, {"units": 6}, "units", 15),
        ({}, {"units": 16}, "units", 20),
        ({"regions": ("Guangdong", "Beijing")}, {}, "place", 8),
        ({"memory_gib": 40}, {}, "memory", 2),
        ({"memory_gib": 80}, {}, "memory", 5),
        ({}, {"aim": Aim.SOME}, "aim", 3),
        ({}, {"aim": Aim.FREE}, "aim", 0),
    ],
)
def test_each_term_says_what_is_worse(sought, supply, term, points):
    asked, given_ = replace(SOUGHT, **sought), replace(SUPPLY, **supply)
    found = terms(asked, given_)
    perfect = terms(SOUGHT, SUPPLY)
    assert found[term] == points
    assert {name for name in found if found[name] != perfect[name]} <= {term}


@pytest.mark.parametrize(
    ("sought", "supply"),
    [
        ({}, {"choice": "T4"}),
        ({"regions": ("Guangdong",)}, {}),
        ({"memory_gib": 81}, {}),
        ({}, {"window": hours(12.25, 24)}),
        ({}, {"window": hours(0, 11.75)}),
    ],
)
def test_what_cannot_serve_is_no_match(sought, supply):
    assert match(replace(SOUGHT, **sought), replace(SUPPLY, **supply)) is None


scores = st.integers(0, 4).flatmap(
    lambda columns: st.lists(st.lists(st.integers(0, 100), min_size=columns, max_size=columns), max_size=4)
)


@given(scores)
def test_no_other_way_to_give_each_row_a_column_is_worth_more(table):
    found = assigned(table)
    given_ = [column for column in found if column is not None]
    assert len(given_) == len(set(given_))
    assert all(column is None or table[row][column] > 0 for row, column in enumerate(found))
    worth = sum(table[row][column] for row, column in enumerate(found) if column is not None)
    assert worth == most_by_trying_everything(table)


def most_by_trying_everything(table):
    """Each row gets a column of its own, or one of as many that are worth nothing."""
    padded = [[*row, *[0] * len(table)] for row in table]
    width = len(padded[0]) if padded else 0
    return max(
        sum(row[column] for row, column in zip(padded, order, strict=True))
        for order in permutations(range(width), len(padded))
    )


def test_the_second_best_for_one_is_taken_where_that_is_best_for_both():
    flexible, picky = SOUGHT, replace(SOUGHT, id=2, choices=("A100",))
    first, second = SUPPLY, replace(SUPPLY, id="2", choice="H100")
    found = best(one for sought in (flexible, picky) for supply in (first, second) if (one := match(sought, supply)))
    assert {(one.demand_id, one.supply_id) for one in found} == {(1, "2"), (2, "1")}


@pytest.mark.parametrize(
    ("free", "wanted", "cut"),
    [(64, [8, 40, 16], [40, 16, 8]), (50, [8, 40, 16], [40, 8]), (5, [8, 4], [8]), (9, [], [])],
)
def test_free_units_are_cut_into_lots_that_fit_beside_each_other(free, wanted, cut):
    assert lots(free, wanted) == cut
