"""Roles: the name people read for each."""

from flask_babel import lazy_gettext as _

from booking.domain.permissions import Role

NAMES = {
    Role.OPERATOR: _("operator"),
    Role.STEWARD: _("steward"),
    Role.SCENARIO_OWNER: _("scenario owner"),
    Role.FUNDER: _("funder"),
    Role.REVIEWER: _("reviewer"),
    Role.ADMINISTRATOR: _("administrator"),
}


def role_name(role: str) -> str:
    """The name people read for a role."""
    return str(NAMES[Role(role)])
