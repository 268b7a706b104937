"""Calls of administrators on the audit log."""

from flask import Blueprint, Response

from booking.api.calls import call, listed, show
from booking.domain.errors import Forbidden
from booking.domain.permissions import may_administer
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.queries.audit import entries
from booking.schemas.audit import EntryShape, LogFilter, VerdictShape
from booking.services.audit import verify_log

bp = Blueprint("audit", __name__)


@bp.get("/audit")
@call(query=LogFilter, lists=EntryShape, fails=(403,))
def index(query: LogFilter) -> Response:
    """Who did what to which thing, the newest first."""
    _only_administrators()
    after = query.after(int)
    before = after[0] if after else None
    found = entries(reading(), query.wanted(), before=before, limit=query.limit + 1)
    return listed(found, query, shape=EntryShape.model_validate, key=lambda entry: [entry.id])


@bp.get("/audit/verdict")
@call(gives={200: VerdictShape}, fails=(403,))
def verify() -> Response:
    """Check the chain over all entries."""
    _only_administrators()
    found = verify_log()
    return show(
        VerdictShape(
            whole=found.is_whole,
            entries=found.head.entries,
            hash=found.head.hash,
            broken=found.broken,
            cut=found.cut,
        )
    )


def _only_administrators() -> None:
    if not may_administer(current_actor()):
        raise Forbidden("Only administrators read the audit log.")
