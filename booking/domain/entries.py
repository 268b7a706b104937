"""Entries of scenario lists: what one says, the states that it goes through, and what changed since the last list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlsplit

from booking.domain.errors import IllegalMove, Invalid
from booking.domain.facilities import LONGEST_DESCRIPTION
from booking.domain.lines import clean_line
from booking.domain.organisations import LONGEST_REGION
from booking.domain.texts import clean_text

LONGEST_FIELD = 80
LONGEST_LINK = 2_000
MOST_NAMED = 20
MOST_GPU_HOURS = 1_000_000_000


class Category(StrEnum):
    """What a scenario is for: the economy, society, research, or major events and projects."""

    ECONOMY = "economy"
    SOCIETY = "society"
    RESEARCH = "research"
    EVENTS = "events"


class EntryState(StrEnum):
    """Where an entry stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    PUBLISHED = "published"
    CLOSED = "closed"


MOVES: dict[str, tuple[frozenset[EntryState], EntryState]] = {
    "submit": (frozenset({EntryState.DRAFT, EntryState.RETURNED}), EntryState.SUBMITTED),
    "return": (frozenset({EntryState.SUBMITTED}), EntryState.RETURNED),
    "decline": (frozenset({EntryState.SUBMITTED}), EntryState.DECLINED),
    "accept": (frozenset({EntryState.SUBMITTED}), EntryState.ACCEPTED),
    "publish": (frozenset({EntryState.ACCEPTED}), EntryState.PUBLISHED),
    "close": (frozenset({EntryState.PUBLISHED}), EntryState.CLOSED),
}
"""From which states each verb leads where; the scheduler publishes and closes, at the edition's times."""

CHANGEABLE = frozenset({EntryState.DRAFT, EntryState.RETURNED, EntryState.PUBLISHED})
"""While an entry is read by reviewers it stays as it is; a change of a published one makes a new version."""

PUBLIC = frozenset({EntryState.PUBLISHED, EntryState.CLOSED})
NEEDS_REASON = frozenset({"return", "decline"})


def after_move(state: EntryState, verb: str) -> EntryState:
    """Where a verb leads; IllegalMove, naming the state, where it is not for it."""
    legal, to = MOVES[verb]
    if state not in legal:
        raise IllegalMove(state, verb)
    return to


def check_changeable(state: EntryState) -> None:
    """IllegalMove where an entry cannot be changed as it stands."""
    if state not in CHANGEABLE:
        raise IllegalMove(state, "change")


@dataclass(frozen=True, slots=True)
class Content:
    """What an entry says; needs are whole GPU-hours, and GPU models, datasets and skills by name.

    `links` lead to attachments; they are kept and shown, and nothing here ever opens them.
    """

    name: str
    category: Category
    region: str
    description: str
    field: str = ""
    gpu_hours: int = 0
    gpu_models: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    contact: str = ""
    links: tuple[str, ...] = ()

    def checked(self) -> "Content":
        """The same in the form in which it is kept; Invalid names the field that cannot be meant."""
        # A bool is an int to Python, and no number to anybody else.
        if type(self.gpu_hours) is not int or not 0 <= self.gpu_hours <= MOST_GPU_HOURS:
            numbers = {"least": 0, "most": MOST_GPU_HOURS}
            raise Invalid("gpu_hours", "This is a whole number from %(least)s to %(most)s.", numbers)
        return replace(
            self,
            name=clean_line(self.name, "name"),
            region=clean_line(self.region, "region", most=LONGEST_REGION),
            description=clean_text(self.description, "description", most=LONGEST_DESCRIPTION),
            field=clean_line(self.field, "field", most=LONGEST_FIELD, least=0),
            gpu_models=_each(self.gpu_models, "gpu_models", _named),
            datasets=_each(self.datasets, "datasets", _named),
            skills=_each(self.skills, "skills", _named),
            contact=clean_line(self.contact, "contact", least=0),
            links=_each(self.links, "links", clean_link),
        )

    def as_mapping(self) -> dict[str, Any]:
        """Plain words and numbers, as a version keeps them."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def read(cls, mapping: Mapping[str, Any]) -> Self:
        """The content that `as_mapping` wrote down."""
        plain: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in mapping.items()}
        plain["category"] = Category(plain["category"])
        return cls(**plain)


def clean_link(link: str, field: str) -> str:
    """An address that is fetched over a line that nobody reads along; Invalid for any other."""
    address = clean_line(link, field, most=LONGEST_LINK)
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "https" or not parts.hostname or " " in address:
        raise Invalid(field, "A link is an address such as https://example.org/plan.pdf.")
    return address


def _named(text: str, field: str) -> str:
    return clean_line(text, field, most=LONGEST_FIELD)


def _each(texts: Sequence[str], field: str, clean: Callable[[str, str], str]) -> tuple[str, ...]:
    if len(texts) > MOST_NAMED:
        raise Invalid(field, "These are at most %(most)s.", {"most": MOST_NAMED})
    return tuple(dict.fromkeys(clean(text, field) for text in texts))


def changed_fields(before: Content, after: Content) -> tuple[str, ...]:
    """The fields in which two contents differ, in their order."""
    names = [one.name for one in fields(Content)]
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry as differences see it: its slug, the slug of the entry of the last list that it goes on with, or ''."""

    slug: str
    continues: str
    content: Content


@dataclass(frozen=True, slots=True)
class Changed:
    """An entry that went on from the last list, and the fields in which it says something else."""

    slug: str
    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What became of the last list: entries that are new, went on changed, or are gone, by slug and name."""

    new: tuple[tuple[str, str], ...] = ()
    changed: tuple[Changed, ...] = ()
    gone: tuple[tuple[str, str], ...] = ()


def differences(before: Sequence[Listed], after: Sequence[Listed]) -> Differences:
    """What changed from one list to the next; an entry that went on as it was is in none of the three."""
    old = {one.slug: one for one in before}
    goes_on = {one.continues for one in after if one.continues in old}
    pairs = [(old[one.continues], one) for one in after if one.continues in old]
    changed = [Changed(new.slug, new.content.name, changed_fields(was.content, new.content)) for was, new in pairs]
    return Differences(
        new=tuple((one.slug, one.content.name) for one in after if one.continues not in old),
        changed=tuple(one for one in changed if one.fields),
        gone=tuple((one.slug, one.content.name) for one in before if one.slug not in goes_on),
    )
