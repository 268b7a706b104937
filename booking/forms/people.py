"""Forms of administrators about accounts."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, EmailField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from booking.domain.accounts import clean_email, clean_name
from booking.domain.organisations import Organisation
from booking.domain.permissions import Role
from booking.forms.base import BaseForm, Rule, SelectChoice


class InviteForm(BaseForm):
    """Who is to have an account."""

    email = EmailField(_("E-mail address"), [InputRequired(), Rule(clean_email)])
    name = StringField(_("Full name"), [InputRequired(), Rule(clean_name)])


class RoleForm(BaseForm):
    """What a person is, and for which organisation."""

    role = SelectField(_("Role"))
    organisation = SelectField(_("Organisation"), validators=[Optional()])
    department = StringField(_("Department, for reviewers"), [Optional()])
    deputy = BooleanField(_("Deputy: votes only where the department has not in time"))

    def offer(self, organisations: Iterable[Organisation], roles: Iterable[tuple[Role, str]]) -> "RoleForm":
        """The same form with what can be chosen; `roles` with the names people read."""
        self.role.choices = [SelectChoice(role.value, name) for role, name in roles]
        none = SelectChoice("", _("none: reviewers and administrators"))
        self.organisation.choices = [none, *(SelectChoice(each.slug, each.name) for each in organisations)]
        return self
