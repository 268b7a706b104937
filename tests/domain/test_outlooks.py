"""What a card of the catalogue says of a resource."""

import pytest

from booking.domain.outlooks import Shape, outlook, usual_shape
from tests.domain.examples import at, blocks, dataset, hours, pool

DAY = 24 * 3600


@pytest.mark.parametrize(
    ("units", "limits", "shape"),
    [
        (512, {}, Shape(64, 3 * DAY)),
        (100, {}, Shape(8, 3 * DAY)),
        (1, {}, Shape(1, 3 * DAY)),
        (512, {"max_minutes": 1_000}, Shape(64, 990 * 60)),
        (512, {"max_units": 12, "unit_step": 8}, Shape(8, 3 * DAY)),
        (16, {"unit_step": 8}, Shape(8, 3 * DAY)),
        (4, {"unit_step": 8}, None),
        (0, {}, None),
        (64, {"max_units": 4, "unit_step": 8}, None),
    ],
)
def test_the_common_shape_is_an_eighth_for_three_days_as_far_as_limits_let(
    units: int, limits: dict[str, int], shape: Shape | None
):
    assert usual_shape(pool(units=units, **limits), units) == shape


def test_of_a_dataset_it_is_a_seat_for_a_working_day():
    assert usual_shape(dataset(seats=2), 2) == Shape(1, 8 * 3600)


def test_the_first_window_is_the_one_that_can_be_booked():
    busy = pool(units=64, held=blocks((0, 30, 60)))
    found = outlook(busy, "UTC", at(9, 7))
    assert (found.now.offered, found.now.held) == (64, 60)
    assert found.first == hours(30, 102)
    assert [day.least_free for day in found.days[:3]] == [4, 4, 64]
    assert found.most == 64


def test_where_an_owner_answers_first_nothing_begins_in_the_step_that_is_running():
    assert outlook(pool(auto_approve_unit_hours=0), "UTC", at(9, 7)).first == hours(9.25, 81.25)
    assert outlook(pool(), "UTC", at(9, 7)).first == hours(9, 81)


def test_nothing_is_promised_that_lies_beyond_the_days_that_are_shown():
    assert outlook(pool(held=blocks((0, 24 * 40, 60))), "UTC", at(9)).first is None


def test_it_is_true_until_the_next_step_or_the_next_change():
    assert outlook(pool(), "UTC", at(9, 7)).until == at(9, 15)
    assert outlook(pool(grid_minutes=60, held=blocks((0, 9.5, 4))), "UTC", at(9, 7)).until == at(9, 30)


def test_days_are_those_of_the_place():
    days = outlook(pool(), "Asia/Shanghai", at(9, 7)).days
    assert days[1].window == hours(16, 40)
