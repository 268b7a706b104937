"""Calls on scenarios: read them with what they said before, change one, hand it in, and review it."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, listed, show
from booking.http.actor import asking, current_actor
from booking.http.reading import reading
from booking.queries.scenarios import find_scenario, scenarios, versions_of
from booking.schemas.listings import ScenarioFilter
from booking.schemas.scenarios import ChangedEntry, EntryDecision, ScenarioShape, VersionsShape
from booking.services.scenarios import change_entry, review_entry, submit_entry

bp = Blueprint("scenarios", __name__)


@bp.get("/scenarios")
@call(query=ScenarioFilter, lists=ScenarioShape, public=True)
def index(query: ScenarioFilter) -> Response:
    """The published scenarios, by slug."""
    after = query.after(str)
    found = scenarios(
        reading(), query.filters, now=clock.now(), edition=query.edition,
        after=after[0] if after else None, limit=query.limit + 1,
    )  # fmt: skip
    return listed(found, query, shape=ScenarioShape.of, key=lambda scenario: [scenario.slug])


@bp.get("/scenarios/<scenario_id>")
@call(gives={200: ScenarioShape}, fails=(401, 404), public=True)
def read(scenario_id: str) -> Response:
    """One scenario."""
    return show(ScenarioShape.of(find_scenario(reading(), scenario_id, actor=asking(), now=clock.now())))


@bp.get("/scenarios/<scenario_id>/versions")
@call(gives={200: VersionsShape}, fails=(401, 404), public=True)
def versions(scenario_id: str) -> Response:
    """What a published scenario said before, the last version first, each with the fields that were changed then."""
    scenario = find_scenario(reading(), scenario_id, actor=asking(), now=clock.now())
    return show(VersionsShape.of(scenario, versions_of(reading(), scenario.id)))


@bp.patch("/scenarios/<scenario_id>")
@call(body=ChangedEntry, gives={200: ScenarioShape}, fails=(403, 404, 409))
def change(scenario_id: str, body: ChangedEntry) -> Response:
    """Let an entry say something else, as its owner; what a published one said before stays as a version."""
    actor, now = current_actor(), clock.now()
    before = find_scenario(reading(), scenario_id, actor=actor, now=now)
    content = body.content(before.content)
    return show(ScenarioShape.of(change_entry(scenario_id, content, actor=actor, now=now, reason=body.reason)))


@bp.post("/scenarios/<scenario_id>/submit")
@call(gives={200: ScenarioShape}, fails=(403, 404, 409))
def submit(scenario_id: str) -> Response:
    """Hand an entry in to the reviewers, as its owner, while its list takes entries."""
    return show(ScenarioShape.of(submit_entry(scenario_id, actor=current_actor(), now=clock.now())))


def _review(verb: str, sentence: str) -> None:
    """Register the call of one decision of a reviewer."""

    def act(scenario_id: str, body: EntryDecision) -> Response:
        done = review_entry(scenario_id, verb, actor=current_actor(), now=clock.now(), reason=body.reason)
        return show(ScenarioShape.of(done))

    act.__doc__ = sentence
    described = call(body=EntryDecision, body_optional=True, gives={200: ScenarioShape}, fails=(403, 404, 409))(act)
    bp.add_url_rule(f"/scenarios/<scenario_id>/{verb}", verb, described, methods=["POST"])


_review("accept", "Accept an entry, as a reviewer; it is published when its list is.")
_review("return", "Give an entry back with questions, which are the reason.")
_review("decline", "Say no to an entry, with a reason.")
