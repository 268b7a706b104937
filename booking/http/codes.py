"""Codes of refusals: the few words that people read for each where there is no booking to say more of."""

from flask_babel import lazy_gettext as _

from booking.domain.refusals import Code

NAMES = {
    Code.CAPACITY_EXCEEDED: _("not enough free"),
    Code.QUOTA_EXCEEDED: _("quota used up"),
    Code.PERIOD_CAP_EXCEEDED: _("cap of the week or month reached"),
    Code.CONCURRENCY_EXCEEDED: _("too many bookings at once"),
    Code.TOO_SHORT: _("shorter than allowed"),
    Code.TOO_LONG: _("longer than allowed"),
    Code.TOO_SOON: _("too little notice"),
    Code.BEYOND_HORIZON: _("too far ahead"),
    Code.OFF_GRID: _("not on the grid of times"),
    Code.OFF_STEP: _("not a multiple of the step of units"),
    Code.IN_THE_PAST: _("in the past"),
    Code.TOO_MANY_UNITS: _("more units than allowed"),
    Code.RESOURCE_CLOSED: _("closed"),
    Code.NOT_ELIGIBLE: _("not open to the team"),
    Code.NOT_USABLE_HERE: _("dataset not usable at that pool"),
    Code.TEAM_NOT_APPROVED: _("team not approved"),
    Code.TEAM_SUSPENDED: _("team suspended"),
    Code.TERMS_NOT_ACCEPTED: _("terms not accepted"),
    Code.PERMIT_MISSING: _("permit missing"),
    Code.TRAINING_MISSING: _("training missing"),
    Code.NOT_A_MEMBER: _("not a member"),
    Code.GRANT_EXPIRED: _("past every grant"),
    Code.STALE_VERSION: _("changed meanwhile"),
}


def code_name(code: str) -> str:
    """The words for a code."""
    return str(NAMES[Code(code)]) if code in set(Code) else code
