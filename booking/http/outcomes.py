"""Outcomes: what people read of a download in the log."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from booking.domain.gateway import Shut

WHY = {
    Shut.NO_FILES: _("no files here"),
    Shut.ADDRESS_EXPIRED: _("the address was too old"),
    Shut.NOT_SIGNED_IN: _("not signed in"),
    Shut.NOT_A_MEMBER: _("not in the team"),
    Shut.BEFORE_WINDOW: _("before the window"),
    Shut.AFTER_WINDOW: _("the window was over"),
    Shut.BOOKING_OVER: _("the booking was over"),
    Shut.NOT_CHECKED_IN: _("nobody had checked in"),
    Shut.NEEDS_BOOKING: _("without a booking"),
    Shut.TEAM_SUSPENDED: _("the team was suspended"),
    Shut.TEAM_NOT_APPROVED: _("the team's approval had ended"),
    Shut.DATASET_WITHDRAWN: _("the dataset was withdrawn"),
    Shut.TERMS_NOT_ACCEPTED: _("terms not accepted"),
    Shut.PERMIT_MISSING: _("no permit"),
    Shut.VOLUME_EXCEEDED: _("beyond the volume"),
    "broken": _("the reader went away"),
    "file_changed": _("the file changed meanwhile"),
    "lost": _("the server stopped"),
}


def outcome(line: Any) -> str:
    """How a download ended, in the reader's language."""
    why = str(WHY[line.why]) if line.why in WHY else ""
    if line.status == 403:
        return str(gettext("refused: %(why)s", why=why))
    if line.ended_at is None:
        return str(gettext("running"))
    return str(gettext("cut: %(why)s", why=why)) if why else str(gettext("sent"))
