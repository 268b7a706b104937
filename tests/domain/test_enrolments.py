"""Places of activities are decided by the rule that decides on GPUs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.activities import Activity, ActivityKind, NewActivity
from booking.domain.courses import Course
from booking.domain.enrolments import check_open, refusals
from booking.domain.errors import Conflict, Invalid
from booking.domain.refusals import Code
from tests.domain.examples import at, hours

CONTEST = Activity(
    7, "contest", "Contest", 1, "north", "North", "contest", "Beijing", "Hall", "", at(10), at(12), places=2
)


def test_the_last_place_can_be_taken_and_one_more_cannot() -> None:
    assert refusals(CONTEST, 1, at(9)) == ()
    (refusal,) = refusals(CONTEST, 2, at(9))
    assert refusal.code is Code.CAPACITY_EXCEEDED
    assert (refusal.numbers["places"], refusal.numbers["activity"]) == (2, "Contest")
    assert "wait list" in refusal.message


@given(places=st.one_of(st.none(), st.integers(1, 50)), enrolled=st.integers(0, 60))
def test_there_is_a_place_where_a_plain_count_leaves_one(places: int | None, enrolled: int) -> None:
    free = places is None or enrolled < places
    assert (refusals(replace(CONTEST, places=places), enrolled, at(9)) == ()) is free


def test_nobody_enrols_in_what_has_begun_is_closed_or_cancelled() -> None:
    check_open(CONTEST, at(9, 59))
    for activity, now in (
        (CONTEST, at(10)),
        (replace(CONTEST, enrol_until=at(8)), at(8)),
        (replace(CONTEST, cancelled_at=at(1)), at(9)),
    ):
        with pytest.raises(Conflict):
            check_open(activity, now)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("places", {"places": 0}),
        ("course", {"course": "safety"}),
        ("course", {"kind": ActivityKind.TRAINING}),
        ("enrol_until", {"enrol_until": at(11)}),
    ],
)
def test_an_activity_that_cannot_be_meant_names_its_field(field: str, change: dict[str, object]) -> None:
    new = NewActivity("Day", "day", "north", ActivityKind.CONTEST, "Beijing", "Hall", "", hours(10, 12))
    with pytest.raises(Invalid) as refused:
        replace(new, **change).checked()  # type: ignore[arg-type]
    assert refused.value.field == field


def test_a_completion_counts_for_so_many_days_or_for_ever() -> None:
    course = Course(1, "safety", "Safety", 1, "north", "North", "", 30)
    assert course.expiry(at(0)) == at(0) + timedelta(days=30)
    assert replace(course, valid_days=None).expiry(at(0)) is None
