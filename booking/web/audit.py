"""The audit log, for administrators: read, searched, verified."""

from flask import Blueprint, render_template, request

from booking.domain.audit import Verdict
from booking.domain.errors import Forbidden
from booking.domain.permissions import may_administer
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.queries.audit import entries
from booking.services.audit import verify_log
from booking.web.lists import asked_log
from booking.web.paging import asked_page

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.before_request
def only_administrators():
    """Nobody else has any business here."""
    if not may_administer(current_actor()):
        raise Forbidden("Only administrators read the audit log.")


@bp.get("")
def index():
    """Who did what to which thing, the newest first."""
    return _log()


@bp.post("/verify")
def verify():
    """Check the chain over all entries, and look for the hash that was noted before."""
    kept = request.form.get("kept", "").strip().lower()[:64]
    return _log(verify_log(kept), kept)


def _log(verdict: Verdict | None = None, kept: str = ""):
    page, wanted = asked_page(), asked_log()
    shown = page.of(entries(reading(), wanted, limit=page.limit, offset=page.offset))
    return render_template("audit/index.html", page=shown, wanted=wanted, verdict=verdict, kept=kept)
