"""The form that looks for a window."""

from flask_babel import lazy_gettext as _
from wtforms import DateTimeLocalField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional

from booking.domain.windows import Window
from booking.forms.base import BaseForm, stripped
from booking.forms.bookings import MOST_UNITS, UNITS
from booking.forms.numbers import WholeNumberField
from booking.forms.times import LOCAL, instant_of, say, seconds_of

HOURS = {"inputmode": "decimal"}
MOST_GIB = 1_000_000


class FindForm(BaseForm):
    """So many units for so many hours within a span; it changes nothing, so it travels in the address.

    `longest` are the hours up to which a window may go on where there is room. With a `team` only what it would be
    admitted to is found.
    """

    class Meta:
        csrf = False

    units = WholeNumberField(_("GPUs"), [InputRequired(), NumberRange(1, MOST_UNITS)], render_kw=UNITS)
    hours = StringField(_("Hours"), [InputRequired()], filters=[stripped], render_kw=HOURS)
    longest = StringField(_("Up to hours"), [Optional()], filters=[stripped], render_kw=HOURS)
    gpu_model = SelectField(_("GPU model"), default="")
    dataset = SelectField(_("Dataset"), default="")
    earliest = DateTimeLocalField(_("Earliest start"), [InputRequired()], format=LOCAL)
    latest = DateTimeLocalField(_("Latest end"), [InputRequired()], format=LOCAL)
    zone = SelectField(_("Time zone"))
    team = SelectField(_("For the team"), default="")
    second_model = SelectField(_("Or this GPU model"), default="")
    memory_gib = WholeNumberField(
        _("Least GPU memory (GiB)"),
        [Optional(), NumberRange(1, MOST_GIB)],
        render_kw={"min": 1, "inputmode": "numeric"},
    )
    facility = SelectField(_("Facility"), default="")
    regions = SelectMultipleField(_("Only in these regions"), [Optional()])
    regions_denied = SelectMultipleField(_("Not in these regions"), [Optional()])

    seconds: int = 0
    longest_seconds: int = 0
    span: Window | None = None

    def validate(self, extra_validators: object = None) -> bool:
        """Whether what was typed can be meant; then `seconds`, `longest_seconds` and `span` say what it means."""
        if not super().validate(extra_validators):
            return False
        self.seconds = seconds_of(self.hours)
        self.longest_seconds = seconds_of(self.longest) if self.longest.data else self.seconds
        if 0 < self.longest_seconds < self.seconds:
            say(self.longest, _("The most hours are fewer than the least."))
        start, end = (instant_of(field, self.zone.data) for field in (self.earliest, self.latest))
        if start and end and start >= end:
            say(self.latest, _("The end lies before the start."))
        elif start and end:
            self.span = Window(start, end)
        return 0 < self.seconds <= self.longest_seconds and self.span is not None

    @property
    def models(self) -> tuple[str, ...]:
        """The GPU models that will do, the one that is liked better first; none where any will do."""
        chosen = (self.gpu_model.data, self.second_model.data if self.gpu_model.data else "")
        return tuple(dict.fromkeys(model for model in chosen if model))

    @property
    def says_more(self) -> bool:
        """Whether anything is said beyond what everybody says."""
        more = (self.second_model, self.memory_gib, self.facility, self.regions, self.regions_denied)
        return any(field.data or field.errors for field in more)
