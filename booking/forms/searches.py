"""The form that looks for a window."""

from flask_babel import lazy_gettext as _
from wtforms import DateTimeLocalField, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange

from booking.domain.windows import Window
from booking.forms.base import BaseForm, stripped
from booking.forms.bookings import MOST_UNITS, UNITS
from booking.forms.numbers import WholeNumberField
from booking.forms.times import LOCAL, instant_of, say, seconds_of

HOURS = {"inputmode": "decimal"}


class FindForm(BaseForm):
    """So many units for so many hours within a span; it changes nothing, so it travels in the address."""

    class Meta:
        csrf = False

    units = WholeNumberField(_("GPUs"), [InputRequired(), NumberRange(1, MOST_UNITS)], render_kw=UNITS)
    hours = StringField(_("Hours"), [InputRequired()], filters=[stripped], render_kw=HOURS)
    gpu_model = SelectField(_("GPU model"), default="")
    dataset = SelectField(_("Dataset"), default="")
    earliest = DateTimeLocalField(_("Earliest start"), [InputRequired()], format=LOCAL)
    latest = DateTimeLocalField(_("Latest end"), [InputRequired()], format=LOCAL)
    zone = SelectField(_("Time zone"))

    seconds: int = 0
    span: Window | None = None

    def validate(self, extra_validators: object = None) -> bool:
        """Whether what was typed can be meant; then `seconds` and `span` say what it means."""
        if not super().validate(extra_validators):
            return False
        self.seconds = seconds_of(self.hours)
        start, end = (instant_of(field, self.zone.data) for field in (self.earliest, self.latest))
        if start and end and start >= end:
            say(self.latest, _("The end lies before the start."))
        elif start and end:
            self.span = Window(start, end)
        return self.seconds > 0 and self.span is not None
