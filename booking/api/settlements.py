"""Calls of the market: rates of resources, and the settlement of months."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, show
from booking.domain.errors import NotFound
from booking.domain.permissions import may_see_settlements
from booking.domain.settlements import Rate, Total, by_party, month_named, month_of, name_of
from booking.domain.windows import Window
from booking.http.actor import asking, current_actor
from booking.http.reading import reading
from booking.queries import settlements as questions
from booking.queries.listings import find_listing
from booking.schemas.settlements import (
    CentsShape,
    LineShape,
    NewRate,
    RateShape,
    RatesShape,
    SettlementFilter,
    SettlementShape,
    SumsShape,
)
from booking.services import settlements

bp = Blueprint("settlements", __name__)


@bp.get("/resources/<resource_id>/rates")
@call(gives={200: RatesShape}, fails=(401, 404), public=True)
def rates(resource_id: str) -> Response:
    """What a charged hour of a resource costs, over time."""
    listing = find_listing(reading(), resource_id, actor=asking())
    found = questions.rates_of(reading().connection(), listing.id)
    return show(RatesShape(resource=listing.slug, items=[RateShape.of(one) for one in found]))


@bp.post("/resources/<resource_id>/rates")
@call(body=NewRate, gives={201: RateShape}, fails=(403, 404, 409))
def set_rate(resource_id: str, body: NewRate) -> Response:
    """Say what it costs for bookings made from an instant on, as owner; the past stays as it was."""
    now = clock.now()
    rate = Rate(body.starts_at or now, body.cents_per_unit_hour)
    made = settlements.set_rate(resource_id, rate, actor=current_actor(), now=now)
    return show(RateShape.of(made), status=201)


@bp.get("/settlements")
@call(query=SettlementFilter, gives={200: SettlementShape}, fails=(404,))
def read(query: SettlementFilter) -> Response:
    """The lines of a month that concern who asks: as it was closed, or as it stands now."""
    return _settlement(month_named(query.month) if query.month else month_of(clock.now()))


@bp.post("/settlements/<month>/close")
@call(gives={200: SettlementShape}, fails=(403, 404, 409))
def close(month: str) -> Response:
    """Close a month that has ended, as administrator; months are closed in their order, and for good."""
    window = month_named(month)
    settlements.close_month(window, actor=current_actor(), now=clock.now())
    return _settlement(window)


def _settlement(window: Window) -> Response:
    if not may_see_settlements(current_actor()):
        raise NotFound("settlement")
    connection = reading().connection()
    month, lines = questions.find_month(connection, window.start)
    found = questions.visible(connection, lines, current_actor())
    by_kind = [(one.resource_kind, one.line) for one in found]
    together = by_party((None, one.line) for one in found).get(None, Total())
    return show(
        SettlementShape(
            month=name_of(month.window),
            starts_at=month.window.start,
            ends_at=month.window.end,
            closed_at=month.closed_at,
            items=[
                LineShape.named(
                    one.line,
                    operator=one.operator,
                    funder=one.funder,
                    team=one.team,
                    resource=one.resource,
                    kind=one.resource_kind,
                )
                for one in found
            ],
            totals=[SumsShape.of(total, kind) for kind, total in sorted(by_party(by_kind).items(), reverse=True)],
            total=CentsShape(cents=together.cents, subsidy_cents=together.subsidy_cents, own_cents=together.own_cents),
        )
    )
