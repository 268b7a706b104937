"""Which version of a dataset's terms counts for whom, and what differs between two of them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.errors import Invalid
from booking.domain.terms import (
    Change,
    NewTerms,
    TermsVersion,
    checked_terms,
    differences,
    in_force,
    needed,
)
from tests.domain.examples import at

FIRST = TermsVersion(1, at(0), text="Cite us.")
SECOND = TermsVersion(2, at(10), text="Cite us.\nDelete it afterwards.")
URGENT = TermsVersion(3, at(12), urgent=True)


def test_a_version_is_in_force_from_its_effective_date_on() -> None:
    assert in_force([FIRST, SECOND], at(9, 59, 59)) == FIRST
    assert in_force([FIRST, SECOND], at(10)) == SECOND
    assert in_force([FIRST], at(-1)) is None


def test_of_two_versions_with_one_date_the_later_counts() -> None:
    assert in_force([FIRST, replace(SECOND, effective_at=at(0))], at(0)) == replace(SECOND, effective_at=at(0))


def test_a_running_window_keeps_the_version_it_began_with() -> None:
    assert needed([FIRST, SECOND], at(9), at(11)) == FIRST
    assert needed([FIRST, SECOND], at(10), at(11)) == SECOND


def test_an_urgent_version_counts_in_running_windows_too_once_it_is_in_force() -> None:
    assert needed([FIRST, SECOND, URGENT], at(9), at(11, 59)) == FIRST
    assert needed([FIRST, SECOND, URGENT], at(9), at(12)) == URGENT


def test_data_without_terms_needs_none() -> None:
    assert needed([], at(9), at(10)) is None
    assert needed([SECOND], at(9), at(11)) is None


def test_new_terms_are_kept_clean_and_in_force_at_once_where_nothing_is_said() -> None:
    assert checked_terms(NewTerms(" a\r\nb ", None, True), [], at(1)) == NewTerms("a\nb", at(1), True)


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewTerms("  "), "text"),
        (NewTerms("x" * 100_001), "text"),
        (NewTerms("a\0b"), "text"),
        (NewTerms(SECOND.text, at(11)), "text"),
        (NewTerms("new", at(4)), "effective_at"),
        (NewTerms("new", at(9)), "effective_at"),
        (NewTerms("new", at(day=4_000)), "effective_at"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused_by_their_field(new: NewTerms, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_terms(new, [FIRST, SECOND], at(5))
    assert refused.value.field == field


def test_differences_name_the_lines_that_went_and_came() -> None:
    found = differences("Cite us.\nPay.\nEnd.", "Cite us.\nPay twice.\nEnd.")
    assert [(one.change, one.lines) for one in found] == [
        (Change.SAME, ("Cite us.",)),
        (Change.REMOVED, ("Pay.",)),
        (Change.ADDED, ("Pay twice.",)),
        (Change.SAME, ("End.",)),
    ]


LINES = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=8)


@given(LINES, LINES)
def test_both_texts_can_be_read_back_from_their_differences(before: list[str], after: list[str]) -> None:
    found = differences("\n".join(before), "\n".join(after))
    old = [line for one in found if one.change is not Change.ADDED for line in one.lines]
    new = [line for one in found if one.change is not Change.REMOVED for line in one.lines]
    assert (old, new) == (before, after)


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=5), st.integers(0, 20), st.integers(0, 20))
def test_what_is_needed_never_goes_back_while_a_window_runs(
    dated: list[tuple[int, bool]], began: int, later: int
) -> None:
    hours = sorted(hour for hour, _ in dated)
    versions = [TermsVersion(n, at(hour), dated[n - 1][1]) for n, hour in enumerate(hours, 1)]
    numbers = [
        one.number if (one := needed(versions, at(began), at(began) + timedelta(hours=passed))) else 0
        for passed in range(later + 1)
    ]
    assert numbers == sorted(numbers)
