"""What a form says beside an order: its price, what it does to quota, who must agree, what is possible instead."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from booking.domain.bookings import Change
from booking.domain.errors import Problem
from booking.domain.grants import Balance
from booking.domain.ledger import Grant, Line
from booking.domain.orders import Claim, Decision, Order, terms_of
from booking.domain.permissions import Actor, may_see_balance
from booking.domain.policies import Policy
from booking.domain.refusals import Refused
from booking.domain.search import Offer, Why
from booking.domain.waitlist import is_worth_waiting, sayable_hours, wish_instead
from booking.domain.windows import Window
from booking.http.words import instant, span, stamp, units
from booking.queries import balances, teams
from booking.web.order_forms import LONGEST_IN_ADDRESS, Menu, change_address, order_address


@dataclass(frozen=True)
class Cost:
    """What one claim costs."""

    name: str
    kind: str
    unit_seconds: int


@dataclass(frozen=True)
class Quota:
    """One grant that is touched: what is left of it before and after, and of its limit where the order begins."""

    balance: Balance
    before: int
    after: int
    period: Window | None = None
    period_left: int = 0


@dataclass(frozen=True)
class Preview:
    """The evaluator's answer to an order that fits: what each claim costs, the grants that are touched, whom it asks.

    For an edit `given_up` is what is charged at once for the parts that are given up.
    """

    decision: Decision
    costs: list[Cost]
    quotas: list[Quota]
    approvals: list[str]
    given_up: list[Cost] = field(default_factory=list)


def preview_of(session, menu: Menu, order: Order, decision: Decision, actor: Actor) -> Preview:
    """What becomes of an order that is not refused; grants are shown to who may see the team's balance."""
    taken = _by_grant(decision.lines)
    quotas = [
        Quota(balance, after.left + taken[after.id], after.left, *_of_limit(after, order.window))
        for balance, after in _touched(session, order.team_id, decision.grants)
        if after.id in taken and may_see_balance(actor, order.team_id)
    ]
    return Preview(decision, costs_of(menu, order.window, order.claims), quotas, _approvals(menu, decision))


def change_preview(session, menu: Menu, change: Change) -> Preview:
    """What becomes of a booking by an edit that is not refused."""
    order, decision = change.order, change.decision
    quotas = [
        Quota(balance, balance.grant.left, after.left)
        for balance, after in _touched(session, order.team_id, decision.grants)
        if balance.grant.left != after.left
    ]
    given_up = [
        Cost(menu.by_id[resource_id].name, menu.by_id[resource_id].kind, sum(line.unit_seconds for line in lines))
        for resource_id, lines in change.charged.items()
    ]
    costs = costs_of(menu, order.window, order.claims)
    return Preview(decision, costs, quotas, _approvals(menu, decision), given_up)


def costs_of(menu: Menu, window: Window, claims: Iterable[Claim]) -> list[Cost]:
    """What each claim takes of the quota, by the policies as they are."""
    rows = [(claim, menu.by_id[claim.resource_id]) for claim in claims]
    return [Cost(row.name, row.kind, terms_of(claim, window, Policy.read(row.policy)).whole) for claim, row in rows]


def seats_held(session, menu: Menu, order: Order, now) -> list[str]:
    """The datasets of which the team holds a seat throughout the window already, so that it needs no second one."""
    seated = [row.id for row in menu.rows if row.kind == "dataset"]
    if not seated:
        return []
    uses = teams.uses_of(session.connection(), order.team_id, seated, order.window, now)
    return [menu.by_id[found].name for found, use in uses.items() if use.units.lowest(order.window) > 0]


def alternatives(menu: Menu, order: Order, team: str, offers: Iterable[Offer]) -> list[tuple[Markup, str]]:
    """What is possible instead, each with the address of the form that asks for it."""
    said = {"team": team, "purpose": order.purpose}
    return [
        (_in_words(menu, order, offer), order_address(menu, window=offer.window, claims=offer.claims, **said))
        for offer in offers
    ]


def other_changes(menu: Menu, order: Order, booking_id: int, offers: Iterable[Offer]) -> list[tuple[Markup, str]]:
    """What a booking can become instead, each with the address of its form, filled in."""
    return [
        (_in_words(menu, order, offer), change_address(menu, booking_id, offer.window, offer.claims))
        for offer in offers
    ]


def wait_address(menu: Menu, order: Order, team: str, refused: Refused | Problem) -> str:
    """Where to wait for what was refused: the form, filled in; empty where waiting would not help."""
    worth = isinstance(refused, Refused) and is_worth_waiting(refused.refusals)
    wish = wish_instead(order, {row.id: row.kind for row in menu.rows}) if worth else None
    if wish is None:
        return ""
    return url_for(
        "waitlist.new",
        team=team,
        resource=menu.by_id[wish.resource_id].slug,
        dataset=menu.by_id[wish.dataset_id].slug if wish.dataset_id else None,
        units=wish.units,
        hours=sayable_hours(wish.min_seconds),
        earliest=stamp(wish.span.start),
        latest=stamp(wish.span.end),
        purpose=order.purpose if len(order.purpose) <= LONGEST_IN_ADDRESS else None,
    )


def _in_words(menu: Menu, order: Order, offer: Offer) -> Markup:
    if offer.why is Why.EARLIEST:
        return Markup(_("The first such window: %(window)s")) % {"window": span(offer.window)}
    if offer.why is Why.SHORTER:
        return Markup(_("The same until %(end)s")) % {"end": instant(offer.window.end)}
    if offer.why is Why.ELSEWHERE:
        row = menu.by_slug[offer.resource]
        place = f"{row.name} ({row.gpu_model})" if row.gpu_model else row.name
        return Markup(_("On %(resource)s instead: %(window)s")) % {"resource": place, "window": span(offer.window)}
    wanted = ", ".join(units(claim.units, menu.by_id[claim.resource_id].kind) for claim in offer.claims)
    return Markup(_("The same window with %(units)s")) % {"units": wanted}


def _approvals(menu: Menu, decision: Decision) -> list[str]:
    return [menu.by_id[resource_id].name for resource_id in sorted(decision.approvals)]


def _of_limit(after: Grant, window: Window) -> tuple[Window | None, int]:
    """The week or month in which a window begins, and what is left of it then, where the grant is capped."""
    if after.cap is None:
        return None, 0
    period = after.cap.period_of(window.start)
    return period, max(0, after.cap.unit_seconds - after.used.get(period.start, 0))


def _by_grant(lines: Mapping[int, Sequence[Line]]) -> dict[int, int]:
    """Unit-seconds by grant."""
    taken: dict[int, int] = {}
    for line in (one for own in lines.values() for one in own):
        taken[line.grant_id] = taken.get(line.grant_id, 0) + line.unit_seconds
    return taken


def _touched(session, team_id: int, grants: Sequence[Grant]) -> list[tuple[Balance, Grant]]:
    """The team's grants as people read them, each with how it would be."""
    after = {grant.id: grant for grant in grants}
    known = balances.balances_of(session, team_id) if after else []
    return [(balance, after[balance.id]) for balance in known if balance.id in after]
