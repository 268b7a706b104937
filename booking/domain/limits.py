"""The limits of a team's standing and of each resource's policy, as refusals with their numbers."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from booking.domain.orders import UNUSED, Claim, Order, Resource, Situation, Team
from booking.domain.policies import Policy
from booking.domain.refusals import Code, Refusal
from booking.domain.windows import Window, floor_to_grid, is_on_grid


def refusals(
    order: Order, situation: Situation, *, standing: Order | None, shrinks: bool, approved: bool
) -> Iterator[Refusal]:
    """Every limit the order breaks.

    A shrink meets only the grid and the step; a start that an edit leaves where it was is not in the past.
    """
    for index, claim in enumerate(order.claims):
        resource = situation.resources[claim.resource_id]
        yield from _alignment(index, claim, resource, order, standing)
        if not shrinks:
            yield from _resource_standing(index, claim, resource, order.window, situation)
            yield from _lengths(resource, order.window)
            if resource.id in situation.bases:
                basis = situation.bases[resource.id]
                yield from basis.refusals(resource.slug, f"claims.{index}.resource", order.window.end)
            yield from _quantities(index, claim, resource, order, situation)
            yield from _horizon(resource, order.window, situation.now)
            if standing is None or standing.window.start != order.window.start:
                yield from _start(resource, order.window.start, situation.now, approved=approved)
    if not shrinks:
        yield from _team(situation.team, order.window)
        yield from _places(order, situation)


def _team(team: Team, window: Window) -> Iterator[Refusal]:
    if team.state == "suspended":
        yield Refusal(
            Code.TEAM_SUSPENDED,
            "%(team)s is suspended and cannot book. Its lead can ask the reviewers why.",
            "team",
            {"team": team.name},
        )
    elif team.state != "approved" or team.approved_until is None:
        yield Refusal(
            Code.TEAM_NOT_APPROVED,
            "%(team)s is not approved (%(state)s). Bookings are possible once reviewers have approved it.",
            "team",
            {"team": team.name, "state": team.state},
        )
    elif window.end > team.approved_until:
        yield Refusal(
            Code.TEAM_NOT_APPROVED,
            "%(team)s is approved until %(approved_until)s. End the booking by then.",
            "ends_at",
            {"team": team.name, "approved_until": team.approved_until},
        )


def _resource_standing(
    index: int, claim: Claim, resource: Resource, window: Window, situation: Situation
) -> Iterator[Refusal]:
    if resource.state != "published":
        yield Refusal(
            Code.RESOURCE_CLOSED,
            "%(resource)s is %(state)s and cannot be booked.",
            f"claims.{index}.resource",
            {"resource": resource.slug, "state": resource.state},
        )
    policy, team = resource.policy, situation.team
    for allowed, own in ((policy.eligible_kinds, team.organisation_kind), (policy.eligible_regions, team.region)):
        if allowed is not None and own not in allowed:
            yield Refusal(
                Code.NOT_ELIGIBLE,
                "%(resource)s is open to %(allowed)s; your team's organisation is %(own)s.",
                f"claims.{index}.resource",
                {"resource": resource.slug, "allowed": ", ".join(allowed), "own": own},
            )
    if policy.requires_course is not None:
        yield from _training(index, resource, policy.requires_course, window, situation)


def _training(index: int, resource: Resource, course: str, window: Window, situation: Situation) -> Iterator[Refusal]:
    numbers = {"resource": resource.slug, "course": course}
    until = situation.courses.get(course)
    if course not in situation.courses:
        yield Refusal(
            Code.TRAINING_MISSING,
            "%(resource)s requires the course “%(course)s”, which you have not completed. Its page names the next"
            " session.",
            f"claims.{index}.resource",
            numbers,
        )
    elif until is not None and window.end > until:
        yield Refusal(
            Code.TRAINING_MISSING,
            "%(resource)s requires the course “%(course)s”, and what you completed counts until %(until)s. End the"
            " booking by then, or complete it again.",
            "ends_at",
            {**numbers, "until": until},
        )


def _alignment(index: int, claim: Claim, resource: Resource, order: Order, standing: Order | None) -> Iterator[Refusal]:
    """Grid and unit step; what an edit leaves alone may lie off them, as after an early end or under a new policy."""
    edges = {"starts_at": order.window.start, "ends_at": order.window.end}
    kept = {"starts_at": standing.window.start, "ends_at": standing.window.end} if standing else {}
    for name, instant in edges.items():
        if not is_on_grid(instant, resource.grid_minutes) and kept.get(name) != instant:
            yield Refusal(
                Code.OFF_GRID,
                "%(resource)s is booked in steps of %(grid_minutes)s minutes. The step before begins at %(before)s.",
                name,
                {
                    "resource": resource.slug,
                    "grid_minutes": resource.grid_minutes,
                    "before": floor_to_grid(instant, resource.grid_minutes),
                },
            )
    keeps_units = standing is not None and standing.units_of(resource.id) == claim.units
    if claim.units % resource.policy.unit_step and not keeps_units:
        yield Refusal(
            Code.OFF_STEP,
            "%(resource)s is booked in multiples of %(unit_step)s units; %(wanted)s is none.",
            f"claims.{index}.units",
            {"resource": resource.slug, "unit_step": resource.policy.unit_step, "wanted": claim.units},
        )


def _lengths(resource: Resource, window: Window) -> Iterator[Refusal]:
    seconds = window.seconds
    minutes = seconds // 60
    if seconds < resource.min_minutes * 60:
        yield Refusal(
            Code.TOO_SHORT,
            "%(resource)s is booked for at least %(min_minutes)s minutes; this is %(minutes)s.",
            "ends_at",
            {"resource": resource.slug, "min_minutes": resource.min_minutes, "minutes": minutes},
        )
    longest = resource.policy.max_minutes
    if longest is not None and seconds > longest * 60:
        yield Refusal(
            Code.TOO_LONG,
            "%(resource)s is booked for at most %(max_minutes)s minutes; this is %(minutes)s.",
            "ends_at",
            {"resource": resource.slug, "max_minutes": longest, "minutes": minutes},
        )


def _start(resource: Resource, start: datetime, now: datetime, *, approved: bool) -> Iterator[Refusal]:
    running = floor_to_grid(now, resource.grid_minutes)
    if start < running:
        yield Refusal(
            Code.IN_THE_PAST,
            "%(starts_at)s is past. The earliest start on %(resource)s is %(earliest)s.",
            "starts_at",
            {"resource": resource.slug, "starts_at": start, "earliest": running},
        )
        return
    notice = timedelta(minutes=resource.policy.notice_minutes)
    if not approved and notice and start < now + notice:
        yield Refusal(
            Code.TOO_SOON,
            "%(resource)s is booked at least %(notice_minutes)s minutes ahead: from %(earliest)s on.",
            "starts_at",
            {
                "resource": resource.slug,
                "notice_minutes": resource.policy.notice_minutes,
                "earliest": now + notice,
            },
        )


def _horizon(resource: Resource, window: Window, now: datetime) -> Iterator[Refusal]:
    days = resource.policy.horizon_days
    if days is not None and window.end > now + timedelta(days=days):
        yield Refusal(
            Code.BEYOND_HORIZON,
            "%(resource)s is booked at most %(horizon_days)s days ahead: until %(latest)s.",
            "ends_at",
            {"resource": resource.slug, "horizon_days": days, "latest": now + timedelta(days=days)},
        )


def _quantities(index: int, claim: Claim, resource: Resource, order: Order, situation: Situation) -> Iterator[Refusal]:
    policy, field = resource.policy, f"claims.{index}.units"
    use = situation.uses.get(resource.id, UNUSED)
    if policy.max_units is not None and claim.units > policy.max_units:
        yield Refusal(
            Code.TOO_MANY_UNITS,
            "A booking of %(resource)s has at most %(max_units)s units; you ask for %(wanted)s.",
            field,
            {"resource": resource.slug, "max_units": policy.max_units, "wanted": claim.units},
        )
    own = use.units.highest(order.window)
    if policy.max_units_per_team is not None and own + claim.units > policy.max_units_per_team:
        yield Refusal(
            Code.CONCURRENCY_EXCEEDED,
            "A team has at most %(max_units)s units of %(resource)s at a time; with this yours would have %(total)s.",
            field,
            {"resource": resource.slug, "max_units": policy.max_units_per_team, "total": own + claim.units},
        )
    yield from _bookings_at_a_time(index, resource, policy, use.bookings.highest(order.window))


def _bookings_at_a_time(index: int, resource: Resource, policy: Policy, own: int) -> Iterator[Refusal]:
    if policy.max_concurrent_bookings is not None and own + 1 > policy.max_concurrent_bookings:
        yield Refusal(
            Code.CONCURRENCY_EXCEEDED,
            "A team has at most %(max_bookings)s bookings of %(resource)s at a time; yours has %(own)s in this window.",
            f"claims.{index}.resource",
            {"resource": resource.slug, "max_bookings": policy.max_concurrent_bookings, "own": own},
        )


def _places(order: Order, situation: Situation) -> Iterator[Refusal]:
    claimed = [situation.resources[claim.resource_id] for claim in order.claims]
    for index, pool in pools_elsewhere(claimed):
        yield Refusal(
            Code.NOT_USABLE_HERE,
            "%(resource)s can be used only at its own facility; %(pool)s is at another one.",
            f"claims.{index}.resource",
            {"resource": claimed[index].slug, "pool": pool.slug},
        )


def pools_elsewhere(claimed: Sequence[Resource]) -> Iterator[tuple[int, Resource]]:
    """On-site data is used with pools of its own facility only: each such dataset (its place) with a pool elsewhere."""
    for index, dataset in enumerate(claimed):
        if dataset.access == "onsite":
            for pool in claimed:
                if pool.kind == "pool" and pool.facility_id != dataset.facility_id:
                    yield index, pool
