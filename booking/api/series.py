"""Calls on series: ask for many dates at once, look at them, change or cancel what is still to come."""

from collections.abc import Iterator

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, created, expected_version, show
from booking.api.orders import KEY, claims_of, key_of, names_in, names_known
from booking.domain.errors import Forbidden, NotFound
from booking.domain.permissions import Actor, may_edit
from booking.domain.refusals import Refused
from booking.domain.series import Plan, Preview, Series, of_date
from booking.http.actor import current_actor
from booking.http.errors import refusals_json
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.words import say
from booking.queries.series import find_series
from booking.schemas.base import Refusal
from booking.schemas.series import (
    DateShape,
    NewSeries,
    SeriesCancellation,
    SeriesChange,
    SeriesPreviewShape,
    SeriesShape,
)
from booking.services.series import preview_series, request_series
from booking.services.series_edits import Wanted, cancel_series, change_series

VERSION = "The ETag of the series that is to be changed."

bp = Blueprint("series", __name__)


@bp.post("/series")
@call(
    body=NewSeries,
    gives={201: SeriesShape, 200: SeriesPreviewShape},
    fails=(403, 404, 409),
    headers={"Idempotency-Key": KEY},
)
def create(body: NewSeries) -> Response:
    """Book the same on many dates together, judged as a whole, or hear every reason for every date.

    Local times keep their place on the clocks of `timezone` over changes of summer time. A `dry_run` books nothing and
    answers 200 with a tick or the reasons for each date. Refusals name the date in their field, as in
    `dates.3.claims.0.units`, and in `date`.
    """
    actor, now = current_actor(), clock.now()
    body.check()
    key = key_of(body, "series")
    names = names_known(body.claims, body.team)
    if names.team_id is None:
        raise NotFound("team")
    plan = body.plan(names.team_id, claims_of(body.claims, names, actor))
    try:
        if body.dry_run:
            return _previewed(body, plan, actor)
        series = request_series(plan, actor=actor, now=now, days=body.dates, key=key, reason=body.reason)
    except Refused:
        claims_of(body.claims, names_in(body.claims), actor)  # what was remembered may be a draft by now
        raise
    return created(_shape(series, actor), "api.series.read", version=series.version, series_id=str(series.id))


def _previewed(body: NewSeries, plan: Plan, actor: Actor) -> Response:
    preview = preview_series(plan, actor=actor, now=clock.now(), days=body.dates, reason=body.reason)
    return show(SeriesPreviewShape.of(body, preview, list(_dates(preview)), [say(one) for one in preview.skipped]))


def _dates(preview: Preview) -> Iterator[DateShape]:
    for index, one in enumerate(preview.judged):
        refused = Refused(of_date(one.decision.refusals, index, one.occurrence.day))
        yield DateShape.of(one, [Refusal.model_validate(each) for each in refusals_json(refused)])


@bp.get("/series/<series_id>")
@call(gives={200: SeriesShape}, fails=(404,))
def read(series_id: str) -> Response:
    """One series with its bookings; its version is the ETag."""
    actor = current_actor()
    series = _visible(series_id, actor)
    return show(_shape(series, actor), version=series.version)


@bp.patch("/series/<series_id>")
@call(
    body=SeriesChange,
    gives={200: SeriesShape},
    fails=(403, 404, 409, 412, 428),
    headers={"If-Match": VERSION},
)
def change(series_id: str, body: SeriesChange) -> Response:
    """Change the bookings of a series that are still to come, or those from a date on: all of them, or none.

    What has begun or ended, and what was changed by itself, stays as it is.
    """
    actor, now = current_actor(), clock.now()
    body.check()
    series = _visible(series_id, actor)
    claims = claims_of(body.claims, names_in(body.claims), actor) if body.claims else None
    if not may_edit(actor, series.plan.team_id, series.created_by):
        raise Forbidden("Only the team's lead, or who requested the series, can change it.")
    version = expected_version(series.version)

    wanted = Wanted(body.since, body.starts_at, body.ends_at, claims)
    changed = change_series(series.id, wanted, actor=actor, now=now, version=version)
    return show(_shape(changed, actor), version=changed.version)


@bp.post("/series/<series_id>/cancel")
@call(body=SeriesCancellation, body_optional=True, gives={200: SeriesShape}, fails=(403, 404, 409))
def cancel(series_id: str, body: SeriesCancellation) -> Response:
    """Give up the bookings of a series that are still to come, or those from a date on, each at its price."""
    actor = current_actor()
    number = parse_id(series_id, "series")
    done = cancel_series(number, since=body.since, actor=actor, now=clock.now(), reason=body.reason)
    return show(_shape(done, actor), version=done.version)


def _visible(series_id: str, actor: Actor) -> Series:
    """A series of which the actor may see a booking; others hear that there is none."""
    series = find_series(reading().connection(), parse_id(series_id, "series"), history=True)
    if not series.seen_by(actor).bookings:
        raise NotFound("series")
    return series


def _shape(series: Series, actor: Actor) -> SeriesShape:
    return SeriesShape.of(series.seen_by(actor))
