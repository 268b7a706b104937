"""Races: many clients at once for what only one can have, round after round."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from flask import Flask

from booking.db import transaction
from booking.domain.activities import ActivityKind, NewActivity
from booking.domain.windows import Window
from booking.services.activities import announce_activity
from tests.support.load import Answer, Client, at_once
from tests.support.world import World, build_world, grant

FIRST = datetime(2031, 1, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass
class Outcome:
    """How often a round had so many winners, and every other status that was seen."""

    winners: Counter[int] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    booked: list[str] = field(default_factory=list)

    def note(self, answers: Sequence[Answer | ConnectionError]) -> None:
        won = [answer for answer in answers if isinstance(answer, Answer) and answer.status == 201]
        self.winners[len(won)] += 1
        self.booked += [answer.json()["id"] for answer in won]
        self.statuses.update(str(answer.status) if isinstance(answer, Answer) else "lost" for answer in answers)


Asked = Callable[[int, int], dict[str, Any]]
"""The body that a client (its number) sends in a round (its number)."""


def race(
    urls: Sequence[str],
    tokens: Sequence[str],
    asked: Asked,
    *,
    clients: int,
    rounds: int,
    path: Callable[[int], str] = lambda _turn: "/api/v1/bookings",
) -> Outcome:
    """Let all clients ask at the same moment, in each round for another thing; they take the servers by turns.

    `path` is where they ask in a round.
    """
    connections = [Client(urls[number % len(urls)], tokens[number % len(tokens)]) for number in range(clients)]
    outcome = Outcome()
    for turn in range(rounds):
        prepared = [
            connection.prepared("POST", path(turn), asked(number, turn))
            for number, connection in enumerate(connections)
        ]
        outcome.note(at_once([partial(one.send, request) for one, request in zip(connections, prepared, strict=True)]))
    for connection in connections:
        connection.close()
    return outcome


def last_unit(app: Flask) -> tuple[World, Asked]:
    """A pool with a single unit, asked for by both teams; each round is another hour."""
    world = build_world(app, units=1, policy={"horizon_days": 36_500, "max_minutes": None})

    def asked(client: int, turn: int) -> dict[str, Any]:
        return _body((World.TEAM, World.RIVAL_TEAM)[client % 2], World.POOL, turn)

    return world, asked


def last_hour(app: Flask, rounds: int) -> tuple[World, Asked]:
    """A team whose vouchers cover one GPU for an hour each, asked for on two pools that have plenty."""
    policy = {"horizon_days": 36_500, "max_minutes": None, "opening": "voucher"}
    world = build_world(app, units=1_000, other_units=1_000, policy=policy)
    with app.app_context(), transaction() as session:
        for turn in range(rounds):
            start = FIRST + turn * HOUR
            voucher = {"subsidy_percent": 40, "organisation_id": world.north}
            grant(session, world.team, 1, kind="pool", starts_at=start, ends_at=start + HOUR, **voucher)

    def asked(client: int, turn: int) -> dict[str, Any]:
        return _body(World.TEAM, (World.POOL, World.OTHER_POOL)[client % 2], turn)

    return world, asked


def last_place(app: Flask, rounds: int) -> tuple[World, Asked, Callable[[int], str]]:
    """An activity for each round, with one place that everybody asks for."""
    world = build_world(app)
    with app.app_context():
        for turn in range(rounds):
            window = Window(FIRST + turn * HOUR, FIRST + (turn + 1) * HOUR)
            about = ("Day of rounds", f"round-{turn}", "north", ActivityKind.CONTEST, "Beijing", "Hall 4", "")
            announce_activity(NewActivity(*about, window, places=1), actor=world.admin, now=FIRST - 400 * DAY)
    return world, lambda _client, _turn: {}, lambda turn: f"/api/v1/activities/round-{turn}/enrolments"


def _body(team: str, pool: str, turn: int) -> dict[str, Any]:
    start = FIRST + turn * HOUR
    return {
        "team": team,
        "starts_at": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "ends_at": f"{start + HOUR:%Y-%m-%dT%H:%M:%SZ}",
        "claims": [{"resource": pool, "units": 1}],
        "purpose": "race",
    }
