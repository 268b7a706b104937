"""Notices in words for pages: what happened, to what, and where more of it stands."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

from booking.domain.notices import Notice, Part
from booking.domain.wording import LINKS, subject_of, wording
from booking.http.words import instant_text, money


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as its reader reads it; `address` is where more of it stands."""

    subject: str
    happened: str
    next_step: str
    reason: str
    address: str


def told(part: Part) -> Told:
    """The words of a notice in the reader's language."""
    notice = part.notice
    said, words = wording(notice.event, part.audience), _words(notice)
    endpoint, place, attribute = LINKS[notice.event]
    return Told(
        subject=str(gettext(said.subject)) % words,
        happened=str(gettext(said.happened)) % words,
        next_step=str(gettext(said.next_step)) % words,
        reason=str(gettext(notice.reason)) if notice.reason else "",
        address=url_for(endpoint, **({place: getattr(notice, attribute)} if place else {})),
    )


def event_name(event: str) -> str:
    """An event in general: its subject, with dots for what it is about."""
    return str(gettext(subject_of(event))) % dict.fromkeys(("number", "team", "scenario", "until", "amount"), "…")


def _words(notice: Notice) -> dict[str, str]:
    return {
        "number": notice.about,
        "team": notice.team,
        "scenario": notice.scenario,
        "until": instant_text(notice.deadline, notice.timezone) if notice.deadline else "",
        "amount": money(notice.cents) if notice.cents is not None else "",
    }
