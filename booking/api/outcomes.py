"""Calls on outcomes: teams report what came of their bookings, reviewers decide, everybody reads the cases."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, listed, show
from booking.domain.outcomes import Outcome
from booking.domain.permissions import may_review
from booking.http.actor import asking, current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.outcomes import Wanted, find_outcome, outcomes_listed
from booking.schemas.outcomes import OutcomeFilter, OutcomeShape, ReportBody, ReviewBody
from booking.services import outcomes

bp = Blueprint("outcomes", __name__)


@bp.get("/outcomes")
@call(query=OutcomeFilter, lists=OutcomeShape, fails=(401,), public=True)
def index(query: OutcomeFilter) -> Response:
    """The published cases, and with a token the reports of one's teams and those that one decides on, newest first."""
    after = query.after(int)
    wanted = Wanted(
        query.team or "", query.scenario or "", query.facility or "", [query.region] if query.region else (),
        query.state or (),
    )  # fmt: skip
    before = after[0] if after else None
    found = outcomes_listed(reading().connection(), asking(), wanted, before=before, limit=query.limit + 1)
    return listed(found, query, shape=_shape, key=lambda one: [one.id])


@bp.get("/outcomes/<outcome_id>")
@call(gives={200: OutcomeShape}, fails=(401, 404), public=True)
def read(outcome_id: str) -> Response:
    """One case, or one report that one may see."""
    return show(_shape(find_outcome(reading().connection(), _id(outcome_id), asking())))


@bp.post("/outcomes/<outcome_id>/submit")
@call(body=ReportBody, gives={200: OutcomeShape}, fails=(403, 404, 409, 412))
def submit(outcome_id: str, body: ReportBody) -> Response:
    """Report what came of a booking, as a member of its team, when asked or when the report has come back."""
    done = outcomes.submit_outcome(
        _id(outcome_id), body.report(), actor=current_actor(), now=clock.now(), version=body.version
    )
    return show(_shape(done))


def _review(verb: str, sentence: str) -> None:
    """Register the call of one decision on a report."""

    def act(outcome_id: str, body: ReviewBody) -> Response:
        done = outcomes.review_outcome(
            _id(outcome_id), verb, actor=current_actor(), now=clock.now(), reason=body.reason, version=body.version
        )
        return show(_shape(done))

    act.__doc__ = sentence
    described = call(body=ReviewBody, body_optional=True, gives={200: OutcomeShape}, fails=(403, 404, 409, 412))(act)
    bp.add_url_rule(f"/outcomes/<outcome_id>/{verb}", f"{verb}_report", described, methods=["POST"])


_review("publish", "Publish a report as a case, as a reviewer or an owner of its scenario.")
_review("return", "Give a report back with a question, which is the reason.")
_review("decline", "Decide not to publish a report, or no longer; with a reason.")


def _shape(outcome: Outcome) -> OutcomeShape:
    actor = asking()
    inside = outcome.team_id in actor.teams or may_review(actor, outcome.team_id, outcome.organisation_id)
    return OutcomeShape.of(outcome, inside=inside)


def _id(text: str) -> int:
    return parse_id(text, "outcome")
