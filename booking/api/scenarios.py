"""Calls on scenarios."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, listed, show
from booking.http.actor import asking
from booking.http.reading import reading
from booking.queries.scenarios import find_scenario, scenarios
from booking.schemas.listings import ScenarioFilter
from booking.schemas.scenarios import ScenarioShape

bp = Blueprint("scenarios", __name__)


@bp.get("/scenarios")
@call(query=ScenarioFilter, lists=ScenarioShape, public=True)
def index(query: ScenarioFilter) -> Response:
    """The published scenarios, by slug."""
    after = query.after(str)
    found = scenarios(
        reading(), query.filters, now=clock.now(), after=after[0] if after else None, limit=query.limit + 1
    )
    return listed(found, query, shape=ScenarioShape.of, key=lambda scenario: [scenario.slug])


@bp.get("/scenarios/<scenario_id>")
@call(gives={200: ScenarioShape}, fails=(401, 404), public=True)
def read(scenario_id: str) -> Response:
    """One scenario."""
    return show(ScenarioShape.of(find_scenario(reading(), scenario_id, actor=asking(), now=clock.now())))
