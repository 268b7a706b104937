"""Admission: the one evaluator that decides orders, and says every reason why not.

Submitting, editing, approving, importing and previewing all ask `admit`; who asks and which locks are held is the
caller's business.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from booking.domain import limits, policies, shortages
from booking.domain.additions import addition, begins_at, is_growth
from booking.domain.ledger import Draw, Grant, draw
from booking.domain.lifecycle import State
from booking.domain.orders import Decision, Order, Situation, Use, covers, is_shrink, terms_of
from booking.domain.refusals import Code, Refusal
from booking.domain.values import altered


def admit(
    order: Order,
    situation: Situation,
    *,
    standing: Order | None = None,
    approved: bool = False,
    confirmed: bool = False,
) -> Decision:
    """Decide an order; with `standing` it is an edit of that one, judged on what it changes.

    The situation leaves out what the standing order itself holds. `approved` is the judgement at approval: no further
    approval is asked for, and notice is no longer counted. `confirmed` says that the standing order stands whatever
    is answered, so that of a growth only what it adds waits.
    """
    draws, grants = _draws(order, situation)
    approvals = frozenset() if approved else _approvals(order, situation, standing)
    used_from = order.window.start
    if confirmed and standing is not None and is_growth(order, standing):
        added = addition(order, standing)
        used_from = begins_at(added)
        approvals &= {block.resource_id for block in added}
    shrinks = standing is not None and is_shrink(order, standing)
    refusals = list(limits.refusals(order, situation, standing=standing, shrinks=shrinks, approved=approved))
    if not shrinks:
        refusals += shortages.quota_refusals(order, situation, draws)
        refusals += shortages.capacity_refusals(order, situation)
    if approvals and used_from <= situation.now:
        refusals.append(_no_time_to_approve(used_from))
    return _decision(order, situation, tuple(refusals), approvals, draws, grants, used_from)


def after(situation: Situation, order: Order, decision: Decision) -> Situation:
    """The situation once an admitted order holds its share, for the next order of the same turn."""
    if not decision.holds:
        return situation
    resources = dict(situation.resources)
    uses = dict(situation.uses)
    for claim in order.claims:
        resource = resources[claim.resource_id]
        resources[claim.resource_id] = altered(resource, held=resource.held.raised(order.window, claim.units))
        if not resource.policy.depends_on_use:
            continue
        use = uses.get(claim.resource_id, Use())
        uses[claim.resource_id] = Use(
            use.units.raised(order.window, claim.units),
            use.bookings.raised(order.window, 1),
            use.recent_unit_seconds + claim.units * order.window.seconds,
        )
    return altered(situation, resources=resources, uses=uses, grants=decision.grants)


def _draws(order: Order, situation: Situation) -> tuple[dict[int, Draw], tuple[Grant, ...]]:
    """What each claim would draw, one after the other on the same grants."""
    grants = situation.grants
    draws = {}
    for claim in order.claims:
        resource = situation.resources[claim.resource_id]
        terms = terms_of(claim, order.window, resource.policy)
        covering = [g.id for g in grants if covers(g, resource)]
        draws[claim.resource_id] = draw(grants, covering, order.window, claim.units, terms.weight_percent)
        grants = draws[claim.resource_id].grants
    return draws, grants


def _approvals(order: Order, situation: Situation, standing: Order | None) -> frozenset[int]:
    """The resources whose owner must say yes: the team's last seven days there and this order pass the threshold."""
    if standing is not None and is_shrink(order, standing):
        return frozenset()
    struck = situation.team.strikes_until is not None and situation.team.strikes_until > situation.now
    asking = set()
    for claim in order.claims:
        threshold = situation.resources[claim.resource_id].policy.auto_approve_unit_hours
        recent = situation.uses.get(claim.resource_id, Use()).recent_unit_seconds
        total = recent + claim.units * order.window.seconds
        if struck or (threshold is not None and total > threshold * 3600):
            asking.add(claim.resource_id)
    return frozenset(asking)


def _decision(
    order: Order,
    situation: Situation,
    refusals: tuple[Refusal, ...],
    approvals: frozenset[int],
    draws: Mapping[int, Draw],
    grants: tuple[Grant, ...],
    used_from: datetime,
) -> Decision:
    rules = [situation.resources[claim.resource_id].policy for claim in order.claims]
    hold_minutes = policies.hold_minutes(rules)
    holds = not (approvals and hold_minutes == 0)
    hold_until = None
    if approvals:
        hold_until = used_from
        if hold_minutes:
            hold_until = min(hold_until, situation.now + timedelta(minutes=hold_minutes))
    grace = policies.check_in_minutes(rules)
    start, end = order.window.start, order.window.end
    return Decision(
        refusals=refusals,
        state=State.PENDING if approvals else State.CONFIRMED,
        hold_until=hold_until,
        check_in_from=None if grace is None else start - timedelta(minutes=grace),
        check_in_until=None if grace is None else min(end, max(start, situation.now) + timedelta(minutes=grace)),
        approvals=approvals,
        holds=holds,
        terms={
            claim.resource_id: terms_of(claim, order.window, situation.resources[claim.resource_id].policy)
            for claim in order.claims
        },
        lines={resource_id: drawn.lines for resource_id, drawn in draws.items()} if holds else {},
        grants=grants if holds else situation.grants,
    )


def _no_time_to_approve(used_from: datetime) -> Refusal:
    return Refusal(
        Code.TOO_SOON,
        "This booking waits for the owner's approval and cannot start at %(starts_at)s already. Take a later start.",
        "starts_at",
        {"starts_at": used_from},
    )
