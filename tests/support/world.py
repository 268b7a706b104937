"""A small world to test in: two owners, a pool of each, a dataset, a team, its rival, and quota for both."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from booking.db import transaction
from booking.domain.orders import Claim, Order
from booking.domain.permissions import Actor
from booking.domain.windows import Window
from booking.models.capacity import CapacityChange
from booking.models.facilities import Facility
from booking.models.grants import Grant, LedgerEntry
from booking.models.organisations import Organisation
from booking.models.resources import Resource
from booking.models.scenarios import Scenario
from booking.models.teams import Membership, Team
from booking.models.tokens import Token
from booking.models.users import Role, User
from booking.queries.users import actor_by_email
from tests.support.snapshots import Snapshot, is_empty, taken
from tests.support.visitors import PASSWORD, QUICK

# Everything is valid for so long that a test may take any instant for its present, the real one among them.
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
UNTIL = datetime(2040, 1, 1, tzinfo=UTC)

PEOPLE: dict[str, tuple[str, str | None]] = {
    "admin": ("administrator", None),
    "reviewer": ("reviewer", None),
    "operator": ("operator", "north"),
    "steward": ("steward", "north"),
    "funder": ("funder", "north"),
    "owner": ("scenario_owner", "north"),
    "other_operator": ("operator", "south"),
    "lead": ("", None),
    "member": ("", None),
    "rival": ("", None),
    "stranger": ("", None),
}
"""Each person's role and the organisation it is for; the address is `<name>@example.org`."""


@dataclass(frozen=True, slots=True)
class World:
    """Ids, slugs and people; `north` owns pool and dataset, `south` the other pool.

    `people` are those of PEOPLE, `tokens` their API tokens; the password of all is `visitors.PASSWORD`.
    """

    north: int
    south: int
    scenario: int
    facility: int
    other_facility: int
    pool: int
    other_pool: int
    dataset: int
    team: int
    rival_team: int
    pool_grant: int
    dataset_grant: int
    rival_pool_grant: int
    rival_dataset_grant: int
    people: Mapping[str, Actor]
    tokens: Mapping[str, str]

    NORTH = "north"
    SOUTH = "south"
    SCENARIO = "traffic"
    FACILITY = "north-centre"
    OTHER_FACILITY = "south-centre"
    POOL = "north-a100"
    OTHER_POOL = "south-h100"
    DATASET = "north-radar"
    TEAM = "team"
    RIVAL_TEAM = "rival-team"

    @property
    def lead(self) -> Actor:
        return self.people["lead"]

    @property
    def member(self) -> Actor:
        return self.people["member"]

    @property
    def rival(self) -> Actor:
        return self.people["rival"]

    @property
    def operator(self) -> Actor:
        return self.people["operator"]

    @property
    def steward(self) -> Actor:
        return self.people["steward"]

    @property
    def admin(self) -> Actor:
        return self.people["admin"]

    def bearer(self, name: str = "lead") -> dict[str, str]:
        """The header that a program of this person sends."""
        return {"Authorization": f"Bearer {self.tokens[name]}"}

    def order(self, window: Window, units: int = 8, *, seats: int = 0, team: int = 0) -> Order:
        """Units of the pool, and seats of the dataset where wanted, for the team unless it says."""
        wanted = ((self.pool, units), (self.dataset, seats))
        claims = tuple(Claim(resource_id, number) for resource_id, number in wanted if number)
        return Order(team or self.team, window, claims, "training")


def build_world(app: Flask, **wanted: Any) -> World:
    """Fill an empty database in one transaction; what is `wanted` differs from the usual, as `fill` names it.

    A world that this process has built before is put back row by row, which takes a third of the time.
    """
    with app.app_context(), transaction() as session:
        connection = session.connection()
        key = repr((connection.dialect.name, sorted(wanted.items())))
        if not is_empty(session):
            return fill(session, **wanted)
        if key not in _built:
            _built[key] = fill(session, **wanted), taken(connection)
        else:
            _built[key][1](connection)
        return _built[key][0]


_built: dict[str, tuple[World, Snapshot]] = {}


def fill(
    session: Session,
    *,
    units: int = 64,
    other_units: int = 16,
    seats: int | None = 2,
    grid_minutes: int = 15,
    policy: Mapping[str, Any] | None = None,
    dataset_policy: Mapping[str, Any] | None = None,
    access: str = "gateway",
    pool_hours: int = 100_000,
    dataset_hours: int = 1_000,
    cap_hours: int | None = None,
    cap_per: str = "week",
    timezone: str = "UTC",
    since: datetime = SINCE,
    until: datetime = UNTIL,
) -> World:
    """Fill an empty database; what is named differs from the usual.

    `policy` counts for both pools, `cap_hours` for the grants of kind `pool`; capacity, grants and approvals are valid
    from `since` to `until`.
    """
    rows = _places(session, since)
    rows |= _resources(session, rows, since, grid_minutes, policy or {}, dataset_policy or {}, seats, access)
    for pool, offered in (("pool", units), ("other_pool", other_units)):
        _supply(session, rows[pool], offered, since, until)
    rows |= _people(session, rows, since)
    rows |= _teams(session, rows, since, until)
    cap = {"cap_unit_seconds": cap_hours * 3600, "cap_per": cap_per} if cap_hours is not None else {}
    for team, prefix in (("team", ""), ("rival_team", "rival_")):
        for kind, hours, capped in (("pool", pool_hours, cap), ("dataset", dataset_hours, {})):
            fields = {"timezone": timezone, "starts_at": since, "ends_at": until, **capped}
            rows[f"{prefix}{kind}_grant"] = grant(session, rows[team], hours, kind=kind, **fields)
    tokens = {name: _token(session, rows[name], name, until) for name in PEOPLE}
    people = {name: _actor(session, name) for name in PEOPLE}
    ids = {name: number for name, number in rows.items() if name not in PEOPLE}
    return World(people=people, tokens=tokens, **ids)


