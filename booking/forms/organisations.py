"""Forms of organisations."""

from functools import partial

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from booking.domain.lines import clean_line
from booking.domain.organisations import LONGEST_REGION, NewOrganisation, OrganisationKind
from booking.domain.slugs import clean_slug
from booking.forms.base import BaseForm, Rule, SelectChoice, stripped

KINDS = {
    OrganisationKind.ENTERPRISE: _("enterprise"),
    OrganisationKind.UNIVERSITY: _("university"),
    OrganisationKind.INSTITUTE: _("research institute"),
    OrganisationKind.GOVERNMENT: _("government body"),
    OrganisationKind.INTERMEDIARY: _("intermediary"),
}
"""The kinds of organisations, as people read them of one."""


class OrganisationForm(BaseForm):
    """What an administrator says of an organisation that the platform has verified."""

    name = StringField(_("Name"), [InputRequired(), Rule(partial(clean_line, field="name"))], filters=[stripped])
    slug = StringField(_("Short name"), [InputRequired(), Rule(clean_slug)], filters=[stripped])
    kind = SelectField(_("Kind"), choices=[SelectChoice(kind.value, name) for kind, name in KINDS.items()])
    region = StringField(
        _("Region"),
        [InputRequired(), Rule(partial(clean_line, field="region", most=LONGEST_REGION))],
        filters=[stripped],
    )

    def asked(self) -> NewOrganisation:
        """The same as the service takes it."""
        return NewOrganisation(
            name=self.name.data or "",
            slug=self.slug.data or "",
            kind=OrganisationKind(self.kind.data),
            region=self.region.data or "",
        )
