"""Node lists become GPUs by model, and pools are brought to the list's totals."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.capacity import CapacityChange, Change, Steps, offered
from booking.domain.csv_lines import Unreadable
from booking.domain.errors import Invalid
from booking.domain.nodes import Model, NodeList, adjustments, model_key, offered_from, pool_slug, read_nodes
from booking.domain.windows import Window
from tests.domain.examples import MONDAY, at, hours, occupations

HEADER = "sn,cpu_milli,memory_mib,gpu,model"


def listed(*lines: str) -> NodeList:
    return read_nodes("\n".join([HEADER, *lines]).encode())


def test_nodes_of_one_model_are_counted_together() -> None:
    found = listed("a,1,1,8,G2", "b,1,1,2,T4", "c,1,1,4,G2")
    assert found.models == (Model("g2", "G2", 12, 2), Model("t4", "T4", 2, 1))
    assert found.gpus == 14
    assert found.bad == ()


def test_spellings_that_differ_in_case_or_spaces_only_are_one_model_named_as_first_seen() -> None:
    assert listed("a,1,1,8,V100 M32", "b,1,1,2,v100-m32").models == (Model("v100-m32", "V100 M32", 10, 2),)


def test_a_node_without_gpus_counts_for_nothing_and_needs_no_model() -> None:
    assert listed("a,1,1,0,", "b,1,1,1,T4") == NodeList((Model("t4", "T4", 1, 1),))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a,1,1,1,T4", "line 3: node 'a' is in line 2 already"),
        (",1,1,1,T4", "line 3: sn is empty"),
        ("b,1,1,-1,T4", "line 3: gpu is '-1', not a whole number from 0 to 1000"),
        ("b,1,1,1.5,T4", "line 3: gpu is '1.5', not a whole number from 0 to 1000"),
        ("b,1,1,,T4", "line 3: gpu is '', not a whole number from 0 to 1000"),
        ("b,1,1,2147483648,T4", "line 3: gpu is '2147483648', not a whole number from 0 to 1000"),
        ("b,1,1,1001,T4", "line 3: gpu is '1001', not a whole number from 0 to 1000"),
        ("b,1,1,1,", "line 3: model is empty"),
        ("b,1,1,1,显卡", "line 3: model is '显卡': without a letter a–z or a digit its pool has no short name"),
        ("b,1,1,1,T\u20284\u200f", "line 3: model is 'T\\u20284\\u200f': This contains characters that are not seen."),
        (f"b,1,1,1,{'x' * 81}", f"line 3: model is '{'x' * 40}…': This is longer than 80 characters."),
        ("b,1,1", "line 3: 3 values where the first line names 5 columns"),
    ],
)
def test_a_bad_node_is_left_out_and_named(line: str, said: str) -> None:
    found = listed("a,1,1,8,T4", line, "z,1,1,8,T4")
    assert found.models == (Model("t4", "T4", 16, 2),)
    assert [str(bad) for bad in found.bad] == [said]


def test_a_list_without_the_columns_that_count_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="the first line does not name once: gpu, model"):
        read_nodes(b"sn,cpu_milli\na,1\n")


@pytest.mark.parametrize(
    ("name", "key"), [("G2", "g2"), ("V100M16", "v100m16"), ("A100 80GB (SXM4)", "a100-80gb-sxm4")]
)
def test_the_slug_of_a_pool_is_that_of_its_facility_and_its_model(name: str, key: str) -> None:
    assert model_key(name) == key
    assert pool_slug("imported", Model(key, name, 1, 1)) == f"imported-{key}"


def test_a_slug_that_would_be_too_long_is_refused() -> None:
    with pytest.raises(Invalid):
        pool_slug("x" * 70, Model("y" * 20, "Y", 1, 1))


def test_a_new_pool_gets_all_of_its_gpus_for_the_whole_window() -> None:
    day = hours(0, 24)
    assert list(adjustments(Steps(), 12, day)) == [CapacityChange(Change.SUPPLY, 12, day.start, day.end, "node list")]


def test_the_same_list_again_changes_nothing() -> None:
    day = hours(0, 24)
    assert list(adjustments(offered(adjustments(Steps(), 12, day)), 12, day)) == []


def test_the_next_day_the_offer_grows_by_a_day_at_its_end() -> None:
    today, tomorrow = hours(0, 48), hours(24, 72)
    first = offered(adjustments(Steps(), 12, today))
    assert list(adjustments(first, 12, tomorrow)) == [CapacityChange(Change.SUPPLY, 12, at(48), at(72), "node list")]


@given(occupations(), st.integers(0, 8))
def test_whatever_was_offered_the_list_is_met_throughout_the_window(
    occupied: list[tuple[datetime, datetime | None, int]], gpus: int
) -> None:
    before = [CapacityChange(Change.SUPPLY, units, start, end) for start, end, units in occupied if units]
    window = Window(at(0, 10), at(0, 50))
    after = offered([*before, *adjustments(offered(before), gpus, window)])
    assert after.within(window) == [(window.start, gpus)]


def test_the_offer_begins_at_midnight_and_lasts_ten_years() -> None:
    noon = MONDAY + timedelta(hours=12, seconds=1)
    assert offered_from(noon) == Window(datetime(2026, 3, 2, tzinfo=UTC), datetime(2036, 2, 28, tzinfo=UTC))
