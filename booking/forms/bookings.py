"""Forms of bookings: asking for one, changing one, and saying why."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from markupsafe import Markup
from wtforms import (
    DateTimeLocalField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional, StopValidation
from wtforms.widgets import TextInput

from booking.domain.localtime import to_local
from booking.domain.texts import clean_text
from booking.domain.windows import Window
from booking.forms.base import SHORT, BaseForm, Rule, SelectChoice, reason_field, stripped
from booking.forms.numbers import WholeNumberField
from booking.forms.times import LOCAL, instant_of, say, seconds_of

ROWS, MOST_ROWS = 4, 20
"""So many pools and datasets a form has room for, and as many of a booking that has more already."""

PLAIN = 2
"""The first rows: one for a pool and one for a dataset."""

MOST_LISTED = 250
"""Where there is more to choose from, only the first rows list it all; in others its short name is typed."""

MOST_UNITS = 1_000_000
UNITS = {"min": 1, "inputmode": "numeric"}


class SaidToBook:
    """A validator of what must be said to book, not to check."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, form: Any, field: Field) -> None:
        if form.book.data and not field.data:
            raise StopValidation(_("Say what it is for."))


class Typed(TextInput):
    """A choice of a list that is too long to be sent once more."""

    def __call__(self, field: Field, **kwargs: object) -> Markup:
        return super().__call__(field, value=field.data or "", **kwargs)


class ClaimForm(Form):
    """One row: a pool or a dataset, and units of it; a row without one is left out."""

    resource = SelectField(_("Pool or dataset"), default="")
    units = WholeNumberField(_("Units"), [Optional(), NumberRange(1, MOST_UNITS)], render_kw=UNITS)
    least_units = WholeNumberField(_("At least"), [Optional(), NumberRange(1, MOST_UNITS)], render_kw=UNITS)


class ClaimsForm(BaseForm):
    """Rows of pools and datasets, all together or not at all."""

    claims = FieldList(FormField(ClaimForm), min_entries=ROWS, max_entries=MOST_ROWS)

    def offer_rows(self, choices: Sequence[Sequence[SelectChoice]]) -> None:
        """What can be chosen in each row."""
        for entry, offered in zip(self.claims.entries, choices, strict=True):
            entry.form.resource.choices = list(offered)
        for entry, offered in list(zip(self.claims.entries, choices, strict=True))[PLAIN:]:
            if len(offered) > MOST_LISTED:
                entry.form.resource.widget = Typed()

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether what was typed can be meant; then `claimed()` says what it means."""
        valid = bool(super().validate(extra_validators))
        return self._check_rows() and valid

    @property
    def errors(self) -> dict[str | None, Any]:
        """What was said beside fields, in rows too, which are judged after their list."""
        rows = [entry.errors for entry in self.claims.entries]
        return {**super().errors, **({"claims": rows} if any(rows) else {})}

    def claimed(self) -> list[tuple[str, int]]:
        """Slugs and units of the rows that are filled in, in their order."""
        return [(row.resource.data, row.units.data) for row in self._filled()]

    def least_units(self) -> dict[str, int]:
        """By slug, the fewest units that would do, where the row says so."""
        return {row.resource.data: row.least_units.data for row in self._filled() if row.least_units.data}

    @property
    def shown_rows(self) -> list[Any]:
        """The rows of a pool and of a dataset, and every other that is filled in."""
        return [entry for index, entry in enumerate(self.claims.entries) if index < PLAIN or entry.form.resource.data]

    @property
    def spare_rows(self) -> list[Any]:
        """The rows that wait for more."""
        return [entry for entry in self.claims.entries[PLAIN:] if not entry.form.resource.data]

    def _filled(self) -> list[Any]:
        return [entry.form for entry in self.claims.entries if entry.form.resource.data]

    def _check_rows(self) -> bool:
        """Every filled row says units, none names a resource again, and there is at least one."""
        filled = self._filled()
        if not filled:
            say(self.claims.entries[0].form.resource, _("Choose a pool or a dataset."))
        seen: set[str] = set()
        for row in filled:
            if row.resource.data in seen:
                say(row.resource, _("This is asked for above already. Add the units up there."))
            if row.units.data is None and not row.units.errors:
                say(row.units, _("Say how many."))
            if row.least_units.data and row.units.data and row.least_units.data > row.units.data:
                say(row.least_units, _("The least quantity is not more than what is asked for."))
            seen.add(row.resource.data)
        return bool(filled) and not any(row.errors for row in filled)

    def field_named(self, path: str) -> Field | None:
        """Reasons count the claims of the order, which leaves empty rows out."""
        first, *rest = path.split(".")
        if first != "claims" or not rest:
            return super().field_named(path)
        filled = self._filled()
        index, name = int(rest[0]), rest[-1]
        return filled[index]._fields.get(name) if index < len(filled) else None


class WindowForm(ClaimsForm):
    """Claims over one window, its times as clocks in one zone show them.

    `standing` is the window of a booking that is edited: times left as they were keep meaning the same instants, also
    where clocks show them twice.
    """

    zone = SelectField(_("Time zone"))
    starts_at = DateTimeLocalField(_("Start"), [InputRequired()], format=LOCAL)
    hours = StringField(_("Hours"), [Optional()], filters=[stripped], render_kw={"inputmode": "decimal"})
    ends_at = DateTimeLocalField(_("End"), [Optional()], format=LOCAL)
    check = SubmitField(_("Check"))

    def __init__(self, *args: Any, standing: Window | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standing = standing
        self.window: Window | None = None

    def offer(self, choices: Sequence[Sequence[SelectChoice]], zones: Iterable[str]) -> None:
        """What can be chosen in each row, and the zones that times may be in."""
        self.offer_rows(choices)
        self.zone.choices = [SelectChoice(zone) for zone in zones]

    @property
    def fields_of_order(self) -> list[Field]:
        """The fields by which an order is said, for what is said of them while somebody types."""
        rows = [field for entry in self.claims.entries for field in entry.form]
        return [*rows, self.starts_at, self.zone, self.hours, self.ends_at]

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether what was typed can be meant; then `window` and `claimed()` say what it means."""
        valid = super().validate(extra_validators)
        can_be_read = not (self.zone.errors or self.starts_at.errors or self.ends_at.errors)
        self.window = self._read_window() if can_be_read else None
        return valid and self.window is not None

    def _read_window(self) -> Window | None:
        start = self._instant(self.starts_at, self.standing.start if self.standing else None)
        end = self._end(start) if start else None
        if start is None or end is None:
            return None
        if end <= start:
            say(self._ends(), _("The end lies before the start."))
            return None
        return Window(start, end)

    def _end(self, start: datetime) -> datetime | None:
        if self.hours.data and self.ends_at.data:
            say(self.hours, _("Say either the hours or the end, and leave the other empty."))
        elif self.hours.data:
            return start + timedelta(seconds=seconds) if (seconds := seconds_of(self.hours)) else None
        elif self.ends_at.data:
            return self._instant(self.ends_at, self.standing.end if self.standing else None)
        else:
            say(self.hours, _("Say for how many hours, or the end."))
        return None

    def _instant(self, field: Field, kept: datetime | None) -> datetime | None:
        if kept is not None and to_local(kept, self.zone.data) == field.data:
            return kept
        return instant_of(field, self.zone.data)

    def _ends(self) -> Field:
        """The field by which the end was said."""
        return self.hours if self.hours.data else self.ends_at

    def field_named(self, path: str) -> Field | None:
        """Reasons know an end, not hours."""
        return self._ends() if path == "ends_at" else super().field_named(path)


