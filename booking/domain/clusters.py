"""Clusters: what a booking becomes on the machines, in our words, and the names that may reach a command."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from booking.domain.bookings import Booking
from booking.domain.capacity import Steps
from booking.domain.errors import Conflict, Invalid
from booking.domain.lifecycle import State
from booking.domain.outbox import Temporary
from booking.domain.slugs import clean_slug
from booking.domain.windows import Window

CLUSTER = "cluster:"

PINNED_BEFORE = timedelta(hours=1)
"""So long before its start a booking gets its nodes: a promise for weeks would leave the machines in fragments."""

LATE = timedelta(minutes=1)

MOST_NODES = 2_000
MOST_GPUS_A_NODE = 64
LONGEST_PREFIX = 20

_MACHINE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", re.ASCII)
_LOGIN = re.compile(r"[a-z_][a-z0-9_.-]{0,31}", re.ASCII)
_PREFIX = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_OURS = re.compile(r"bk-([1-9][0-9]{0,18})", re.ASCII)
_RANGE = re.compile(r"([A-Za-z0-9_.-]*)(?:\[([0-9,-]+)\])?", re.ASCII)
_EVERYBODYS = frozenset({"root", "slurm", "munge", "nobody"})


class Taken(Temporary):
    """Some of the nodes are in a reservation of somebody else's, or still in another one of ours."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Nodes that only some accounts may use over a window; `nodes` in the order of their names."""

    name: str
    nodes: tuple[str, ...]
    window: Window
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """A team on a cluster: who may run jobs for it, and how many GPU-minutes all of them together may ever use.

    `gpu_minutes` None stands for no limit.
    """

    name: str
    members: frozenset[str]
    gpu_minutes: int | None


@dataclass(frozen=True, slots=True)
class Machine:
    """A node as its cluster has it."""

    name: str
    partitions: frozenset[str]
    gpus: int
    usable: bool


@dataclass(frozen=True, slots=True)
class Binding:
    """Which machines a pool stands for: equal nodes of one partition of a cluster."""

    cluster: str
    partition: str
    gpus_per_node: int
    nodes: tuple[str, ...]

    @property
    def units(self) -> int:
        """All its GPUs."""
        return self.gpus_per_node * len(self.nodes)

    def checked(self) -> Binding:
        """The same with its nodes in order; Invalid names what cannot be meant."""
        clean_slug(self.cluster, "cluster")
        clean_machine(self.partition, "partition")
        if not 1 <= self.gpus_per_node <= MOST_GPUS_A_NODE:
            raise Invalid("gpus_per_node", "This is a whole number from %(least)s to %(most)s.",
                          {"least": 1, "most": MOST_GPUS_A_NODE})  # fmt: skip
        if not 1 <= len(self.nodes) <= MOST_NODES:
            raise Invalid("nodes", "Name 1 to %(most)s nodes.", {"most": MOST_NODES})
        for node in self.nodes:
            clean_machine(node, "nodes")
        if len(set(self.nodes)) < len(self.nodes):
            raise Invalid("nodes", "A node is named twice.")
        return Binding(self.cluster, self.partition, self.gpus_per_node, in_order(self.nodes))


def cluster_destination(cluster: str) -> str:
    """The outbox's destination of what a cluster is told."""
    return f"{CLUSTER}{cluster}"


def clean_machine(text: str, field: str) -> str:
    """The name of a node or a partition; Invalid for whatever a command could take for something else."""
    if not _MACHINE.fullmatch(text):
        raise Invalid(
            field, "Such a name is made of letters, digits, “-”, “_” and “.”, and begins with a letter or a digit."
        )
    return text


def clean_login(text: str, field: str = "login") -> str:
    """The name of a person's account on the machines; Invalid for none, and for those of the system."""
    if not _LOGIN.fullmatch(text) or text in _EVERYBODYS:
        raise Invalid(field, "A login is made of a–z, 0–9, “-”, “_” and “.”, and is not one of the system's.")
    return text


