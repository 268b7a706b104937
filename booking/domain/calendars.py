"""Calendars as other programs read them (RFC 5545), and the signed addresses at which they are found."""

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from booking.domain.errors import NotFound
from booking.domain.windows import Window

LONGEST_LINE = 75
"""Octets; longer lines are folded."""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry: `uid` stays the same for ever, `sequence` rises with every change; what is `cancelled` is said so."""

    uid: str
    sequence: int
    window: Window
    summary: str
    changed_at: datetime
    description: str = ""
    address: str = ""
    cancelled: bool = False


def calendar(name: str, events: Iterable[Event]) -> str:
    """The text of a calendar; programs that subscribe to it come back for changes."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//scenario computing//booking//EN",
        "METHOD:PUBLISH",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        *(line for event in events for line in _event(event)),
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _event(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTAMP:{_instant(event.changed_at)}"
    yield f"LAST-MODIFIED:{_instant(event.changed_at)}"
    yield f"DTSTART:{_instant(event.window.start)}"
    yield f"DTEND:{_instant(event.window.end)}"
    yield f"SUMMARY:{_text(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{_text(event.description)}"
    if event.address:
        yield f"URL:{event.address}"
    yield f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}"
    yield "END:VEVENT"


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(escaped.splitlines())


def _folded(line: str) -> str:
    """The line in parts of at most 75 octets, no character cut in two; a further part begins with a space."""
    parts, part, octets = [], "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > LONGEST_LINE:
            parts.append(part)
            part, octets = " ", 1
        part, octets = part + character, octets + size
    return "\r\n".join([*parts, part])


def feed_token(feed_id: int, key: str, secret: str) -> str:
    """What stands in the address of a feed; nobody can make it who only reads the database."""
    return f"{feed_id}-{_signature(feed_id, key, secret)}"


def feed_id_of(token: str) -> int:
    """Which feed a token says it is for; NotFound where it is none."""
    number, _, _signed = token.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise NotFound("calendar")
    return int(number)


def is_token_of(token: str, feed_id: int, key: str, secret: str) -> bool:
    """Whether a token was signed for this feed."""
    return hmac.compare_digest(token.encode(), feed_token(feed_id, key, secret).encode())


def _signature(feed_id: int, key: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"feed\n{feed_id}\n{key}".encode(), sha256).hexdigest()[:40]
