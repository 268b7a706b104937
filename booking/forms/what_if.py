"""The form that tries a rule of quota on what was booked; it changes nothing, so it travels in the address."""

from flask_babel import lazy_gettext as _
from wtforms import SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from booking.domain.ledger import Cap, Per
from booking.domain.what_if import DAYS, Rule
from booking.forms.base import BaseForm, SelectChoice
from booking.forms.bookings import MOST_UNITS, UNITS
from booking.forms.grants import HoursField
from booking.forms.numbers import WholeNumberField


class WhatIfForm(BaseForm):
    """A cap by team and period, a largest number of units, or both."""

    class Meta:
        csrf = False

    days = WholeNumberField(_("Bookings made in the last days"), [InputRequired(), NumberRange(DAYS[0], DAYS[-1])])
    kind = SelectField(_("Of"), choices=[SelectChoice("pool", _("GPU pools")), SelectChoice("dataset", _("datasets"))])
    unit_hours = HoursField(_("Cap of a team, in hours"), [Optional()])
    per = SelectField(
        _("In each"), choices=[SelectChoice(Per.WEEK, _("week, from Monday")), SelectChoice(Per.MONTH, _("month"))]
    )
    most_units = WholeNumberField(
        _("Most units of a booking"), [Optional(), NumberRange(0, MOST_UNITS)], render_kw=UNITS
    )

    def rule(self, zone: str) -> Rule:
        """What was typed, as the domain takes it."""
        cap = Cap(self.unit_hours.unit_seconds, Per(self.per.data), zone) if self.unit_hours.data else None
        return Rule(self.most_units.data, cap)
