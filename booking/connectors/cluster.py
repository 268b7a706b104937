"""A cluster as we need it: reservations, accounts, machines and what jobs have taken; or one kept in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from booking.domain.clusters import Account, Machine, Reservation, Taken
from booking.domain.outbox import Unreachable
from booking.domain.usage import UsedJob
from booking.domain.windows import Window


class Cluster(Protocol):
    """Runs the work. Everything here may be said twice; what fails raises Permanent, Temporary or Unreachable."""

    def version(self) -> str:
        """What it calls itself; Permanent where it is too old to be told anything."""

    def machines(self) -> tuple[Machine, ...]:
        """Every node."""

    def reservations(self) -> tuple[Reservation, ...]:
        """Everything that is reserved, by whomever."""

    def put(self, reservation: Reservation, now: datetime) -> None:
        """Have the reservation of this name exactly so; Taken where other reservations have some of its nodes.

        Jobs on nodes that it loses are ended first.
        """

    def remove(self, name: str) -> None:
        """Have no reservation of this name; jobs in it are ended first."""

    def accounts(self, prefix: str) -> tuple[Account, ...]:
        """The accounts whose names begin so."""

    def settle(self, account: Account) -> None:
        """Have an account with exactly these members and this limit; jobs of those who leave are ended first."""

    def usage(self, window: Window) -> tuple[UsedJob, ...]:
        """Every job that ran within a window and had GPUs."""


@dataclass
class MemoryCluster:
    """Keeps what it is told; can be down, and forget to answer what it has done."""

    nodes: tuple[Machine, ...] = ()
    down: bool = False
    reserved: dict[str, Reservation] = field(default_factory=dict)
    known: dict[str, Account] = field(default_factory=dict)
    jobs: list[UsedJob] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def version(self) -> str:
        self._answer()
        return "memory 1"

    def machines(self) -> tuple[Machine, ...]:
        self._answer()
        return self.nodes

    def reservations(self) -> tuple[Reservation, ...]:
        self._answer()
        return tuple(self.reserved.values())

    def put(self, reservation: Reservation, now: datetime) -> None:
        self._answer()
        others = [other for name, other in self.reserved.items() if name != reservation.name]
        for other in others:
            if other.window.overlaps(reservation.window) and set(other.nodes) & set(reservation.nodes):
                raise Taken(f"{reservation.name}: nodes are in {other.name}")
        standing = self.reserved.get(reservation.name)
        if standing:
            self._end_jobs(reservation.name, set(standing.nodes) - set(reservation.nodes))
        self.reserved[reservation.name] = reservation
        self.told.append(f"put {reservation.name}")

    def remove(self, name: str) -> None:
        self._answer()
        standing = self.reserved.pop(name, None)
        if standing:
            self._end_jobs(name, standing.nodes)
            self.told.append(f"remove {name}")

    def accounts(self, prefix: str) -> tuple[Account, ...]:
        self._answer()
        return tuple(account for name, account in self.known.items() if name.startswith(prefix))

    def settle(self, account: Account) -> None:
        self._answer()
        self.known[account.name] = account
        self.told.append(f"settle {account.name}")

    def usage(self, window: Window) -> tuple[UsedJob, ...]:
        self._answer()
        return tuple(
            job for job in self.jobs if job.started_at < window.end and (job.ended_at or window.end) >= window.start
        )

    def _answer(self) -> None:
        if self.down:
            raise Unreachable("the memory is down")

    def _end_jobs(self, name: str, nodes: Iterable[str]) -> None:
        for place, job in enumerate(self.jobs):
            if job.reservation == name and job.ended_at is None and set(job.nodes) & set(nodes):
                self.jobs[place] = replace(job, ended_at=job.last_seen)
                self.ended.append(job.job)
