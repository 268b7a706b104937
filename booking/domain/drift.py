"""Drift: what a cluster has otherwise than it should, and what of it is ours to mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from booking.domain.clusters import (
    Account,
    Binding,
    Machine,
    Reservation,
    booking_of,
    is_as_wanted,
    is_ours,
    nodes_said,
)


class Kind(StrEnum):
    """What is otherwise."""

    MISSING = "missing"
    DIFFERENT = "different"
    LEFT_OVER = "left_over"
    STRANGER = "stranger"
    ACCOUNT = "account"
    NODE = "node"
    USAGE = "usage"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a cluster has otherwise; `booking_id` or `account` is what telling it again would mend."""

    kind: Kind
    subject: str
    detail: str
    booking_id: int | None = None
    account: str = ""

    @property
    def is_ours_to_mend(self) -> bool:
        return self.booking_id is not None or bool(self.account)


def reservations_astray(
    wanted: Iterable[Reservation], found: Iterable[Reservation], prefix: str, nodes: Iterable[str], now: datetime
) -> Iterator[Difference]:
    """Reservations of ours that are missing, different or left over, and strangers on nodes that we promise."""
    standing = {one.name: one for one in found}
    wishes = {one.name: one for one in wanted}
    for name, wish in wishes.items():
        there = standing.get(name)
        if there is None:
            yield Difference(Kind.MISSING, name, _said(wish), booking_of(name))
        elif not is_ours(there, prefix):
            yield Difference(Kind.STRANGER, name, f"{_said(there)}; it has a name of ours, and belongs to others")
        elif not is_as_wanted(there, wish, now):
            yield Difference(Kind.DIFFERENT, name, f"{_said(there)}; it should be: {_said(wish)}", booking_of(name))
    promised = set(nodes)
    for name, there in standing.items():
        if is_ours(there, prefix):
            if name not in wishes and there.window.end > now:
                yield Difference(Kind.LEFT_OVER, name, _said(there), booking_of(name))
        elif name not in wishes and promised & set(there.nodes):
            yield Difference(Kind.STRANGER, name, _said(there))


def _said(one: Reservation) -> str:
    window = f"{one.window.start:%Y-%m-%d %H:%M}/{one.window.end:%Y-%m-%d %H:%M}"
    return f"{nodes_said(one.nodes)}, {window} UTC, {','.join(one.accounts) or '–'}"


def accounts_astray(wanted: Iterable[Account], found: Iterable[Account]) -> Iterator[Difference]:
    """Accounts of ours whose members or limit are not what they should be, and those that no team has."""
    standing = {one.name: one for one in found}
    wishes = {one.name: one for one in wanted}
    for name, wish in wishes.items():
        there = standing.get(name)
        if there is None:
            yield Difference(Kind.ACCOUNT, name, "missing", account=name)
        elif there != wish:
            yield Difference(Kind.ACCOUNT, name, _apart(there, wish), account=name)
    for name in standing.keys() - wishes.keys():
        if standing[name].members:
            yield Difference(Kind.ACCOUNT, name, "no team has it, and it has members")


def _apart(there: Account, wish: Account) -> str:
    said = []
    if there.gpu_minutes != wish.gpu_minutes:
        said.append(f"GPU-minutes {there.gpu_minutes}; they should be: {wish.gpu_minutes}")
    if lacking := wish.members - there.members:
        said.append(f"without {', '.join(sorted(lacking))}")
    if extra := there.members - wish.members:
        said.append(f"with {', '.join(sorted(extra))}, who should not be in it")
    return "; ".join(said)


def nodes_astray(bindings: Mapping[str, Binding], machines: Iterable[Machine]) -> Iterator[Difference]:
    """Nodes of bound pools (by slug) that are gone, out of service, elsewhere, or with other GPUs."""
    standing = {machine.name: machine for machine in machines}
    for slug, binding in bindings.items():
        for node in binding.nodes:
            reason = _node_astray(standing.get(node), binding)
            if reason:
                yield Difference(Kind.NODE, node, f"{slug}: {reason}")


def _node_astray(machine: Machine | None, binding: Binding) -> str:
    if machine is None:
        return "the cluster has no such node"
    if binding.partition not in machine.partitions:
        return f"it is not in partition {binding.partition}"
    if machine.gpus != binding.gpus_per_node:
        return f"it has {machine.gpus} GPUs; it should have {binding.gpus_per_node}"
    return "" if machine.usable else "out of service"


def sorted_out(
    open_ones: Sequence[tuple[str, str]], found: Iterable[Difference]
) -> tuple[list[Difference], list[tuple[str, str]]]:
    """Of what was found, what is new; and of what stood open (kind and subject), what is no more."""
    now_there = {(one.kind.value, one.subject): one for one in found}
    new = [one for key, one in now_there.items() if key not in set(open_ones)]
    return new, [key for key in open_ones if key not in now_there]
