"""What the benchmark books: teams with quota that does not bind, pools that never fill, and pools with a past."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.db import transaction
from booking.domain.capacity import Steps
from booking.models.capacity import CapacityChange
from booking.models.facilities import Facility
from booking.models.resources import Resource
from booking.models.teams import Membership, Team
from booking.models.tokens import Token
from booking.models.users import User
from tests.support.world import SINCE, UNTIL, World, build_world, grant

TEAMS = 8
POOLS = 64
YEAR = datetime(2027, 1, 1, tzinfo=UTC)
DUE_YEAR = datetime(2025, 1, 1, tzinfo=UTC)
SLOT = timedelta(minutes=15)
SLOTS = 365 * 96
UNITS = 100_000


@dataclass(frozen=True, slots=True)
class Field:
    """Slugs of the pools, and a slug and a token for each team."""

    world: World
    pools: tuple[str, ...]
    small: str
    large: str
    teams: tuple[tuple[str, str], ...]


def build_field(app: Flask) -> Field:
    """Fill an empty database with what the measurements need, the loaded pools apart."""
    world = build_world(app, units=UNITS, policy={"horizon_days": 3_650})
    with app.app_context(), transaction() as session:
        pools = tuple(_pool(session, world, f"field-{number}") for number in range(POOLS))
        return Field(
            world=world,
            pools=pools,
            small=_pool(session, world, "thousand"),
            large=_pool(session, world, "million"),
            teams=tuple(_team(session, world, f"field-team-{number}") for number in range(TEAMS)),
        )


def _pool(session: Session, world: Any, slug: str) -> str:
    usual = {"organisation_id": world.north, "facility_id": world.facility, "created_at": SINCE, "state": "published"}
    row = Resource(
        kind="pool", name=slug, slug=slug, gpu_model="A100", gpu_memory_gib=80, policy={"horizon_days": 3_650}, **usual
    )
    session.add(row)
    session.flush()
    session.add(CapacityChange(resource_id=row.id, kind="supply", units=UNITS, starts_at=SINCE, created_at=SINCE))
    return slug


def _team(session: Session, world: Any, slug: str) -> tuple[str, str]:
    user = User(email=f"{slug}@example.org", name=slug, password_hash="", session_key="", created_at=SINCE)
    team = Team(
        name=slug, slug=slug, scenario_id=world.scenario, organisation_id=world.north, state="approved",
        applied_at=SINCE, approved_until=UNTIL,
    )  # fmt: skip
    session.add_all([user, team])
    session.flush()
    session.add(Membership(team_id=team.id, user_id=user.id, role="lead", joined_at=SINCE))
    token = f"bk_{slug}"
    digest = sha256(token.encode()).hexdigest()
    session.add(Token(user_id=user.id, digest=digest, name="bench", scope="write", created_at=SINCE, expires_at=UNTIL))
    grant(session, team.id, 10**9)
    return slug, token


def load_past(app: Flask, url: str, slug: str, number: int, *, year: datetime = YEAR) -> None:
    """Give a pool so many confirmed bookings of a year, with all their rows but the delivered outbox, by COPY."""
    with app.app_context(), transaction() as session:
        pool_id = session.scalars(select(Resource.id).where(Resource.slug == slug)).one()
        team, _ = _team(session, session_world(session), f"past-of-{slug}")
        team_id = session.scalars(select(Team.id).where(Team.slug == team)).one()
    with psycopg.connect(url) as connection:
        _copy(connection, pool_id, team_id, number, year)


def load_due(app: Flask, url: str, number: int, name: str) -> None:
    """So many confirmed bookings that are over already, of as many pools and teams as there are clients."""
    for place in range(TEAMS):
        slug = f"due-{name}-{place}"
        with app.app_context(), transaction() as session:
            _pool(session, session_world(session), slug)
        load_past(app, url, slug, number // TEAMS, year=DUE_YEAR)


def session_world(session: Session) -> Any:
    """The ids that a further team or pool needs."""
    wanted = (Team.scenario_id.label("scenario"), Team.organisation_id.label("north"), Facility.id.label("facility"))
    return session.execute(select(*wanted).join(Facility, Facility.organisation_id == Team.organisation_id)).first()


def _copy(connection: psycopg.Connection, pool_id: int, team_id: int, number: int, year: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM grants WHERE team_id = %s", [team_id])
        (grant_id,) = cursor.fetchone() or (0,)
        cursor.execute("SELECT coalesce(max(id), 0) FROM bookings")
        (last,) = cursor.fetchone() or (0,)
        for table, columns, rows in _tables(pool_id, team_id, grant_id, last + 1, number, year):
            _copy_rows(cursor, table, columns, rows)
        cursor.execute("UPDATE grants SET held = held + %s WHERE id = %s", [number * 3600, grant_id])
        cursor.execute("SELECT setval(pg_get_serial_sequence('bookings', 'id'), %s)", [last + number])
    connection.commit()
    connection.autocommit = True
    connection.execute("ANALYZE")


def _copy_rows(cursor: psycopg.Cursor, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:  # type: ignore[arg-type]
        for row in rows:
            copy.write_row(row)


def load_pools(app: Flask, url: str, number: int, bookings: int, *, gpu_model: str) -> None:
    """So many pools of a model, each with so many bookings: the first by COPY, the others from it; no ledger."""
    with app.app_context(), transaction() as session:
        ids = [_loaded_pool(session, place, gpu_model) for place in range(number)]
        team_id = session.scalars(select(Team.id)).first() or 0
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM bookings")
        (last,) = cursor.fetchone() or (0,)
        for table, columns, rows in _tables(ids[0], team_id, 0, last + 1, bookings):
            if table in SEARCHED:
                _copy_rows(cursor, table, columns, rows)
                cursor.execute(SEARCHED[table], {"first": ids[0], "ids": ids, "size": bookings, "last": last})
        cursor.execute("SELECT setval(pg_get_serial_sequence('bookings', 'id'), %s)", [last + number * bookings])
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")


_OTHERS = "CROSS JOIN unnest(%(ids)s::bigint[]) WITH ORDINALITY AS pool (number, place) WHERE place > 1 AND"
SEARCHED: dict[str, Any] = {
    "bookings": "INSERT INTO bookings (id, team_id, state, starts_at, ends_at, purpose, version, unit_seconds,"
    " created_at) SELECT id + (place - 1) * %(size)s, team_id, state, starts_at, ends_at, purpose, version,"
    f" unit_seconds, created_at FROM bookings {_OTHERS} id > %(last)s",
    "claims": "INSERT INTO claims (booking_id, resource_id, units, starts_at, ends_at, unit_seconds, weight_percent,"
    " cancel_cutoff_minutes, late_cancel_percent, charge, min_charge_percent, approval)"
    " SELECT booking_id + (place - 1) * %(size)s, number, units, starts_at, ends_at, unit_seconds, weight_percent,"
    " cancel_cutoff_minutes, late_cancel_percent, charge, min_charge_percent, approval"
    f" FROM claims {_OTHERS} resource_id = %(first)s",
    "held_steps": "INSERT INTO held_steps (resource_id, at, held) SELECT number, at, held"
    f" FROM held_steps {_OTHERS} resource_id = %(first)s",
}
"""What a search and its surroundings read, for every further pool as it is for the first."""


def _loaded_pool(session: Session, place: int, gpu_model: str) -> int:
    world = session.execute(select(Facility.organisation_id, Facility.id)).first()
    row = Resource(
        kind="pool", name=f"Pool {place}", slug=f"searched-{place}", organisation_id=world[0], facility_id=world[1],
        gpu_model=gpu_model, gpu_memory_gib=32, policy={"horizon_days": 3_650}, state="published", created_at=SINCE,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add(CapacityChange(resource_id=row.id, kind="supply", units=64, starts_at=SINCE, created_at=SINCE))
    return row.id


def _tables(
    pool_id: int, team_id: int, grant_id: int, first: int, number: int, year: datetime = YEAR
) -> Iterator[tuple[str, str, Iterator[tuple[Any, ...]]]]:
    """Each table with its columns and rows; every booking is one unit for an hour, spread evenly over the year."""
    starts = [year + SLOT * (index * SLOTS // number) for index in range(number)]
    hour = timedelta(hours=1)
    yield (
        "bookings",
        "id, team_id, state, starts_at, ends_at, purpose, version, unit_seconds, created_at",
        (
            (first + index, team_id, "confirmed", start, start + hour, "past", 1, 3600, SINCE)
            for index, start in enumerate(starts)
        ),
    )
    yield (
        "claims",
        "booking_id, resource_id, units, starts_at, ends_at, unit_seconds, weight_percent, cancel_cutoff_minutes,"
        " late_cancel_percent, charge, min_charge_percent, approval",
        (
            (first + index, pool_id, 1, start, start + hour, 3600, 100, 0, 0, "booked", 0, "none")
            for index, start in enumerate(starts)
        ),
    )
    yield (
        "ledger_entries",
        "grant_id, booking_id, resource_id, kind, unit_seconds, at, by, reason",
        ((grant_id, first + index, pool_id, "hold", 3600, SINCE, "bench", "") for index in range(number)),
    )
    yield (
        "booking_history",
        "booking_id, at, to_state, by, reason",
        ((first + index, SINCE, "confirmed", "bench", "") for index in range(number)),
    )
    held = Steps.total((start, start + hour, 1) for start in starts)
    yield ("held_steps", "resource_id, at, held", ((pool_id, at, level) for at, level in held.changes))
