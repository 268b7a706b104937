"""What tests of the outbox do again and again: write into it, look into it, and stand in for the mail."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, select

from booking.changes.outbox import tell
from booking.db import db, transaction
from booking.domain.notices import Letter
from booking.domain.windows import Window
from booking.models.outbox import OutboxItem
from booking.services.bookings import request_booking
from tests.domain.examples import at
from tests.support.world import World

NOW = at(9)
ANA, BEA, CLEO = "ana@example.org", "bea@example.org", "cleo@example.org"


@dataclass
class Postman:
    """Takes letters, as told: `fails` has what happens to some addresses."""

    fails: dict[str, Exception] = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        self.tried.append(letter.reader.address)
        if letter.reader.address in self.fails:
            raise self.fails[letter.reader.address]
        self.letters.append(letter)

    @property
    def addresses(self) -> list[str]:
        return [letter.reader.address for letter in self.letters]


def write(address: str, subject: str = "user:1", event: str = "confirm_email", **payload: Any) -> None:
    """Put mail to an address into the outbox."""
    with transaction() as session:
        tell(session, destination=f"mail:{address}", subject=subject, event=event, payload=payload, now=NOW)


def happen(event: str, subject: str) -> None:
    """Put something that happened into the outbox, addressed to nobody yet."""
    noun, _, number = subject.partition(":")
    with transaction() as session:
        booking_id = int(number) if noun == "booking" else None
        tell(session, destination="notices", subject=subject, event=event, payload={}, now=NOW, booking_id=booking_id)


def items(**wanted: Any) -> list[OutboxItem]:
    """What the outbox holds by now."""
    db.session.rollback()
    chosen = select(OutboxItem).filter_by(**wanted).order_by(OutboxItem.id).execution_options(populate_existing=True)
    return list(db.session.scalars(chosen))


def destinations(event: str) -> list[str]:
    """Whom mail of an event is for."""
    return [item.destination for item in items(event=event) if item.destination != "notices"]


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def book(world: World, *, units: int = 8, seats: int = 0) -> int:
    """A booking of the team, by its lead."""
    order = world.order(Window(at(12), at(14)), units, seats=seats)
    return request_booking(order, actor=world.lead, now=NOW).id
