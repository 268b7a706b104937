"""States: the name people read for each, and the colour that goes with it, never instead of it."""

from typing import NamedTuple

from flask_babel import LazyString
from flask_babel import lazy_gettext as _


class Shown(NamedTuple):
    """How a state looks: its name, and the name of one of Tabler's colours."""

    name: LazyString
    colour: str


SHOWN = {
    # bookings
    "offered": Shown(_("offered"), "purple"),
    "pending": Shown(_("waiting for approval"), "yellow"),
    "confirmed": Shown(_("confirmed"), "blue"),
    "active": Shown(_("running"), "green"),
    "completed": Shown(_("completed"), "secondary"),
    "cancelled": Shown(_("cancelled"), "secondary"),
    "declined": Shown(_("declined"), "red"),
    "expired": Shown(_("expired"), "secondary"),
    "no_show": Shown(_("no-show"), "red"),
    "revoked": Shown(_("revoked"), "red"),
    # the wait list
    "taken": Shown(_("taken"), "green"),
    # change requests, and the wait list
    "withdrawn": Shown(_("withdrawn"), "secondary"),
    # demands on the docking board
    "sought": Shown(_("looking"), "blue"),
    "matched": Shown(_("proposed to"), "purple"),
    "fulfilled": Shown(_("fulfilled"), "green"),
    # teams
    "applied": Shown(_("waiting for a decision"), "yellow"),
    "approved": Shown(_("approved"), "green"),
    "suspended": Shown(_("suspended"), "red"),
    # scenario lists and their entries
    "planned": Shown(_("announced"), "secondary"),
    "accepted": Shown(_("accepted"), "blue"),
    # resources
    "draft": Shown(_("draft"), "yellow"),
    "published": Shown(_("published"), "green"),
    "retired": Shown(_("retired"), "secondary"),
    # permits
    "asked": Shown(_("waiting for a decision"), "yellow"),
    "granted": Shown(_("granted"), "green"),
    # reports
    "asked_for": Shown(_("waiting for the report"), "yellow"),
    "submitted": Shown(_("waiting for a review"), "yellow"),
    "returned": Shown(_("come back with a question"), "purple"),
    # attestations
    "overdue": Shown(_("overdue"), "red"),
    # accounts
    "open": Shown(_("open"), "green"),
    "unconfirmed": Shown(_("not confirmed"), "yellow"),
    "closed": Shown(_("closed"), "red"),
    # the outbox
    "waiting": Shown(_("waiting"), "yellow"),
    "delivered": Shown(_("delivered"), "green"),
    "parked": Shown(_("parked"), "red"),
}


def state_name(state: str) -> str:
    """The name people read for a state."""
    return str(SHOWN[state].name) if state in SHOWN else state


def state_colour(state: str) -> str:
    """The colour beside the name."""
    return SHOWN[state].colour if state in SHOWN else "secondary"
