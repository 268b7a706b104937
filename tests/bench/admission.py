"""The admission rows: bookings a second over HTTP beside the floor, one by one and many by one call."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.bench.floor import floor
from tests.bench.world import SLOT, SLOTS, YEAR, Field
from tests.support.load import Client, sustained
from tests.support.postgresql import Cluster
from tests.support.web_server import WebServer

SECONDS = 4
ROUNDS = 3
WINDOWS = 32
"""How many dates a recurring request has."""

Asking = Callable[[Client, str, Sequence[str], int], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what, its ratio, the goal, and what it was measured against.

    The ratio is at least the gate, or at most; without a gate nothing is asked of it.
    """

    what: str
    ratio: float
    gate: str
    reach: str
    beside: str
    at_most: bool = False

    @property
    def is_missed(self) -> bool:
        """Whether the gate is not reached."""
        if not self.gate:
            return False
        return self.ratio > float(self.gate) if self.at_most else self.ratio < float(self.gate)

    @property
    def goals(self) -> tuple[str, str]:
        """Gate and reach as the table shows them."""
        return (f"≤ {self.gate}", f"≤ {self.reach}") if self.at_most else (self.gate or "–", self.reach or "–")


def orders(client: Client, team: str, pools: Sequence[str], seed: int) -> Iterator[bytes]:
    """Requests for an hour somewhere in the year, prepared as they are sent."""
    chance = random.Random(seed)
    while True:
        start = YEAR + SLOT * chance.randrange(SLOTS - 4)
        body = {
            "team": team,
            "starts_at": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "ends_at": f"{start + 4 * SLOT:%Y-%m-%dT%H:%M:%SZ}",
            "claims": [{"resource": chance.choice(pools), "units": 1}],
            "purpose": "bench",
        }
        yield client.prepared("POST", "/api/v1/bookings", body)


def series(client: Client, team: str, pools: Sequence[str], seed: int) -> Iterator[bytes]:
    """Requests for an hour on each of so many days from some day of the year on, prepared as they are sent."""
    chance = random.Random(seed)
    while True:
        start = YEAR + SLOT * chance.randrange(SLOTS - (WINDOWS + 1) * 96)
        body = {
            "team": team,
            "timezone": "UTC",
            "starts_at": f"{start:%Y-%m-%dT%H:%M}",
            "ends_at": f"{start + 4 * SLOT:%Y-%m-%dT%H:%M}",
            "rule": f"FREQ=DAILY;COUNT={WINDOWS}",
            "claims": [{"resource": chance.choice(pools), "units": 1}],
            "purpose": "bench",
        }
        yield client.prepared("POST", "/api/v1/series", body)


def booked_rate(
    server: WebServer, field: Field, pools: Sequence[str], clients: int, seed: int, asking: Asking = orders
) -> float:
    """Requests admitted a second by so many clients, each with a team of its own."""
    connections = [Client(server.url, token) for _, token in field.teams[:clients]]
    requests = [
        asking(connection, team, pools, seed * 100 + index)
        for index, (connection, (team, _)) in enumerate(zip(connections, field.teams, strict=False))
    ]
    run = sustained(connections, requests, SECONDS)
    for connection in connections:
        connection.close()
    refused = {status: number for status, number in run.statuses.items() if status != 201}
    if refused:
        raise RuntimeError(f"not every booking was admitted: {refused}")
    return run.rate(201)


def against_floor(
    cluster: Cluster,
    server: WebServer,
    field: Field,
    *,
    clients: int,
    pools: Sequence[str],
    asking: Asking = orders,
    windows: int = 1,
) -> tuple[float, str]:
    """The best of several rounds, each with its floor right before it, by ratio; and what was measured."""
    pairs = []
    for number in range(ROUNDS):
        beside = floor(cluster, "floor", clients=clients, pools=len(pools), seconds=SECONDS)
        pairs.append((windows * booked_rate(server, field, pools, clients, number, asking), beside))
    rate, beside = sorted(pairs, key=lambda pair: pair[0] / pair[1])[len(pairs) // 2]
    return rate / beside, f"{rate:.0f}/s beside {beside:.0f}/s"


def admission_rows(cluster: Cluster, server: WebServer, field: Field) -> Iterator[Row]:
    """One client, eight clients, sixty-four pools; the middle one of three rounds each."""
    one, many = field.pools[:1], field.pools
    for what, clients, pools, gate, reach in (
        ("booking admitted, 1 client, one pool / floor", 1, one, "0.30", "0.50"),
        ("8 clients, one pool / floor", 8, one, "0.35", "0.65"),
        ("8 clients, 64 pools / that floor", 8, many, "0.15", "0.33"),
    ):
        ratio, beside = against_floor(cluster, server, field, clients=clients, pools=pools)
        yield Row(what, ratio, gate, reach, beside)
    what = f"a recurring request of {WINDOWS} windows in one call, bookings/s / floor (8 clients)"
    ratio, beside = against_floor(cluster, server, field, clients=8, pools=one, asking=series, windows=WINDOWS)
    yield Row(what, ratio, "2", "5", beside)


def history_row(server: WebServer, field: Field) -> Row:
    """Whether a million bookings in the pool slow the next one down; both pools by turns."""
    rates: dict[str, list[float]] = {field.small: [], field.large: []}
    for number in range(ROUNDS):
        for slug, seen in rates.items():
            seen.append(booked_rate(server, field, [slug], 8, 1_000 + number))
    small, large = (sorted(rates[slug])[ROUNDS // 2] for slug in (field.small, field.large))
    return Row(
        "rate with 1,000,000 bookings in the pool / with 1,000",
        large / small,
        "0.90",
        "0.95",
        f"{large:.0f}/s beside {small:.0f}/s",
    )
