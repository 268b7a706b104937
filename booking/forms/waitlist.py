"""Forms of the wait list: what a team waits for, and the class that an owner gives it."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, DateTimeLocalField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional

from booking.domain.queues import Priority
from booking.domain.texts import clean_text
from booking.domain.windows import Window
from booking.forms.base import SHORT, BaseForm, Rule, SelectChoice, stripped
from booking.forms.bookings import MOST_UNITS, UNITS
from booking.forms.numbers import WholeNumberField
from booking.forms.times import LOCAL, instant_of, say, seconds_of

HOURS = {"inputmode": "decimal"}
PRIORITIES = {Priority.HIGH: _("high"), Priority.NORMAL: _("normal"), Priority.LOW: _("low")}


def _purpose(text: str) -> str:
    return clean_text(text, "purpose")


class WaitForm(BaseForm):
    """Units for some hours within a span, of one pool or dataset or of any pool of a model."""

    team = SelectField(_("Team"), [InputRequired()])
    resource = SelectField(_("Pool or dataset"), default="")
    gpu_model = SelectField(_("Or any pool of the model"), default="")
    region = SelectField(_("In the region"), default="")
    dataset = SelectField(_("With a seat of"), default="")
    units = WholeNumberField(_("Units"), [InputRequired(), NumberRange(1, MOST_UNITS)], render_kw=UNITS)
    hours = StringField(_("Hours"), [InputRequired()], filters=[stripped], render_kw=HOURS)
    max_hours = StringField(_("Most hours"), [Optional()], filters=[stripped], render_kw=HOURS)
    earliest = DateTimeLocalField(_("Earliest start"), [InputRequired()], format=LOCAL)
    latest = DateTimeLocalField(_("Latest end"), [InputRequired()], format=LOCAL)
    zone = SelectField(_("Time zone"))
    purpose = TextAreaField(_("Purpose"), [InputRequired(), Rule(_purpose)], filters=[stripped], render_kw=SHORT)
    take_automatically = BooleanField(_("Book it at once when it is my turn, without asking me"))

    min_seconds: int = 0
    max_seconds: int = 0
    span: Window | None = None

    def validate(self, extra_validators: object = None) -> bool:
        """Whether what was typed can be meant; then `min_seconds`, `max_seconds` and `span` say what it means."""
        if not super().validate(extra_validators):
            return False
        self.min_seconds = seconds_of(self.hours)
        self.max_seconds = seconds_of(self.max_hours) if self.max_hours.data else self.min_seconds
        start, end = (instant_of(field, self.zone.data) for field in (self.earliest, self.latest))
        if start and end and start >= end:
            say(self.latest, _("The end lies before the start."))
        elif start and end:
            self.span = Window(start, end)
        return self.min_seconds > 0 and self.max_seconds > 0 and self.span is not None


class PriorityForm(BaseForm):
    """The class of an entry."""

    priority = SelectField(_("Class"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.priority.choices = [SelectChoice(each.value, name) for each, name in PRIORITIES.items()]
