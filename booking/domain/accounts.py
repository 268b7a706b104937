"""Rules of accounts: what an address, a name and a password look like, and how often one may guess."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.domain.errors import Invalid
from booking.domain.lines import clean_line
from booking.domain.permissions import Actor, Role

LONGEST_EMAIL = 254
LONGEST_NAME = 200
PASSWORD_LENGTHS = range(10, 201)

GUESSING_WINDOW = timedelta(minutes=15)
CONFIRMATION_LASTS = timedelta(days=3)
RESET_LASTS = timedelta(hours=2)

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# Plain ASCII, so that no two addresses look alike; other scripts have a form in ASCII for domains.
_EMAIL = re.compile(
    rf"[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*@{_LABEL}(?:\.{_LABEL})+", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Account:
    """A person who has proved to be one, and the key that every session of theirs carries."""

    actor: Actor
    session_key: str


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role of a person, and for which organisation; `organisation` is empty where it is for the whole platform."""

    id: int
    role: Role
    organisation: str = ""
    department: str = ""
    deputy: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """An account as administrators see it."""

    id: int
    email: str
    name: str
    active: bool
    created_at: datetime
    confirmed_at: datetime | None
    roles: tuple[HeldRole, ...] = ()

    @property
    def state(self) -> str:
        """Whether the account opens: `open`, `unconfirmed` or `closed`."""
        if not self.active:
            return "closed"
        return "open" if self.confirmed_at else "unconfirmed"


def clean_email(text: str) -> str:
    """The address in the one form that it is stored in."""
    email = text.strip().lower()
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email) or len(email.split("@")[0]) > 64:
        raise Invalid("email", "This is not an e-mail address such as name@example.org.")
    return email


def clean_name(text: str) -> str:
    """A name on one line, without characters that are not seen."""
    return clean_line(text, "name", most=LONGEST_NAME)


def clean_password(text: str) -> str:
    """A new password, in the form in which it is compared."""
    password = same_password(text)
    if len(password) < PASSWORD_LENGTHS[0]:
        raise Invalid("password", "The password is shorter than %(least)s characters.", {"least": PASSWORD_LENGTHS[0]})
    if len(password) > PASSWORD_LENGTHS[-1]:
        raise Invalid("password", "The password is longer than %(most)s characters.", {"most": PASSWORD_LENGTHS[-1]})
    return password


def same_password(text: str) -> str:
    """What keyboards of different makes send for the same password."""
    return unicodedata.normalize("NFKC", text)


def guesses_since(now: datetime) -> datetime:
    """From when on guesses count."""
    return now - GUESSING_WINDOW


def minutes_to_wait(guesses: int, oldest: datetime | None, limit: int, now: datetime) -> int:
    """After how many whole minutes one may guess again; 0 where one may now.

    `guesses` are the ones of the last fifteen minutes, `oldest` is the first of them.
    """
    if guesses < limit or oldest is None:
        return 0
    return max(1, -((now - oldest - GUESSING_WINDOW) // timedelta(minutes=1)))