def grant(session: Session, team_id: int, hours: int, **fields: Any) -> int:
    """A grant with the ledger entry that belongs to it; of kind `pool` and always valid unless it says."""
    scope = {} if {"kind", "resource_id", "facility_id"} & set(fields) else {"kind": "pool"}
    usual = {"starts_at": SINCE, "ends_at": UNTIL, "created_at": SINCE}
    row = Grant(team_id=team_id, amount=hours * 3600, held=0, charged=0, **{**usual, **scope, **fields})
    session.add(row)
    session.flush()
    entry = LedgerEntry(
        grant_id=row.id, kind="grant", unit_seconds=row.amount, at=row.created_at, by="admin@example.org", reason=""
    )
    session.add(entry)
    return row.id


def _add(session: Session, row: Any) -> int:
    session.add(row)
    session.flush()
    return row.id


def _places(session: Session, since: datetime) -> dict[str, int]:
    north = _add(
        session,
        Organisation(name="北方研究院", slug=World.NORTH, kind="institute", region="Beijing", created_at=since),
    )
    south = _add(
        session,
        Organisation(
            name="Southern University", slug=World.SOUTH, kind="university", region="Guangdong", created_at=since
        ),
    )
    return {
        "north": north,
        "south": south,
        "facility": _add(
            session,
            Facility(
                name="北方计算中心", slug=World.FACILITY, organisation_id=north, region="Beijing",
                timezone="Asia/Shanghai", created_at=since,
            ),
        ),
        "other_facility": _add(
            session,
            Facility(
                name="Southern Centre", slug=World.OTHER_FACILITY, organisation_id=south, region="Guangdong",
                timezone="Asia/Shanghai", created_at=since,
            ),
        ),
        "scenario": _add(
            session,
            Scenario(
                name="Traffic lights that see", slug=World.SCENARIO, organisation_id=north, category="society",
                region="Beijing", description="Signals that follow the traffic.", published_at=since,
            ),
        ),
    }  # fmt: skip


def _resources(
    session: Session,
    rows: Mapping[str, int],
    since: datetime,
    grid_minutes: int,
    policy: Mapping[str, Any],
    dataset_policy: Mapping[str, Any],
    seats: int | None,
    access: str,
) -> dict[str, int]:
    usual = {"state": "published", "grid_minutes": grid_minutes, "created_at": since}
    pools = {
        name: Resource(
            kind="pool", name=slug.upper(), slug=slug, organisation_id=rows[owner], facility_id=rows[place],
            gpu_model=model, gpu_memory_gib=80, policy=dict(policy), **usual,
        )
        for name, slug, owner, place, model in (
            ("pool", World.POOL, "north", "facility", "A100"),
            ("other_pool", World.OTHER_POOL, "south", "other_facility", "H100"),
        )
    }  # fmt: skip
    dataset = Resource(
        kind="dataset", name="Radar pictures", slug=World.DATASET, organisation_id=rows["north"],
        facility_id=rows["facility"], seats=seats, licence="CC-BY-4.0", access=access, policy=dict(dataset_policy),
        **usual,
    )  # fmt: skip
    return {name: _add(session, row) for name, row in {**pools, "dataset": dataset}.items()}


def _supply(session: Session, pool: int, units: int, since: datetime, until: datetime) -> None:
    if units:
        session.add(
            CapacityChange(
                resource_id=pool, kind="supply", units=units, starts_at=since, ends_at=until, created_at=since
            )
        )


def _people(session: Session, rows: Mapping[str, int], since: datetime) -> dict[str, int]:
    found = {}
    for name, (role, organisation) in PEOPLE.items():
        user = User(
            email=f"{name}@example.org", name=name.replace("_", " ").title(), password_hash=_hashed_password(),
            session_key=f"session of {name}", created_at=since, confirmed_at=since,
        )  # fmt: skip
        found[name] = _add(session, user)
        if role:
            owner = rows[organisation] if organisation else None
            session.add(Role(user_id=found[name], role=role, organisation_id=owner))
    return found


@cache
def _hashed_password() -> str:
    """The password of everyone, hashed once and as weakly as can be, which no test of a world is about."""
    return QUICK.hash(PASSWORD)


def _teams(session: Session, rows: Mapping[str, int], since: datetime, until: datetime) -> dict[str, int]:
    found = {}
    for name, slug, owner, people in (
        ("team", World.TEAM, "north", {"lead": "lead", "member": "member"}),
        ("rival_team", World.RIVAL_TEAM, "south", {"rival": "lead"}),
    ):
        team = Team(
            name=slug.replace("-", " ").title(), slug=slug, scenario_id=rows["scenario"], organisation_id=rows[owner],
            state="approved", applied_at=since, decided_at=since, approved_until=until,
        )  # fmt: skip
        found[name] = _add(session, team)
        session.add_all(
            Membership(team_id=team.id, user_id=rows[person], role=role, joined_at=since)
            for person, role in people.items()
        )
    return found


def _token(session: Session, user_id: int, name: str, until: datetime) -> str:
    text = f"bk_token-of-{name}"
    digest = sha256(text.encode()).hexdigest()
    session.add(Token(user_id=user_id, digest=digest, name="tests", scope="write", created_at=SINCE, expires_at=until))
    return text


def _actor(session: Session, name: str) -> Actor:
    session.flush()
    actor = actor_by_email(session, f"{name}@example.org")
    assert actor is not None
    return actor
