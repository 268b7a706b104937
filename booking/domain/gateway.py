"""The dataset gateway: signed addresses, and whether the files of a dataset are open to somebody at an instant."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from booking.domain.bookings import Booking
from booking.domain.errors import Forbidden
from booking.domain.lifecycle import State
from booking.domain.permits import Sensitivity
from booking.domain.teams import Standing, TeamState
from booking.domain.terms import TermsVersion, needed

LASTS = timedelta(minutes=15)
"""How long a signed address opens downloads; each download looks again whether it may."""

GIB = 1024**3
SLICE_BYTES = 256 * 1024**2
"""The most that a front server is given at a time; what it was given it may finish after the end."""

LAST_MINUTES = timedelta(minutes=15)
"""So long before the end of a window nothing is given away any more: the application sends it, and stops in time."""


class Shut(StrEnum):
    """Why files are not handed out; clients are written against these."""

    NO_FILES = "no_files"
    ADDRESS_EXPIRED = "address_expired"
    ADDRESS_UNKNOWN = "address_unknown"
    NOT_SIGNED_IN = "not_signed_in"
    NOT_A_MEMBER = "not_a_member"
    BEFORE_WINDOW = "before_window"
    AFTER_WINDOW = "after_window"
    BOOKING_OVER = "booking_over"
    NOT_CHECKED_IN = "not_checked_in"
    NEEDS_BOOKING = "needs_booking"
    TEAM_SUSPENDED = "team_suspended"
    TEAM_NOT_APPROVED = "team_not_approved"
    DATASET_WITHDRAWN = "dataset_withdrawn"
    TERMS_NOT_ACCEPTED = "terms_not_accepted"
    PERMIT_MISSING = "permit_missing"
    VOLUME_EXCEEDED = "volume_exceeded"


@dataclass(frozen=True, slots=True)
class Pass:
    """What a signed address says: whose, for which dataset, in which booking (0: none is needed), until when."""

    dataset_id: int
    booking_id: int
    user_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Stock:
    """A dataset as the gateway sees it; `most_bytes` is what one booking may fetch, None without a limit."""

    id: int
    slug: str
    name: str
    organisation_id: int
    access: str
    needs_booking: bool
    is_published: bool
    withdrawn_at: datetime | None
    sensitivity: Sensitivity
    root: str | None
    folder: str
    most_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Entrance:
    """Everything that access to a dataset depends on at a moment.

    `accepted` is the highest version of the terms that the person has accepted; `permitted_until` the end of the last
    permit of the booking's team or, without a booking, of any of the person's teams.
    """

    stock: Stock
    booking: Booking | None = None
    standing: Standing | None = None
    signed_in: bool = False
    is_member: bool = False
    versions: Sequence[TermsVersion] = ()
    accepted: int = 0
    permitted_until: datetime | None = None

    def shut(self, now: datetime) -> Forbidden | None:
        """The first reason why nothing is handed out at this instant; None where the files are open."""
        for look in (_stock, _window, _person, _terms, _permit):
            reason = look(self, now)
            if reason is not None:
                return reason
        return None

    def ends(self) -> datetime | None:
        """Until when it stays open as far as is known now; None without a limit."""
        ends = [self.booking.window.end if self.booking else None]
        ends.append(self.standing.access_ends if self.standing else None)
        ends.append(self.permitted_until if self.stock.sensitivity is Sensitivity.RESTRICTED else None)
        return min((end for end in ends if end is not None), default=None)

    def address_ends(self, now: datetime) -> datetime:
        """Until when an address made now opens downloads: a quarter of an hour, or the end where that is sooner."""
        return min(now + LASTS, self.ends() or now + LASTS)


def _closed(why: Shut, message: str, **numbers: Any) -> Forbidden:
    return Forbidden(message, code=why.value, numbers=numbers or None)


def _stock(entrance: Entrance, now: datetime) -> Forbidden | None:
    stock = entrance.stock
    if stock.withdrawn_at is not None and stock.withdrawn_at <= now:
        return _closed(Shut.DATASET_WITHDRAWN, "%(name)s was withdrawn; its files are handed out no more.",
                       name=stock.name)  # fmt: skip
    if stock.root is None or stock.access == "onsite":
        return _closed(Shut.NO_FILES, "The files of %(name)s are not handed out here.", name=stock.name)
    if entrance.booking is None and stock.needs_booking:
        return _closed(Shut.NEEDS_BOOKING, "The files of %(name)s are open during a booking only.", name=stock.name)
    if entrance.booking is None and not stock.is_published:
        return _closed(Shut.DATASET_WITHDRAWN, "%(name)s was withdrawn; its files are handed out no more.",
                       name=stock.name)  # fmt: skip
    return None


def _window(entrance: Entrance, now: datetime) -> Forbidden | None:
    booking = entrance.booking
    if booking is None:
        return None
    if booking.state not in (State.CONFIRMED, State.ACTIVE):
        if booking.state is State.COMPLETED and now >= booking.window.end:
            return _closed(Shut.AFTER_WINDOW, "The window ended at %(ends_at)s.", ends_at=booking.window.end)
        return _closed(Shut.BOOKING_OVER, "The booking is %(state)s; its files are closed.", state=booking.state.value)
    if now < booking.window.start:
        return _closed(Shut.BEFORE_WINDOW, "The window begins at %(starts_at)s.", starts_at=booking.window.start)
    if now >= booking.window.end:
        return _closed(Shut.AFTER_WINDOW, "The window ended at %(ends_at)s.", ends_at=booking.window.end)
    if not booking.access_open(now):
        return _closed(Shut.NOT_CHECKED_IN, "Nobody checked in by %(until)s; the booking is given to others.",
                       until=booking.check_in_until)  # fmt: skip
    return None


def _person(entrance: Entrance, now: datetime) -> Forbidden | None:
    standing, stock = entrance.standing, entrance.stock
    if entrance.booking is None:
        asks_who = stock.sensitivity is not Sensitivity.PUBLIC or stock.access != "open" or bool(entrance.versions)
        if asks_who and not entrance.signed_in:
            return _closed(Shut.NOT_SIGNED_IN, "Sign in to fetch files of %(name)s.", name=stock.name)
        return None
    if not entrance.is_member:
        return _closed(Shut.NOT_A_MEMBER, "You are not in the team that has booked this.")
    if standing is None or standing.has_access(now):
        return None
    if standing.state is TeamState.SUSPENDED:
        return _closed(Shut.TEAM_SUSPENDED, "Your team is suspended. Its lead can ask the reviewers why.")
    return _closed(Shut.TEAM_NOT_APPROVED, "The approval of your team has ended.")


def _terms(entrance: Entrance, now: datetime) -> Forbidden | None:
    began = entrance.booking.window.start if entrance.booking else now
    terms = needed(entrance.versions, began, now)
    if terms is None or entrance.accepted >= terms.number:
        return None
    return _closed(
        Shut.TERMS_NOT_ACCEPTED,
        "Accept version %(version)s of the terms of %(name)s first; you find them on its page.",
        version=terms.number,
        name=entrance.stock.name,
    )


def _permit(entrance: Entrance, now: datetime) -> Forbidden | None:
    if entrance.stock.sensitivity is not Sensitivity.RESTRICTED:
        return None
    if entrance.permitted_until is not None and now < entrance.permitted_until:
        return None
    return _closed(Shut.PERMIT_MISSING, "Your team has no permit for %(name)s any more.", name=entrance.stock.name)


def volume_exceeded(most: int, used: int, wanted: int) -> Forbidden | None:
    """Why a part is not sent beyond what a booking may fetch; None where it may."""
    if used + wanted <= most:
        return None
    return _closed(
        Shut.VOLUME_EXCEEDED,
        "A booking may fetch %(most)s MiB of this dataset: %(used)s are fetched or on their way, this is %(wanted)s.",
        most=most // 1024**2,
        used=used // 1024**2,
        wanted=-(-wanted // 1024**2),
    )


def sign(given: Pass, secret: str) -> str:
    """The word in an address that stands for a pass."""
    numbers = [given.dataset_id, given.booking_id, given.user_id, int(given.until.timestamp())]
    said = urlsafe_b64encode(json.dumps(numbers, separators=(",", ":")).encode()).rstrip(b"=")
    return f"{said.decode()}.{_mark(said, secret)}"


def read_pass(token: str, secret: str) -> Pass:
    """What a word stands for; Forbidden where nobody signed it. Whether it has expired is another question."""
    said, _, mark = token.partition(".")
    unknown = _closed(Shut.ADDRESS_UNKNOWN, "This address is not one that was given out. Ask for the files again.")
    if not token.isascii() or not hmac.compare_digest(_mark(said.encode(), secret), mark):
        raise unknown
    try:
        numbers = json.loads(urlsafe_b64decode(said + "=" * (-len(said) % 4)))
        dataset_id, booking_id, user_id, until = (int(number) for number in numbers)
    except (ValueError, TypeError):
        raise unknown from None
    return Pass(dataset_id, booking_id, user_id, datetime.fromtimestamp(until, UTC))


def expired(given: Pass, now: datetime) -> Forbidden | None:
    """Why a pass opens nothing any more; None while it does."""
    if now < given.until:
        return None
    return _closed(Shut.ADDRESS_EXPIRED, "This address was good until %(until)s. Ask for the files again.",
                   until=given.until)  # fmt: skip


def _mark(said: bytes, secret: str) -> str:
    key = sha256(b"dataset gateway\0" + secret.encode()).digest()
    return urlsafe_b64encode(hmac.new(key, said, sha256).digest()[:24]).decode()
