"""What letters say: in which language, about what, and in whose time."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from flask_babel import force_locale, gettext

from booking import create_app
from booking.connectors.letters import Letterhead, write
from booking.domain.lifecycle import State
from booking.domain.notices import Audience, Choice, Letter, Line, Notice, Part, Reader
from booking.domain.stop_links import read_stop_token
from booking.domain.windows import Window
from booking.domain.wording import BY_AUDIENCE, LINKS, TELLS, WHY
from tests.domain.examples import MONDAY
from tests.support.source_code import Module, dotted, read_modules

HEAD = Letterhead("Booking <booking@site.example>", "https://site.example/gpu", "en", "a secret")
NOTICE = Notice(
    event="confirmed",
    about="17",
    state="confirmed",
    team="Traffic",
    team_slug="traffic",
    lines=(Line(16, "pool", "A100"), Line(1, "dataset", "Radar")),
    window=Window(datetime(2026, 3, 2, 2, tzinfo=UTC), datetime(2026, 3, 2, 6, tzinfo=UTC)),
    timezone="Asia/Shanghai",
    reason="fits well",
)
EVERY_WORDING = [(event, audience) for audience, events in BY_AUDIENCE.items() for event in events]


@pytest.fixture(autouse=True, scope="module")
def _in_app() -> Iterator[None]:
    app = create_app({"DATABASE_URL": "sqlite:///:memory:", "SECRET_KEY": "secret of the tests", "TESTING": True})
    with app.app_context():
        yield


def written(notice: Notice, audience: Audience = Audience.MEMBER, language: str | None = "en") -> EmailMessage:
    reader = Reader("Ana", "ana@example.org", language, audience, 7)
    return write(Letter("a1b2", f"booking:{notice.about}", MONDAY, reader, notice), HEAD)


def plain(message: EmailMessage) -> str:
    text: str = message.get_body(("plain",)).get_content()
    return text


def html(message: EmailMessage) -> str:
    text: str = message.get_body(("html",)).get_content()
    return text


def test_a_letter_says_what_happened_to_what_and_what_to_do():
    text = plain(written(NOTICE))

    assert text.startswith("Hello Ana,\n\nBooking 17 of Traffic is confirmed.\n")
    assert "Claims: 16 GPUs of A100; 1 seat of Radar\n" in text
    assert "Window: Mon 2026-03-02 10:00 – 14:00 (Asia/Shanghai, UTC+08:00)\n" in text
    assert "Reason: fits well\n" in text
    assert "Its page says how to use what you have booked." in text
    assert "https://site.example/gpu/bookings/17\n" in text
    assert "You get this mail because you are in the team Traffic." in text


def test_the_styled_part_says_the_same():
    message = written(NOTICE)

    for said in (
        "Hello Ana,",
        "is confirmed.",
        "16 GPUs of A100; 1 seat of Radar",
        "fits well",
        "You get this mail because",
    ):
        assert said in html(message)
    assert 'href="https://site.example/gpu/bookings/17"' in html(message)


def test_what_people_typed_is_text_and_no_markup():
    message = written(replace(NOTICE, team="<script>alert(1)</script>", reason="a < b"))

    assert "<script>" not in html(message)
    assert "a &lt; b" in html(message)
    assert "a < b" in plain(message)


def test_a_name_of_two_lines_adds_no_header():
    message = written(replace(NOTICE, event="team_approved", team="Traffic\r\nBcc: all@example.org"))

    assert message["Subject"] == "Traffic Bcc: all@example.org is approved"
    assert message["Bcc"] is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_letter_is_in_its_readers_language(language: str):
    message = written(NOTICE, language=language)

    assert message["Content-Language"] == language
    assert f'<html lang="{language}">' in html(message)


@pytest.mark.parametrize(("event", "audience"), EVERY_WORDING)
def test_every_letter_is_there_in_chinese(event: str, audience: Audience):
    english = (*BY_AUDIENCE[audience][event], WHY[audience])

    with force_locale("zh"):
        chinese = [gettext(said) for said in english]

    assert not set(english) & set(chinese)


@pytest.mark.parametrize("language", [None, "", "xx", "../etc"])
def test_a_reader_of_another_language_gets_the_sites(language: str | None):
    assert written(NOTICE, language=language)["Content-Language"] == "en"


def test_a_reason_of_ours_is_in_the_readers_language_and_a_persons_stays_as_it_is():
    assert "无人签到" in plain(written(replace(NOTICE, event="no_show", reason="nobody checked in"), language="zh"))
    assert "fits well" in plain(written(NOTICE, language="zh"))


def test_days_are_named_in_the_readers_language():
    assert "周一 2026-03-02 10:00" in plain(written(NOTICE, language="zh"))


def test_a_window_over_midnight_names_both_days():
    window = Window(datetime(2026, 3, 2, 14, tzinfo=UTC), datetime(2026, 3, 2, 18, tzinfo=UTC))

    text = plain(written(replace(NOTICE, window=window)))

    assert "Mon 2026-03-02 22:00 – Tue 2026-03-03 02:00 (Asia/Shanghai, UTC+08:00)" in text


def test_a_window_over_a_change_of_clocks_says_both_distances_to_utc():
    night = Window(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))

    text = plain(written(replace(NOTICE, window=night, timezone="Europe/Paris")))

    assert "Sun 2026-10-25 02:30 (UTC+02:00) – 02:30 (UTC+01:00), Europe/Paris" in text


@pytest.mark.parametrize(
    ("state", "label"), [("offered", "Answer by"), ("pending", "Decision by"), ("confirmed", "Check in by")]
)
def test_a_deadline_is_called_by_what_is_to_be_done(state: str, label: str):
    deadline = datetime(2026, 3, 2, 1, 15, tzinfo=UTC)

    text = plain(written(replace(NOTICE, event="deadline_moved", state=state, deadline=deadline)))

    assert f"{label}: Mon 2026-03-02 09:15 (Asia/Shanghai, UTC+08:00)\n" in text


def test_a_grant_says_what_it_is_for_and_what_is_left_of_it():
    grant = Notice(
        event="grant_ending", about="3", team="Traffic", team_slug="traffic", scope="pool", left_unit_seconds=5_400
    )

    text = plain(written(grant))

    assert "Grant for: any pool\n" in text
    assert "Left unused: 1.5 h\n" in text
    assert "https://site.example/gpu/teams/traffic" in text


def test_mail_of_an_account_leads_to_its_link_and_greets_nobody_by_name():
    reader = Reader("", "ana@example.org", None, Audience.ACCOUNT)
    letter = Letter("a1b2", "user:1", MONDAY, reader, Notice("reset_password", link_token="abc.def"))

    text = plain(write(letter, HEAD))

    assert text.startswith("Somebody asked for a new password")
    assert "https://site.example/gpu/reset-password/abc.def\n" in text
    assert "If it was not by you, do nothing" in text


def test_a_letter_is_the_same_at_every_attempt():
    first, again = written(NOTICE), written(NOTICE)

    for name in ("Date", "Message-ID", "References", "Subject"):
        assert first[name] == again[name]
    assert first["Date"] == "Mon, 02 Mar 2026 00:00:00 +0000"


@pytest.mark.parametrize(("event", "audience"), EVERY_WORDING)
def test_every_kind_of_letter_can_be_written_and_leads_somewhere(event: str, audience: Audience):
    deadline = MONDAY + timedelta(hours=2)
    notice = replace(NOTICE, event=event, deadline=deadline, scenario="Lights", link_token="abc")

    message = written(notice, audience)

    assert "%(" not in message["Subject"] + plain(message)
    assert html(message).count("https://site.example/gpu/") >= 2


@pytest.mark.parametrize(("event", "audience"), EVERY_WORDING)
def test_every_place_in_a_sentence_is_one_that_is_filled(event: str, audience: Audience):
    for said in BY_AUDIENCE[audience][event]:
        filled = said % {"number": "17", "team": "Traffic", "scenario": "Lights", "until": "Monday", "amount": "1"}
        assert filled


def test_every_state_of_a_booking_has_a_letter():
    assert {state.value for state in State} <= set(BY_AUDIENCE[Audience.MEMBER])


def test_every_event_that_is_told_anywhere_has_a_letter():
    told = {event for module in read_modules().values() for event in _events_told(module)}

    assert {"reminder", "grant_expired", "checked_in"} <= told
    assert not told - {event for event, _ in EVERY_WORDING}


def _events_told(module: Module) -> Iterator[str]:
    """The events that a service or change names where it tells of one."""
    if module.layer not in ("services", "changes"):
        return
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        named = [keyword.value for keyword in node.keywords if keyword.arg == "event"]
        if dotted(node.func).split(".")[-1] == "notify":
            named.append(node.args[2])
        for part in (inner for value in named for inner in ast.walk(value)):
            if isinstance(part, ast.Constant) and part.value:
                yield part.value


def test_a_displaced_team_finds_a_link_for_each_way_out():
    window = Window(datetime(2026, 3, 2, 14, tzinfo=UTC), datetime(2026, 3, 2, 15, tzinfo=UTC))
    choices = (Choice("move", window=window), Choice("reduce", units=32), Choice("cancel"))
    text = plain(written(replace(NOTICE, event="displaced", choices=choices)))
    for said, asked in (
        ("Move it to Mon 2026-03-02 22:00 – 23:00 (Asia/Shanghai, UTC+08:00):", "/displaced?move=2026-03-02T14:00:00Z"),
        ("Reduce it to 32:", "/displaced?reduce=32"),
        ("Cancel it, at no price:", "/displaced?cancel=1"),
    ):
        assert said in text
        assert asked in text


def test_every_letter_has_a_link():
    assert {event for event, _ in EVERY_WORDING} == set(LINKS)


@pytest.mark.parametrize(("event", "audience"), EVERY_WORDING)
def test_mail_that_one_can_do_without_says_how_to_stop_it(event: str, audience: Audience):
    message = written(replace(NOTICE, event=event, deadline=MONDAY, scenario="Lights", link_token="abc"), audience)

    if event not in (*TELLS, "digest"):
        assert message["List-Unsubscribe"] is None, "an account needs it"
        return
    address = message["List-Unsubscribe"].strip("<>")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in plain(message)
    assert address in html(message)
    assert "https://site.example/gpu/notices/preferences" in plain(message)
    assert read_stop_token(address.rpartition("/")[2], "a secret") == (7, event)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_summary_says_of_each_what_happened_and_where_it_stands(language: str):
    reader = Reader("Ana", "ana@example.org", language, Audience.PERSON, 7)
    other = Part(Audience.OWNER, replace(NOTICE, event="pending", about="18", team="<Lights>"))
    letter = Letter("a1b2", "digest:7", MONDAY, reader, Notice("digest"), (Part(Audience.MEMBER, NOTICE), other), 3)

    message = write(letter, HEAD)

    for body in (plain(message), html(message)):
        assert "https://site.example/gpu/bookings/17" in body
        assert "https://site.example/gpu/bookings/18" in body
        assert ("Booking 17 of Traffic is confirmed." in body) == (language == "en")
        assert ("3 more stand in your notices." in body) == (language == "en")
    assert "<Lights>" not in html(message)
