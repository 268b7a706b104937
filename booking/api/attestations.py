"""Calls on attestations: teams say that data is deleted, stewards see what is outstanding."""

from flask import Blueprint, Response

from booking import clock
from booking.api.calls import call, listed, show
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.attestations import Wanted, attestations_listed, find_attestation
from booking.schemas.attestations import AttestationFilter, AttestationShape, StatementBody
from booking.services.attestations import attest

bp = Blueprint("attestations", __name__)


@bp.get("/attestations")
@call(query=AttestationFilter, lists=AttestationShape)
def index(query: AttestationFilter) -> Response:
    """What one's teams owe or have given, and the same of data that one looks after, the newest first."""
    after = query.after(int)
    wanted = Wanted(query.team or "", query.dataset or "", query.given)
    before = after[0] if after else None
    found = attestations_listed(reading().connection(), current_actor(), wanted, before=before, limit=query.limit + 1)
    return listed(found, query, shape=AttestationShape.of, key=lambda one: [one.id])


@bp.get("/attestations/<attestation_id>")
@call(gives={200: AttestationShape}, fails=(404,))
def read(attestation_id: str) -> Response:
    """One attestation."""
    return show(AttestationShape.of(find_attestation(reading().connection(), _id(attestation_id), current_actor())))


@bp.post("/attestations/<attestation_id>/attest")
@call(body=StatementBody, gives={200: AttestationShape}, fails=(403, 404, 409))
def give(attestation_id: str, body: StatementBody) -> Response:
    """Say what was deleted where, as a member of the team; once said, it stands."""
    done = attest(_id(attestation_id), body.statement, actor=current_actor(), now=clock.now())
    return show(AttestationShape.of(done))


def _id(text: str) -> int:
    return parse_id(text, "attestation")
