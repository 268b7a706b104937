"""What a letter tells, and who needs to hear it."""

from datetime import timedelta

import pytest

from booking.domain.notices import (
    Audience,
    Letter,
    Line,
    Notice,
    Reader,
    is_ending,
    is_moot,
    letter_of,
    payload_of,
)
from booking.domain.outbox import Item
from booking.domain.windows import Window
from tests.domain.examples import MONDAY, at

FORTNIGHT = timedelta(days=14)
END = at(day=30)

FULL = Notice(
    event="confirmed",
    about="17",
    state="confirmed",
    team="Traffic",
    team_slug="traffic",
    lines=(Line(16, "pool", "A100"), Line(1, "dataset", "雷达")),
    window=Window(at(10), at(14)),
    timezone="Asia/Shanghai",
    deadline=at(10, 15),
    scenario="Lights",
    scope="pool",
    left_unit_seconds=0,
    reason="fits",
)


def item(event: str, payload: dict[str, object]) -> Item:
    return Item(1, "stable", "mail:ana@example.org", "booking:17", event, payload, 0, MONDAY)


@pytest.mark.parametrize("notice", [FULL, Notice("cancelled")], ids=["full", "empty"])
def test_a_letter_says_what_was_written_into_the_outbox(notice: Notice):
    reader = Reader("Ana", "ana@example.org", "zh", Audience.OWNER)

    letter = letter_of(item(notice.event, payload_of(reader, notice)))

    assert letter == Letter("stable", "booking:17", MONDAY, reader, notice)


def test_mail_of_an_account_needs_no_more_than_its_link():
    letter = letter_of(item("confirm_email", {"link_token": "abc", "language": "zh"}))

    assert letter.notice == Notice("confirm_email", link_token="abc")
    assert letter.reader == Reader("", "ana@example.org", "zh", Audience.ACCOUNT)


def test_an_end_is_near_a_fortnight_before_and_until_it_comes():
    assert not is_ending(END, None, END - FORTNIGHT - timedelta(seconds=1))
    assert is_ending(END, None, END - FORTNIGHT)
    assert is_ending(END, None, END - timedelta(seconds=1))
    assert not is_ending(END, None, END)


def test_an_end_is_told_once_and_once_more_when_it_was_put_off():
    told = END - FORTNIGHT
    assert not is_ending(END, told, told + timedelta(days=3))

    put_off = END + timedelta(days=30)
    assert not is_ending(put_off, told, told + timedelta(days=3))
    assert is_ending(put_off, told, put_off - timedelta(days=10))


def test_nobody_is_reminded_of_what_was_given_up():
    assert is_moot("reminder", "cancelled")
    assert not is_moot("reminder", "confirmed")
    assert not is_moot("cancelled", "cancelled")
