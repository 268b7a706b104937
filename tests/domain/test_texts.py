"""Texts as people write them."""

import pytest

from booking.domain.errors import Invalid
from booking.domain.texts import LONGEST_TEXT, clean_text


def test_lines_stay_and_the_space_around_them_goes():
    assert clean_text("  a\r\n\tb\rc \n", "reason") == "a\n\tb\nc"
    assert clean_text("", "reason") == clean_text(" \n ", "reason") == ""


def test_letters_that_can_be_written_in_two_ways_are_kept_in_one():
    assert clean_text("u\u0308", "reason") == "ü"


@pytest.mark.parametrize("text", ["a\0b", "a\x07b", "a\x1b[31mb", "\x85a\x9fb", "a\ud800b"])
def test_what_cannot_be_shown_is_refused(text: str):
    with pytest.raises(Invalid) as raised:
        clean_text(text, "reason")
    assert raised.value.field == "reason"


def test_the_longest_text_is_kept_and_one_longer_is_not():
    assert clean_text("x" * LONGEST_TEXT, "reason")
    with pytest.raises(Invalid):
        clean_text("x" * (LONGEST_TEXT + 1), "reason")
    assert clean_text("x" * 10, "reason", most=10)
    with pytest.raises(Invalid):
        clean_text("x" * 11, "reason", most=10)
