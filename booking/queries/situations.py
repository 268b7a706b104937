"""Everything a turn of orders is decided on, read once and kept up to date as orders are admitted."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select

from booking.domain.capacity import Stretch
from booking.domain.ledger import Grant
from booking.domain.orders import Order, Resource, Situation, Team, Use
from booking.domain.windows import Window, merged
from booking.models.rows import AnyRow
from booking.queries import capacity, grants, resources, teams
from booking.queries.bases import Bases, bases_of
from booking.queries.courses import Completed, completed

NOBODY = 0


@dataclass
class Counted:
    """The resources, teams and grants of a turn; `held` are the levels around its windows as they were read."""

    resources: dict[int, Resource]
    held: dict[int, list[Stretch]]
    teams: dict[int, Team]
    grants: dict[int, tuple[Grant, ...]]
    uses: dict[tuple[int, int], Use]
    bases: Bases = field(default_factory=Bases)
    courses: Completed = field(default_factory=dict)

    def situation(self, order: Order, now: datetime, *, by: int | None = None) -> Situation:
        """What one order is judged against; who acts is the person `by`, and nobody has accepted anything."""
        claimed = [claim.resource_id for claim in order.claims]
        return Situation(
            now=now,
            team=self.teams[order.team_id],
            resources={resource_id: self.resources[resource_id] for resource_id in claimed},
            grants=self.grants.get(order.team_id, ()),
            uses={
                resource_id: self.uses[order.team_id, resource_id]
                for resource_id in claimed
                if (order.team_id, resource_id) in self.uses
            },
            bases=self.bases.of(claimed, team_id=order.team_id, user_id=by or NOBODY, now=now),
            courses=self.courses.get(by or NOBODY, {}),
        )

    def trial(self) -> "Counted":
        """The same to go on from, which this one only knows of once it is adopted."""
        return replace(self, resources=dict(self.resources), grants=dict(self.grants), uses=dict(self.uses))

    def adopt(self, trial: "Counted") -> None:
        """Go on from where a trial has come to."""
        self.resources, self.grants, self.uses = trial.resources, trial.grants, trial.uses

    def take(self, situation: Situation) -> None:
        """Go on from the situation after an admitted order."""
        self.resources.update(situation.resources)
        self.grants[situation.team.id] = situation.grants
        for resource_id, use in situation.uses.items():
            self.uses[situation.team.id, resource_id] = use


def counted(
    connection: Connection,
    rows: Sequence[AnyRow],
    orders: Sequence[tuple[Order, datetime]],
    *,
    lock: bool,
    without: Collection[int] = (),
    askers: dict[int, Team] | None = None,
    actors: Collection[int | None] = (),
) -> Counted:
    """Read what orders (each with its now) are decided on; `rows` are their resources, locked where `lock`.

    The bookings `without` are left out of the team's own use. `askers` are the teams where they were read before the
    locks, which are held the shorter for it; the clock ends what a team's lost standing leaves behind. `actors` are the
    people whose acceptance of terms may be asked for.
    """
    around = _windows([order for order, _ in orders])
    held = {row.id: capacity.held_around(connection, row.id, around[row.id]) for row in rows}
    levels = {resource_id: Stretch.joined(stretches) for resource_id, stretches in held.items()}
    by_id = resources.resources_holding(connection, rows, levels)
    team_ids = {order.team_id for order, _ in orders}
    read = grants.lock_grants if lock else grants.read_grants
    team_grants = read(connection, team_ids)
    return Counted(
        resources=by_id,
        held=held,
        teams=askers or teams.teams_by_id(connection, team_ids),
        grants=dict(team_grants),
        uses=_uses(connection, by_id, orders, without),
        bases=bases_of(connection, rows, team_ids=team_ids, user_ids=[one or NOBODY for one in actors]),
        courses=courses_of(connection, by_id.values(), actors),
    )


def courses_of(connection: Connection, claimed: Iterable[Resource], actors: Iterable[int | None]) -> Completed:
    """What people have completed of what resources ask for; nothing is asked of the database where none does."""
    asked = {one.policy.requires_course for one in claimed if one.policy.requires_course is not None}
    return completed(connection, [one or NOBODY for one in actors], asked) if asked else {}


Question = tuple[Select[*tuple[Any, ...]], dict[str, Any]]


def first_questions(orders: Sequence[Order]) -> list[Question]:
    """What is asked first of all orders of a turn, locks in their order: resources, what is held of them, grants."""
    team_ids = sorted({order.team_id for order in orders})
    around = _windows(orders)
    held = [
        (capacity.HELD, {"resource_id": resource_id, "since": window.start, "until": window.end})
        for resource_id, windows in sorted(around.items())
        for window in merged(windows)
    ]
    locked = (resources.LOCK, {"ids": sorted(around)})
    return [(teams.TEAMS, {"ids": team_ids}), locked, *held, (grants.LOCK, {"team_ids": team_ids})]


def _windows(orders: Sequence[Order]) -> dict[int, list[Window]]:
    """For each resource the windows of the orders that claim it."""
    around: defaultdict[int, list[Window]] = defaultdict(list)
    for order in orders:
        for claim in order.claims:
            around[claim.resource_id].append(order.window)
    return around


def _uses(
    connection: Connection,
    by_id: dict[int, Resource],
    orders: Sequence[tuple[Order, datetime]],
    without: Collection[int],
) -> dict[tuple[int, int], Use]:
    """The teams' own use of those resources whose policy asks for it."""
    asking = {resource_id for resource_id, resource in by_id.items() if resource.policy.depends_on_use}
    found = {}
    for team_id in {order.team_id for order, _ in orders}:
        own = [(order, now) for order, now in orders if order.team_id == team_id]
        claimed = {claim.resource_id for order, _ in own for claim in order.claims} & asking
        if not claimed:
            continue
        window = Window(min(order.window.start for order, _ in own), max(order.window.end for order, _ in own))
        uses = teams.uses_of(connection, team_id, claimed, window, min(now for _, now in own), without=without)
        found.update({(team_id, resource_id): use for resource_id, use in uses.items()})
    return found
