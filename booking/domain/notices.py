"""Notices: what a letter tells its reader, as values that outlive the rows they were read from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from booking.domain.displacements import Ways
from booking.domain.outbox import Item, address_of
from booking.domain.windows import Window

WARNING = timedelta(days=14)
"""How long before its end a grant or an approval is warned of; the team page lists the same fortnight."""


class Audience(StrEnum):
    """Why somebody reads a notice, which is also what they can do about it."""

    MEMBER = "member"
    OWNER = "owner"
    REVIEWER = "reviewer"
    SCENARIO_OWNER = "scenario_owner"
    SETTLED = "settled"
    ACCOUNT = "account"
    PERSON = "person"


class Way(StrEnum):
    """How somebody is told besides in the page: by mail at once, with the others once a day, or not at all."""

    MAIL = "mail"
    DIGEST = "digest"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is told, and why; `user_id` is 0 where nobody in particular is known at the address."""

    name: str
    address: str
    language: str | None
    audience: Audience
    user_id: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """Some units of one resource, in words: `kind` is `pool` (units are GPUs) or `dataset` (units are seats)."""

    units: int
    kind: str
    resource: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that the reader can do about it with one click: `move` to a window, `reduce` to units, or `cancel`."""

    verb: str
    window: Window | None = None
    units: int | None = None


def choices_of(ways: Ways) -> list[list[Any]]:
    """What a team can do about a displaced booking, in plain words and numbers for the payload of an outbox item."""
    moves = [["move", window.start.isoformat(), window.end.isoformat()] for window in ways.moves]
    reduced = [["reduce", ways.reduced_units]] if ways.reduced_units is not None else []
    return [*moves, *reduced, ["cancel"]]


def read_choices(listed: Iterable[Sequence[Any]]) -> tuple[Choice, ...]:
    """The same as values."""
    return tuple(_choice(*one) for one in listed)


def _choice(verb: str, *more: Any) -> Choice:
    if verb == "move":
        return Choice(verb, window=Window(*map(datetime.fromisoformat, more)))
    return Choice(verb, units=more[0] if more else None)


@dataclass(frozen=True, slots=True)
class Notice:
    """Everything a letter says, whatever it is about; what does not apply is left empty.

    `about` is the id of the booking, team or grant, or the slug of a scenario; `state` is a booking's; `scope` says
    what a grant is for; `deadline` is until when the reader, or somebody else, has to act, or until when an approval
    holds; `link_token` opens the linked page where the link is the key; `bookings` is how many of a series it is about;
    `choices` are what the reader can do with one click; `cents` is what a charged hour costs.
    """

    event: str
    about: str = ""
    state: str = ""
    team: str = ""
    team_slug: str = ""
    lines: tuple[Line, ...] = ()
    window: Window | None = None
    timezone: str = "UTC"
    deadline: datetime | None = None
    scenario: str = ""
    scope: str = ""
    left_unit_seconds: int | None = None
    bookings: int | None = None
    cents: int | None = None
    reason: str = ""
    link_token: str = ""
    choices: tuple[Choice, ...] = ()

    @classmethod
    def read(cls, event: str, mapping: Mapping[str, Any]) -> Self:
        """The notice that `as_mapping` wrote down; unknown entries, such as the reader's, are not its own."""
        words = {name: mapping[name] for name in _WORDS if name in mapping}
        return cls(
            event,
            lines=tuple(Line(*line) for line in mapping.get("lines", ())),
            window=Window(*map(datetime.fromisoformat, mapping["window"])) if "window" in mapping else None,
            deadline=datetime.fromisoformat(mapping["deadline"]) if "deadline" in mapping else None,
            choices=read_choices(mapping.get("choices", ())),
            **words,
        )

    def as_mapping(self) -> dict[str, Any]:
        """Plain words and numbers, for the payload of an outbox item; what is empty is left out."""
        mapping: dict[str, Any] = {name: getattr(self, name) for name in _WORDS}
        mapping["lines"] = [[line.units, line.kind, line.resource] for line in self.lines]
        mapping["window"] = self.window and [self.window.start.isoformat(), self.window.end.isoformat()]
        mapping["choices"] = [_plain(choice) for choice in self.choices]
        mapping["deadline"] = self.deadline and self.deadline.isoformat()
        return {name: value for name, value in mapping.items() if value not in (None, "", [])}


def _plain(choice: Choice) -> list[Any]:
    if choice.window is not None:
        return [choice.verb, choice.window.start.isoformat(), choice.window.end.isoformat()]
    return [choice.verb] if choice.units is None else [choice.verb, choice.units]


_WORDS = (
    "about", "state", "team", "team_slug", "timezone", "scenario", "scope", "left_unit_seconds", "bookings", "cents",
    "reason", "link_token",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice on its way to one reader; `stable_id` is the same at every attempt, `thread` in all of one subject.

    A summary has the notices that it is made of in `parts`, and how many there are `more`.
    """

    stable_id: str
    thread: str
    written_at: datetime
    reader: Reader
    notice: Notice
    parts: tuple["Part", ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One notice of a summary, as its reader reads it."""

    audience: Audience
    notice: Notice


def payload_of(reader: Reader, notice: Notice) -> dict[str, Any]:
    """What an outbox item carries to say `notice` to `reader`; `letter_of` reads it again."""
    return _who(reader) | notice.as_mapping()


def summary_of(reader: Reader, parts: Sequence[tuple[str, Mapping[str, Any]]], more: int) -> dict[str, Any]:
    """The same for a summary of what was said before: events and payloads, and how many are left out."""
    return _who(reader) | {"parts": [[event, dict(payload)] for event, payload in parts], "more": more}


def _who(reader: Reader) -> dict[str, Any]:
    who = {"name": reader.name, "language": reader.language, "audience": reader.audience.value}
    return who | ({"user_id": reader.user_id} if reader.user_id else {})


def letter_of(item: Item) -> Letter:
    """The letter that an item with an address stands for; an account's own mail says no more than its language."""
    payload = item.payload
    reader = Reader(
        name=payload.get("name", ""),
        address=address_of(item.destination),
        language=payload.get("language"),
        audience=Audience(payload.get("audience", Audience.ACCOUNT)),
        user_id=payload.get("user_id", 0),
    )
    notice = Notice.read(item.event, payload)
    parts = tuple(part_of(event, each) for event, each in payload.get("parts", ()))
    return Letter(item.stable_id, item.subject, item.created_at, reader, notice, parts, payload.get("more", 0))


def part_of(event: str, payload: Mapping[str, Any]) -> Part:
    """What somebody was told, read from the payload of that time."""
    return Part(Audience(payload.get("audience", Audience.MEMBER)), Notice.read(event, payload))


def is_ending(ends_at: datetime, warned_at: datetime | None, now: datetime) -> bool:
    """Whether an end is near and nobody was warned of it; a warning of an earlier end does not count."""
    if not ends_at - WARNING <= now < ends_at:
        return False
    return warned_at is None or warned_at < ends_at - WARNING


def is_moot(event: str, state: str) -> bool:
    """Whether nobody needs to hear of an event any more: a reminder of a booking that will not take place."""
    return event == "reminder" and state != "confirmed"