def clean_prefix(text: str, field: str = "account_prefix") -> str:
    """What the names of our accounts begin with on a cluster."""
    if not _PREFIX.fullmatch(text) or len(text) > LONGEST_PREFIX:
        raise Invalid(
            field,
            "A prefix is made of a–z, 0–9 and “_”, begins with a letter, and has at most %(most)s characters.",
            {"most": LONGEST_PREFIX},
        )
    return text


def check_whole_nodes(offer: Steps, held: Iterable[int], binding: Binding, now: datetime) -> None:
    """Conflict where what a pool offers from now on, or what bookings hold of it, is not made of whole nodes."""
    levels = {offer.level_at(now), *(level for at, level in offer.changes if at > now)}
    for level in sorted(levels):
        if level % binding.gpus_per_node:
            raise Conflict(
                "The pool would offer %(units)s GPUs, which is not made of whole nodes of %(gpus_per_node)s.",
                {"units": level, "gpus_per_node": binding.gpus_per_node}, field="units",
            )  # fmt: skip
    if max(levels) > binding.units:
        raise Conflict(
            "The pool would offer %(units)s GPUs, and its nodes have %(most)s.",
            {"units": max(levels), "most": binding.units}, field="units",
        )  # fmt: skip
    for units in held:
        if units % binding.gpus_per_node:
            raise Conflict(
                "A booking holds %(units)s GPUs, which is not made of whole nodes of %(gpus_per_node)s.",
                {"units": units, "gpus_per_node": binding.gpus_per_node}, field="gpus_per_node",
            )  # fmt: skip


def check_step(unit_step: int, binding: Binding | None) -> None:
    """Invalid for a step of a bound pool that is not made of whole nodes."""
    if binding is not None and unit_step % binding.gpus_per_node:
        raise Invalid("policy.unit_step", "Its nodes have %(gpus_per_node)s GPUs each: say a multiple of that.",
                      {"gpus_per_node": binding.gpus_per_node})  # fmt: skip


def account_name(prefix: str, team: str) -> str:
    """The account of a team (its slug); ValueError where either is not what it has to be."""
    try:
        return clean_prefix(prefix) + clean_slug(team)
    except Invalid as invalid:
        raise ValueError(f"no account for {team!r}: {invalid}") from invalid


def reservation_name(booking_id: int) -> str:
    """The reservation of a booking: the name makes a repeat harmless."""
    return f"bk-{booking_id}"


def booking_of(name: str) -> int | None:
    """The booking that a reservation's name stands for; None for a stranger's."""
    found = _OURS.fullmatch(name)
    return int(found[1]) if found else None


def is_ours(reservation: Reservation, prefix: str) -> bool:
    """Whether a reservation was made by us: by its name and by whose it is."""
    ours = all(account.startswith(prefix) for account in reservation.accounts)
    return booking_of(reservation.name) is not None and bool(reservation.accounts) and ours


def wanted_reservation(booking: Booking, nodes: Iterable[str], account: str, now: datetime) -> Reservation | None:
    """What a cluster is to keep for a booking at this moment; None where nothing, or its nodes are not chosen yet."""
    named = in_order(nodes)
    if not named or booking.state not in (State.CONFIRMED, State.ACTIVE) or booking.window.end <= now:
        return None
    missed = booking.check_in_until is not None and booking.checked_in_at is None and booking.check_in_until <= now
    if booking.state is State.CONFIRMED and missed:
        return None
    return Reservation(reservation_name(booking.id), named, booking.window, (account,))


def is_as_wanted(found: Reservation | None, wanted: Reservation | None, now: datetime) -> bool:
    """Whether a cluster keeps what it is to keep."""
    if found is None or wanted is None:
        return found is wanted
    same = (found.nodes, found.window.end, found.accounts) == (wanted.nodes, wanted.window.end, wanted.accounts)
    return same and starts_alike(found.window, wanted.window, now)


