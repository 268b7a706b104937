"""Forms of facilities."""

from collections.abc import Iterable
from functools import partial

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from booking.domain.facilities import LONGEST_DESCRIPTION, FacilityWords
from booking.domain.lines import clean_line
from booking.domain.organisations import LONGEST_REGION, Organisation
from booking.domain.slugs import clean_slug
from booking.domain.texts import clean_text
from booking.domain.timezones import clean_timezone
from booking.forms.base import BaseForm, Rule, SelectChoice, stripped

ZONES = {"list": "zones", "autocomplete": "off"}


class FacilityForm(BaseForm):
    """What people say of a facility."""

    name = StringField(_("Name"), [InputRequired(), Rule(partial(clean_line, field="name"))], filters=[stripped])
    region = StringField(
        _("Region"),
        [InputRequired(), Rule(partial(clean_line, field="region", most=LONGEST_REGION))],
        filters=[stripped],
    )
    place = StringField(_("Place"), [Optional(), Rule(partial(clean_line, field="place"))], filters=[stripped])
    timezone = StringField(_("Time zone"), [InputRequired(), Rule(clean_timezone)], filters=[stripped], render_kw=ZONES)
    description = TextAreaField(
        _("Description"),
        [Optional(), Rule(partial(clean_text, field="description", most=LONGEST_DESCRIPTION))],
        filters=[stripped],
        render_kw={"rows": 4},
    )

    def words(self) -> FacilityWords:
        """The same as the service takes it."""
        return FacilityWords(
            name=self.name.data or "",
            region=self.region.data or "",
            timezone=self.timezone.data or "",
            place=self.place.data or "",
            description=self.description.data or "",
        )


class NewFacilityForm(FacilityForm):
    """The same, with whose it is and the short name that it has for good."""

    organisation = SelectField(_("Organisation"))
    slug = StringField(_("Short name"), [InputRequired(), Rule(clean_slug)], filters=[stripped])

    def offer(self, organisations: Iterable[Organisation]) -> None:
        """The organisations that the reader operates."""
        self.organisation.choices = [SelectChoice(each.slug, each.name) for each in organisations]
