"""Calendars that other programs can read."""

from datetime import UTC, datetime, timedelta

from booking.domain.calendars import Event, calendar, feed_id_of, feed_token, is_token_of
from booking.domain.windows import Window

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
EVENT = Event("booking-17@example.org", 3, Window(AT, AT + timedelta(hours=2)), "训练; 8 GPUs, A100" * 9, AT,
              "two\nlines\\", "https://example.org/bookings/17")  # fmt: skip


def unfolded(text: str) -> dict[str, str]:
    lines = text.replace("\r\n ", "").split("\r\n")
    return dict(line.partition(":")[::2] for line in lines if line)


def test_an_event_keeps_its_identity_and_says_its_revision():
    said = unfolded(calendar("Team", [EVENT]))
    assert (said["UID"], said["SEQUENCE"], said["STATUS"]) == ("booking-17@example.org", "3", "CONFIRMED")
    assert (said["DTSTART"], said["DTEND"]) == ("20260302T080000Z", "20260302T100000Z")
    assert said["SUMMARY"] == "训练\\; 8 GPUs\\, A100" * 9
    assert said["DESCRIPTION"] == "two\\nlines\\\\"
    assert said["METHOD"] == "PUBLISH"


def test_no_line_is_longer_than_75_octets_and_none_ends_otherwise_than_crlf():
    text = calendar("名" * 100, [EVENT])
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert "\n" not in text.replace("\r\n", "")


def test_words_of_people_make_no_lines_of_their_own():
    evil = Event("1", 0, EVENT.window, "x\r\nEND:VEVENT\u2028BEGIN:VALARM", AT)
    lines = calendar("Team", [evil]).split("\r\n")
    assert lines.count("END:VEVENT") == 1
    assert "BEGIN:VALARM" not in lines


def test_an_address_is_good_for_one_feed_of_one_site():
    token = feed_token(7, "key", "secret")
    assert feed_id_of(token) == 7
    assert is_token_of(token, 7, "key", "secret")
    assert not is_token_of(token, 7, "another", "secret")
    assert not is_token_of(token, 7, "key", "another")
    assert not is_token_of(token.replace("7-", "8-"), 8, "key", "secret")