def starts_alike(found: Window, wanted: Window, now: datetime) -> bool:
    """Whether both begin at the same instant, or have begun: what was told late began late, and `now` has passed on."""
    return found.start == wanted.start or max(found.start, wanted.start) <= now + LATE


def gpu_minutes_of(gpu_seconds: int) -> int:
    """Whole minutes, the last one begun counted: a limit that is short by seconds would keep out a job that fits."""
    return -(-gpu_seconds // 60)


def in_order(nodes: Iterable[str]) -> tuple[str, ...]:
    """Names of nodes as people count them: a2 before a10."""
    return tuple(sorted(set(nodes), key=_by_number))


def _by_number(name: str) -> tuple[tuple[bool, int, str], ...]:
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    return tuple((part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts)


def nodes_listed(text: str) -> tuple[str, ...]:
    """The nodes that a list such as `a[1-3,07],b1` stands for; ValueError where it is none."""
    names: list[str] = []
    for part in re.split(r",(?![^\[]*\])", text.strip()):
        found = _RANGE.fullmatch(part.strip())
        if not found or not part.strip():
            raise ValueError(f"{text[:80]!r} is no list of nodes")
        names += [found[1] + number for number in _numbers(found[2])] if found[2] else [found[1]]
    if len(names) > MOST_NODES:
        raise ValueError(f"more than {MOST_NODES} nodes")
    return in_order(names)


def _numbers(text: str) -> Iterable[str]:
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            raise ValueError(f"{text[:80]!r} is no range of nodes")
        if int(last or first) - int(first) > MOST_NODES:
            raise ValueError(f"more than {MOST_NODES} nodes")
        for number in range(int(first), int(last or first) + 1):
            yield str(number).zfill(len(first))


def nodes_said(nodes: Collection[str]) -> str:
    """The short form of a list of nodes: `a[1-3]`."""
    split = [
        (match[1], match[2]) for match in (re.fullmatch(r"(.*?)([0-9]*)", node) for node in in_order(nodes)) if match
    ]
    said = []
    for stem, group in groupby(split, key=lambda each: each[0]):
        numbers = [number for _, number in group]
        said.append(stem + _ranges(numbers) if numbers != [""] else stem)
    return ",".join(said)


def _ranges(numbers: list[str]) -> str:
    runs: list[list[str]] = []
    for number in numbers:
        if runs and int(number) == int(runs[-1][-1]) + 1 and len(number) == len(runs[-1][-1]):
            runs[-1].append(number)
        else:
            runs.append([number])
    short = [run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    return short[0] if len(short) == 1 and "-" not in short[0] else f"[{','.join(short)}]"


@dataclass(frozen=True, slots=True)
class KnownCluster:
    """A cluster as operators see it; `silent_since` is None while it answers."""

    id: int
    name: str
    organisation_id: int
    organisation: str
    organisation_name: str
    account_prefix: str
    created_at: datetime
    version: str = ""
    seen_at: datetime | None = None
    silent_since: datetime | None = None
    last_error: str = ""
    usage_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClaimThere:
    """A claim on a pool of a cluster, for what its team may use there.

    `quota` is what is held and charged for it, weighted; `measured` what was measured, weighted as well.
    """

    units: int
    seconds: int
    weight_percent: int
    quota: int
    measured: int = 0

    @property
    def gpu_seconds(self) -> int:
        """Unweighted; what needs no quota may use what it occupies, and what has been used stays used."""
        if self.weight_percent == 0:
            return self.units * self.seconds
        return -(-max(self.quota, self.measured) * 100 // self.weight_percent)


def budget(claims: Iterable[ClaimThere]) -> int:
    """The GPU-minutes that a team may use on one cluster in all: what is held and charged there, and nowhere else."""
    return gpu_minutes_of(sum(claim.gpu_seconds for claim in claims))
