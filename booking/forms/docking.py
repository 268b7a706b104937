"""Forms of the docking board: what a team looks for, what an owner proposes to it, and what an owner offers to whom."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateTimeLocalField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from booking.domain.docking import MOST_CHOICES, MOST_MEMORY_GIB
from booking.domain.texts import clean_text
from booking.domain.windows import Window
from booking.forms.base import SHORT, BaseForm, Rule, stripped
from booking.forms.bookings import MOST_UNITS, UNITS
from booking.forms.numbers import WholeNumberField
from booking.forms.times import LOCAL, instant_of, say, seconds_of

HOURS = {"inputmode": "decimal"}
LONGEST_LIST = 400


class DemandForm(BaseForm):
    """Units for some hours within a span, of some GPU models or of a dataset."""

    team = SelectField(_("Team"), [InputRequired()])
    gpu_models = StringField(_("GPU models"), [Optional(), Length(max=LONGEST_LIST)], filters=[stripped])
    dataset = SelectField(_("Dataset"), default="")
    units = WholeNumberField(_("Units"), [InputRequired(), NumberRange(1, MOST_UNITS)], render_kw=UNITS)
    hours = StringField(_("Hours"), [InputRequired()], filters=[stripped], render_kw=HOURS)
    earliest = DateTimeLocalField(_("Earliest start"), [InputRequired()], format=LOCAL)
    latest = DateTimeLocalField(_("Latest end"), [InputRequired()], format=LOCAL)
    zone = SelectField(_("Time zone"))
    regions = StringField(_("Only in these regions"), [Optional(), Length(max=LONGEST_LIST)], filters=[stripped])
    memory_gib = WholeNumberField(
        _("Least GPU memory (GiB)"), [Optional(), NumberRange(0, MOST_MEMORY_GIB)], render_kw={"inputmode": "numeric"}
    )
    note = TextAreaField(
        _("Purpose"), [InputRequired(), Rule(partial(clean_text, field="note"))], filters=[stripped], render_kw=SHORT
    )

    seconds: int = 0
    span: Window | None = None

    def validate(self, extra_validators: object = None) -> bool:
        """Whether what was typed can be meant; then `seconds` and `span` say what it means."""
        if not super().validate(extra_validators):
            return False
        self.seconds = seconds_of(self.hours)
        self.span = span_of(self.earliest, self.latest, self.zone.data)
        return self.seconds > 0 and self.span is not None


class ProposalForm(BaseForm):
    """A window of what an owner looks after, for a demand."""

    resource = SelectField(_("Pool or dataset"), [InputRequired()])
    units = WholeNumberField(_("Units"), [InputRequired(), NumberRange(1, MOST_UNITS)], render_kw=UNITS)
    starts_at = DateTimeLocalField(_("From"), [InputRequired()], format=LOCAL)
    hours = StringField(_("Hours"), [InputRequired()], filters=[stripped], render_kw=HOURS)
    zone = SelectField(_("Time zone"))
    hold_until = DateTimeLocalField(_("The team answers by"), [Optional()], format=LOCAL)
    reason = TextAreaField(
        _("Words for the team"), [Optional(), Rule(partial(clean_text, field="reason"))], filters=[stripped],
        render_kw=SHORT,
    )  # fmt: skip

    window: Window | None = None
    until: datetime | None = None

    def validate(self, extra_validators: object = None) -> bool:
        """Whether what was typed can be meant; then `window` and `until` say what it means."""
        if not super().validate(extra_validators):
            return False
        seconds, start = seconds_of(self.hours), instant_of(self.starts_at, self.zone.data)
        if self.hold_until.data:
            self.until = instant_of(self.hold_until, self.zone.data)
        if seconds and start:
            self.window = Window(start, start + timedelta(seconds=seconds))
        return self.window is not None and not self.hold_until.errors


class OfferForm(BaseForm):
    """Units of what an owner looks after, over a window, for whom and until when."""

    resource = SelectField(_("Pool or dataset"), [InputRequired()])
    units = WholeNumberField(_("Units"), [InputRequired(), NumberRange(1, MOST_UNITS)], render_kw=UNITS)
    starts_at = DateTimeLocalField(_("From"), [InputRequired()], format=LOCAL)
    ends_at = DateTimeLocalField(_("Until"), [InputRequired()], format=LOCAL)
    until = DateTimeLocalField(_("It can be taken until"), [InputRequired()], format=LOCAL)
    zone = SelectField(_("Time zone"))
    team = SelectField(_("For the team"), default="")
    region = SelectField(_("For organisations of the region"), default="")
    kind = SelectField(_("For organisations of the kind"), default="")
    note = TextAreaField(
        _("Words for those it is for"), [Optional(), Rule(partial(clean_text, field="note"))], filters=[stripped],
        render_kw=SHORT,
    )  # fmt: skip

    span: Window | None = None
    taken_by: datetime | None = None

    def validate(self, extra_validators: object = None) -> bool:
        """Whether what was typed can be meant; then `span` and `taken_by` say what it means."""
        if not super().validate(extra_validators):
            return False
        self.span = span_of(self.starts_at, self.ends_at, self.zone.data)
        self.taken_by = instant_of(self.until, self.zone.data)
        return self.span is not None and self.taken_by is not None


def words_of(text: str | None) -> tuple[str, ...]:
    """The words that commas separate, in English or Chinese."""
    found = (text or "").replace("，", ",").replace("、", ",").split(",")
    return tuple(word.strip() for word in found if word.strip())[: MOST_CHOICES + 1]


def span_of(first: Any, last: Any, zone: str) -> Window | None:
    """The window between two fields; None where there is none, which is said beside the last."""
    start, end = instant_of(first, zone), instant_of(last, zone)
    if start is None or end is None:
        return None
    if start >= end:
        say(last, _("The end lies before the start."))
        return None
    return Window(start, end)
