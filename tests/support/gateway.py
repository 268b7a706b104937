"""A dataset with files in a folder, booked by the team, and the ways in which access to it comes and goes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask

from booking.db import db, transaction
from booking.domain.gateway import Pass, sign
from booking.domain.permissions import Actor
from booking.domain.terms import NewTerms
from booking.domain.windows import Window
from booking.models.resources import Resource
from booking.services import booking_moves, memberships, permits, resources, teams, terms
from booking.services.bookings import request_booking
from tests.support.lives import at
from tests.support.world import World, build_world

CONTENT = bytes(range(256)) * 40
NAME = "2026/radar one.bin"
LAST = 3_600
"""Seconds for which the addresses of these tests are good, longer than any window of theirs."""


@dataclass(frozen=True)
class Gate:
    """A world whose dataset is restricted, has terms and a permit, and is booked from one o'clock to two after NOW."""

    app: Flask
    world: World
    folder: Path
    booking: int

    def address(self, who: str = "lead", path: str = NAME, *, until: datetime | None = None) -> str:
        """A signed address of this person for a file."""
        actor = self.world.people[who]
        given = Pass(self.world.dataset, self.booking, actor.user_id, until or at(LAST))
        return f"/files/{sign(given, self.app.config['SECRET_KEY'])}/{path}"


def settings(folder: Path) -> dict[str, str]:
    """The setting that makes a folder the root of the world's first organisation."""
    return {"DATASET_ROOTS": f"{World.NORTH}={folder}"}


def build_gate(app: Flask, folder: Path, *, now: datetime, start: float = 1, end: float = 2, **wanted: object) -> Gate:
    """Files under `folder`, terms that all of the team have accepted, a permit, and a booking of a seat."""
    place = folder / "radar" / Path(NAME).parent
    place.mkdir(parents=True, exist_ok=True)
    (folder / "radar" / NAME).write_bytes(CONTENT)
    world = build_world(app, **wanted)
    with app.app_context():
        with transaction() as session:
            row = session.get_one(Resource, world.dataset)
            row.files_root, row.files_folder, row.sensitivity = World.NORTH, "radar", "restricted"
        terms.publish_terms(World.DATASET, NewTerms("Cite us."), actor=world.steward, now=now)
        for who in ("lead", "member"):
            terms.accept_terms(World.DATASET, 1, actor=world.people[who], now=now)
        permits.give_permit(World.DATASET, world.team, "radar", now + timedelta(days=9), actor=world.steward, now=now)
        booking = book_seat(world, now, start, end)
    return Gate(app, world, folder, booking)


def book_seat(world: World, now: datetime, start: float, end: float) -> int:
    """The team's booking of a seat between two hours after `now`."""
    window = Window(now + timedelta(hours=start), now + timedelta(hours=end))
    return request_booking(world.order(window, 0, seats=1), actor=world.lead, now=now).id


def _admin(gate: Gate) -> Actor:
    return gate.world.admin


def revoked(gate: Gate, now: datetime) -> None:
    booking_moves.revoke_booking(gate.booking, actor=gate.world.steward, now=now, reason="needed elsewhere")


def left_the_team(gate: Gate, now: datetime) -> None:
    member = gate.world.member
    memberships.remove_member(gate.world.team, member.user_id, actor=member, now=now)


def urgent_terms(gate: Gate, now: datetime) -> None:
    new = NewTerms("Cite us.\nDelete it at once.", urgent=True)
    terms.publish_terms(World.DATASET, new, actor=gate.world.steward, now=now)


def ordinary_terms(gate: Gate, now: datetime) -> None:
    new = NewTerms("Cite us.\nPay us.")
    terms.publish_terms(World.DATASET, new, actor=gate.world.steward, now=now)


def permit_ended(gate: Gate, now: datetime) -> None:
    permits.withdraw_permit(1, actor=gate.world.steward, now=now, reason="misused")


def suspended(gate: Gate, now: datetime) -> None:
    teams.suspend_team(gate.world.team, actor=_admin(gate), now=now, reason="to look into it")


def withdrawn(gate: Gate, now: datetime) -> None:
    resources.withdraw_dataset(World.DATASET, actor=gate.world.steward, now=now, reason="an error in it")


def nothing(gate: Gate, now: datetime) -> None:
    """All stays as it is."""


@dataclass(frozen=True)
class Cell:
    """What happens, at how many hours, to whom, and the code of the refusal; empty where the file is sent."""

    name: str
    code: str
    hours: float = 1.5
    happens: Callable[[Gate, datetime], None] = nothing
    who: str = "member"
    good_for: timedelta = timedelta(days=9)


MATRIX = (
    Cell("before the window", "before_window", hours=0.999),
    Cell("inside the window", ""),
    Cell("at its first instant", "", hours=1),
    Cell("at its end", "after_window", hours=2),
    Cell("after the window", "after_window", hours=3),
    Cell("revoked", "booking_over", happens=revoked),
    Cell("left the team", "not_a_member", happens=left_the_team),
    Cell("never in the team", "not_a_member", who="rival"),
    Cell("terms not accepted", "terms_not_accepted", who="newcomer"),
    Cell("new terms in the middle", "", happens=ordinary_terms),
    Cell("urgent new terms in the middle", "terms_not_accepted", happens=urgent_terms),
    Cell("permit ended", "permit_missing", happens=permit_ended),
    Cell("team suspended", "team_suspended", happens=suspended),
    Cell("dataset withdrawn", "dataset_withdrawn", happens=withdrawn),
    Cell("address too old", "address_expired", good_for=timedelta(hours=1.4)),
)


def enter(gate: Gate, cell: Cell, started: datetime) -> tuple[str, datetime]:
    """Let it happen: the address that is asked for, and when. A newcomer is in the team and has accepted nothing."""
    now = started + timedelta(hours=cell.hours)
    who = "stranger" if cell.who == "newcomer" else cell.who
    with gate.app.app_context():
        if cell.who == "newcomer":
            lead = gate.world.lead
            memberships.add_member(gate.world.team, "stranger@example.org", "member", actor=lead, now=started)
        cell.happens(gate, now)
        db.session.remove()
    return gate.address(who, until=started + cell.good_for), now