class BookingForm(WindowForm):
    """Everything that a team says to book; `once` makes one booking of a button that is pressed twice.

    Owners book for a team that they are not in by naming it in `other_team`, with a reason.
    """

    team = SelectField(_("Team"), default="")
    other_team = StringField(_("Another team, by its short name"), [Optional()], filters=[stripped])
    reason = StringField(
        _("Why you book for it"), [Optional(), Rule(partial(clean_text, field="reason"))], filters=[stripped]
    )
    purpose = TextAreaField(
        _("Purpose"), [SaidToBook(), Rule(partial(clean_text, field="purpose"))], filters=[stripped], render_kw=SHORT
    )
    once = HiddenField()
    book = SubmitField(_("Book"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether what was typed can be meant, and exactly one team is said."""
        valid = super().validate(extra_validators)
        if self.team.data or self.other_team.data or self.team.errors:
            return valid
        say(self.team, _("Choose the team that you book for."))
        return False

    @property
    def team_said(self) -> str:
        """The slug of the team that the booking is for."""
        return self.other_team.data or self.team.data or ""

    def field_named(self, path: str) -> Field | None:
        return self.other_team if path == "team" and self.other_team.data else super().field_named(path)


class ChangeForm(WindowForm):
    """What becomes of a booking; `version` is the one that the page showed."""

    version = HiddenField()
    save = SubmitField(_("Change the booking"))


class CounterOfferForm(WindowForm):
    """What an owner offers instead of a waiting booking, why, and until when its team may answer."""

    hold_until = DateTimeLocalField(_("The team answers by"), [Optional()], format=LOCAL)
    reason = reason_field(InputRequired())
    offer_it = SubmitField(_("Offer this instead"))

    def answer_by(self) -> datetime | None:
        """Until when the team may answer; None where nothing was said."""
        return instant_of(self.hold_until, self.zone.data) if self.hold_until.data else None


class ReasonForm(BaseForm):
    """Why something is done to a booking."""

    reason = reason_field()
