"""The outbox's rules: where things go, when a failed delivery is tried again, and when it waits for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

NOTICES = "notices"
MAIL = "mail:"

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
MOST_ATTEMPTS = 79
"""With the pauses above an item is tried for three days: a receiver that was down for two gets everything."""

LEASE = timedelta(minutes=5)
"""Longer than one delivery can take, so that nobody else tries an item while its first worker still does."""

SECRETIVE = frozenset({"confirm_email", "reset_password"})
"""Events whose payload opens an account; it is forgotten once it has been delivered."""


class ItemState(StrEnum):
    """Where an item of the outbox stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to tell one destination, as a worker that leased it sees it; `attempts` have failed before."""

    id: int
    stable_id: str
    destination: str
    subject: str
    event: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime
    leased_until: datetime | None = None
    booking_id: int | None = None


class DeliveryError(Exception):
    """What a connector raises for a delivery that did not happen; the text is for operators."""


class Temporary(DeliveryError):
    """It may go through later."""


class Unreachable(Temporary):
    """The other side cannot be talked to at all, so that there is no sense in trying the next item now."""


class Permanent(DeliveryError):
    """It was refused for good: trying again would only be refused again."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an item whose delivery failed: it waits until `due_at`, or is parked."""

    state: ItemState
    due_at: datetime


def mail_to(address: str) -> str:
    """The destination of mail to an address."""
    return f"{MAIL}{address}"


def address_of(destination: str) -> str:
    """The address that mail for a destination goes to."""
    return destination.removeprefix(MAIL)


def pause_after(failures: int) -> timedelta:
    """How long an item rests after so many failed attempts: twice as long each time, up to an hour."""
    doublings = min(failures - 1, 30)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def verdict(error: Exception, failures: int, now: datetime) -> Verdict:
    """What follows from a failure, the `failures`-th of its item.

    Attempts are counted, not days: an item that nobody tried, because we were down ourselves, has not used any up.
    """
    if isinstance(error, Permanent) or failures >= MOST_ATTEMPTS:
        return Verdict(ItemState.PARKED, now)
    return Verdict(ItemState.WAITING, now + pause_after(failures))


def kept_payload(event: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """What of a payload stays in the outbox after delivery."""
    return {} if event in SECRETIVE else payload
