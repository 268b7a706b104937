"""Which names of files and roots are taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.errors import Invalid, NotFound
from booking.domain.files import check_root_of, clean_folder, clean_path, clean_root, is_plain


@pytest.mark.parametrize("path", ["a", "a/b.txt", "雷达/2026年/一.bin", "a b", "..a", "a..", "...", "x" * 1_000])
def test_a_plain_path_is_taken_as_it_is(path: str) -> None:
    assert clean_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "a\\b", "a\0", "a\n", "\u202ea", "a\u200b", "\ud800",
        "．．/a", "a／b", "․․/a", "x" * 1_001, " /a", "a/.. /b", "\ue000",
    ],
)  # fmt: skip
def test_what_could_lead_elsewhere_is_no_path(path: str) -> None:
    with pytest.raises(NotFound):
        clean_path(path)


@given(st.lists(st.sampled_from(["a", "..", ".", "", "．．", "b c", "\\", "\u2025"]), min_size=1, max_size=5))
def test_no_part_of_a_plain_path_is_a_way_up(parts: list[str]) -> None:
    if is_plain("/".join(parts)):
        assert set(parts) <= {"a", "b c"}


def test_a_folder_loses_the_slashes_around_it() -> None:
    assert (clean_folder("/radar/2026/"), clean_folder(" / ")) == ("radar/2026", "")
    with pytest.raises(Invalid):
        clean_folder("radar/../..")


def test_a_root_is_named_after_its_organisation_which_alone_may_use_it() -> None:
    assert (clean_root("north"), clean_root("north.archive"), clean_root("")) == ("north", "north.archive", None)
    for wrong in ("north/", "north..x", "North", "../x", "a." + "x" * 200):
        with pytest.raises(Invalid):
            clean_root(wrong)
    check_root_of("north.archive", "north")
    for foreign in ("north", "north-west.archive"):
        with pytest.raises(Invalid):
            check_root_of(foreign, "north-west" if foreign == "north" else "north")
