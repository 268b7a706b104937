"""Parts of a file, by the rules of RFC 9110."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.ranges import Part, Unsatisfiable, asked_part


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [("bytes=0-0", 0, 1), ("bytes=5-", 5, 10), ("bytes=-3", 7, 10), ("bytes=-99", 0, 10), ("bytes=2-99", 2, 10)],
)
def test_a_single_range_is_understood(header: str, start: int, end: int) -> None:
    part = asked_part(header, 10)
    assert part == Part(start, end, 10)
    assert part.content_range == f"bytes {start}-{end - 1}/10"


@pytest.mark.parametrize(
    "header", [None, "", "bytes=", "bytes=5-2", "lines=1-2", "bytes=1-2,4-5", "bytes=a-b", "bytes=-"]
)
def test_what_is_no_single_range_is_answered_with_the_whole(header: str | None) -> None:
    assert asked_part(header, 10) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-5", 0)])
def test_a_range_outside_the_file_is_refused_with_its_size(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable) as outside:
        asked_part(header, size)
    assert outside.value.size == size


def test_a_condition_that_does_not_hold_asks_for_the_whole() -> None:
    assert asked_part("bytes=5-", 10, condition_holds=False) is None


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 40))
def test_a_part_lies_inside_the_file(first: int, last: int, size: int) -> None:
    try:
        part = asked_part(f"bytes={first}-{last}", size)
    except Unsatisfiable:
        assert first >= size
        return
    if part is not None:
        assert 0 <= part.start < part.end <= size
        assert 0 < part.length == min(last + 1, size) - first
