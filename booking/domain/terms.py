"""Terms of datasets: versions with effective dates, what differs between two of them, and which one counts for whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from enum import StrEnum

from booking.domain.errors import Invalid
from booking.domain.texts import clean_text

LONGEST_TERMS = 100_000
FURTHEST = timedelta(days=3_660)


@dataclass(frozen=True, slots=True)
class TermsVersion:
    """One version of a dataset's terms; `number` counts from 1.

    It is in force from `effective_at` on. Windows that run then keep the version they began with, unless it is
    `urgent`. `text` is empty where only the version is asked about.
    """

    number: int
    effective_at: datetime
    urgent: bool = False
    text: str = ""
    published_at: datetime | None = None
    published_by: str = ""


@dataclass(frozen=True, slots=True)
class NewTerms:
    """What is asked for a new version; None for `effective_at` means at once."""

    text: str
    effective_at: datetime | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who accepted which version, and when."""

    number: int
    user_id: int
    email: str
    at: datetime


class Change(StrEnum):
    """What became of some lines from one version to the next."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Difference:
    """Neighbouring lines of which the same became."""

    change: Change
    lines: tuple[str, ...]


def in_force(versions: Iterable[TermsVersion], at: datetime) -> TermsVersion | None:
    """The version that counts at an instant; None while there is none yet."""
    return max((one for one in versions if one.effective_at <= at), key=lambda one: one.number, default=None)


def needed(versions: Sequence[TermsVersion], began: datetime, now: datetime) -> TermsVersion | None:
    """The version that who uses a window must have accepted: that of its start, or a later urgent one in force."""
    urgent = [one for one in versions if one.urgent and one.effective_at <= now]
    of_the_start = in_force(versions, min(began, now))
    return max((one for one in (of_the_start, *urgent) if one), key=lambda one: one.number, default=None)


def checked_terms(new: NewTerms, versions: Sequence[TermsVersion], now: datetime) -> NewTerms:
    """The same in the form in which it is kept; Invalid names the field that cannot be meant."""
    text = clean_text(new.text, "text", most=LONGEST_TERMS)
    if not text:
        raise Invalid("text", "This cannot be blank.")
    effective = new.effective_at or now
    if effective < now:
        raise Invalid("effective_at", "Terms take effect from now on; %(effective_at)s is past.",
                      {"effective_at": effective})  # fmt: skip
    if effective > now + FURTHEST:
        raise Invalid("effective_at", "Terms take effect within %(years)s years.", {"years": 10})
    last = max(versions, key=lambda one: one.number, default=None)
    if last is not None and effective < last.effective_at:
        raise Invalid(
            "effective_at",
            "Version %(number)s takes effect at %(effective_at)s; a later version cannot do so before.",
            {"number": last.number, "effective_at": last.effective_at},
        )
    if last is not None and last.text == text:
        raise Invalid("text", "This says the same as version %(number)s.", {"number": last.number})
    return NewTerms(text, effective, new.urgent)


def differences(before: str, after: str) -> tuple[Difference, ...]:
    """What changed from one text to the other, line by line, in the order of reading."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Difference] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Difference(Change.SAME, tuple(old[old_from:old_to])))
            continue
        if old_from < old_to:
            found.append(Difference(Change.REMOVED, tuple(old[old_from:old_to])))
        if new_from < new_to:
            found.append(Difference(Change.ADDED, tuple(new[new_from:new_to])))
    return tuple(found)
