"""Forms of series: repeating what is asked for, and changing or cancelling what is still to come."""

from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _
from wtforms import (
    DateField,
    Field,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from booking.domain.errors import Invalid
from booking.domain.localtime import wall_to_utc
from booking.domain.orders import Claim
from booking.domain.recurrence import MOST_DATES, MOST_INTERVAL, WEEKDAYS, Frequency, Nth, Rule
from booking.domain.series import LocalTimes, Plan, Series
from booking.domain.texts import clean_text
from booking.forms.base import SHORT, BaseForm, SelectChoice, stripped
from booking.forms.base import Rule as Asks
from booking.forms.bookings import BookingForm, ClaimsForm
from booking.forms.numbers import WholeNumberField
from booking.forms.times import say, seconds_of

FARTHEST_MOVE = 366
WHOLE = {"min": 1, "inputmode": "numeric"}
PARTS = {
    "rule": "repeat",
    "rule.freq": "repeat",
    "rule.interval": "interval",
    "rule.byday": "weekdays",
    "rule.bymonthday": "repeat",
    "rule.until": "until",
    "rule.count": "count",
}
"""The field of the form that each part of a rule is said by."""


class SeriesForm(BookingForm):
    """A new booking that may be repeated; `dates` are those that were chosen of the list."""

    repeat = SelectField(
        _("Repeat"),
        default="",
        choices=[
            SelectChoice("", _("do not repeat")),
            SelectChoice("daily", _("by the day")),
            SelectChoice("weekly", _("by the week")),
            SelectChoice("monthly", _("by the month, on this day of it")),
            SelectChoice("nth", _("by the month, on this weekday of it, such as the second Monday")),
            SelectChoice("last", _("by the month, on the last such weekday of it")),
        ],
    )
    interval = WholeNumberField(_("Every so many"), [Optional(), NumberRange(1, MOST_INTERVAL)], render_kw=WHOLE)
    weekdays = SelectMultipleField(
        _("On these weekdays"),
        choices=[
            SelectChoice("MO", _("Monday")), SelectChoice("TU", _("Tuesday")), SelectChoice("WE", _("Wednesday")),
            SelectChoice("TH", _("Thursday")), SelectChoice("FR", _("Friday")), SelectChoice("SA", _("Saturday")),
            SelectChoice("SU", _("Sunday")),
        ],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )  # fmt: skip
    until = DateField(_("Until the end of"), [Optional()])
    count = WholeNumberField(_("Or so many times"), [Optional(), NumberRange(1, MOST_DATES)], render_kw=WHOLE)
    also = StringField(_("And on these dates"), [Optional()], filters=[stripped])
    preview = SubmitField(_("Show the dates"))
    book_dates = SubmitField(_("Book the chosen dates"))

    @property
    def is_repeated(self) -> bool:
        return bool(self.repeat.data)

    def plan(self, team_id: int, claims: tuple[Claim, ...]) -> Plan:
        """What was typed, as the service takes it; Invalid for what cannot be meant."""
        return Plan(
            team_id,
            self._rule(),
            self._times(),
            claims,
            clean_text(self.purpose.data or "", "purpose"),
            additions=frozenset(_days("also", self.also.data or "")),
        )

    def _rule(self) -> Rule:
        first = self._start().date()
        frequency = Frequency.MONTHLY
        weekdays: tuple[int, ...] = ()
        nth = None
        if self.repeat.data == "daily":
            frequency = Frequency.DAILY
        elif self.repeat.data == "weekly":
            frequency = Frequency.WEEKLY
            weekdays = tuple(index for index, name in enumerate(WEEKDAYS) if name in (self.weekdays.data or ()))
        elif self.repeat.data == "nth":
            nth = Nth((first.day - 1) // 7 + 1, first.weekday())
        elif self.repeat.data == "last":
            nth = Nth(-1, first.weekday())
        ends = self.until.data, self.count.data
        return Rule(frequency, self.interval.data or 1, weekdays, None, nth, *ends)

    def _start(self) -> datetime:
        start: datetime = self.starts_at.data  # type: ignore[assignment]  # it is required
        return start

    def _times(self) -> LocalTimes:
        start = self._start()
        end = self.ends_at.data or start + timedelta(seconds=seconds_of(self.hours))
        return LocalTimes(self.zone.data, start.date(), start, end)

    def _instant(self, field: Field, kept: datetime | None) -> datetime | None:
        """A date of a series always has an instant; a single one that clocks skip is refused."""
        if not self.is_repeated:
            return super()._instant(field, kept)
        try:
            return wall_to_utc(field.data, self.zone.data)
        except ValueError as error:
            say(field, Invalid("", str(error)))
            return None

    def field_named(self, path: str) -> Field | None:
        return super().field_named(PARTS.get(path, path))


class SeriesChangeForm(ClaimsForm):
    """What is to be different of the bookings that are still to come; `version` is the one that the page showed."""

    since = SelectField(_("Which dates"), default="")
    start = TimeField(_("Start"), [InputRequired()])
    end = TimeField(_("End"), [InputRequired()])
    days = WholeNumberField(_("Move by days"), [Optional(), NumberRange(-FARTHEST_MOVE, FARTHEST_MOVE)])
    version = HiddenField()
    check = SubmitField(_("Check"))
    save = SubmitField(_("Change the bookings"))

    def times(self, series: Series) -> tuple[datetime, datetime]:
        """The local start and end on the first date that is changed; a night ends as many days later as before."""
        standing = series.plan.times
        later = (self.day or standing.first) - standing.first + timedelta(days=self.days.data or 0)
        start, end = (
            datetime.combine(edge.date() + later, typed.data or edge.time())
            for edge, typed in ((standing.start, self.start), (standing.end, self.end))
        )
        return start, end

    @property
    def day(self) -> date | None:
        """The date from which on it counts; None for all."""
        return date.fromisoformat(self.since.data) if self.since.data else None

    @property
    def fields_of_order(self) -> list[Field]:
        """The fields by which the change is said, for what is said of them while somebody types."""
        rows = [field for entry in self.shown_rows for field in (entry.form.resource, entry.form.units)]
        return [*rows, self.since, self.start, self.end, self.days]

    def field_named(self, path: str) -> Field | None:
        names = {"starts_at": "start", "ends_at": "end", "from": "since"}
        return super().field_named(names.get(path, path))


class SeriesCancelForm(BaseForm):
    """From which date on a series is given up, and why; `price` is what the page said that all of it costs."""

    since = SelectField(_("Which dates"), default="")
    reason = TextAreaField(_("Reason"), [Optional(), Asks(lambda text: clean_text(text, "reason"))], render_kw=SHORT)
    price = HiddenField()


def _days(field: str, text: str) -> list[date]:
    """Dates as people write them one after the other: 2026-12-24, 2026-12-31."""
    found = []
    for word in text.replace(",", " ").replace(";", " ").replace("、", " ").replace("，", " ").split():
        try:
            found.append(date.fromisoformat(word))
        except ValueError:
            raise Invalid(field, "Write dates such as 2026-12-24, one after the other.") from None
    return found
