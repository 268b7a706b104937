"""Forms of capacity: more of it, less of it, and what becomes of who loses their place."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, DateTimeLocalField, IntegerField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Optional

from booking.domain.capacity import Change
from booking.domain.capacity_changes import LONGEST_REASON, NewChange
from booking.domain.displacements import OWNERS_CHOICE, Decided, MoveTo, Resolution, Resolutions
from booking.domain.localtime import to_local
from booking.domain.texts import clean_text
from booking.forms.base import BaseForm, Rule, SelectChoice, stripped
from booking.forms.times import LOCAL, instant_of, say

STAMP = "%Y-%m-%dT%H:%M:%SZ"
TO = "move:"
"""Before the start of the window in the value that means a move to it."""

DECISIONS = {
    Resolution.MOVE: _("move to the next window that fits"),
    Resolution.REDUCE: _("reduce to what is left"),
    Resolution.REVOKE: _("revoke, at no price"),
    Resolution.LATER: _("decide later"),
}
"""What can be done with a displaced booking, in the words of pages."""

NAMED = "resolution-"
OTHERWISE = "otherwise"


class CapacityForm(BaseForm):
    """A supply, an outage or a closure; its times are those that clocks at the facility show."""

    kind = RadioField(
        _("What"),
        choices=[
            SelectChoice(Change.SUPPLY.value, _("a supply: so many units more")),
            SelectChoice(Change.OUTAGE.value, _("an outage: so many units fewer")),
            SelectChoice(Change.CLOSED.value, _("closed: no units at all")),
        ],
        default=Change.SUPPLY.value,
    )
    units = IntegerField(_("Units"), [Optional()], render_kw={"inputmode": "numeric", "min": 1})
    starts_at = DateTimeLocalField(_("From"), [InputRequired()], format=LOCAL)
    ends_at = DateTimeLocalField(_("Until"), [Optional()], format=LOCAL)
    is_open = BooleanField(_("Until further notice"))
    reason = TextAreaField(
        _("Reason"),
        [Optional(), Rule(partial(clean_text, field="reason", most=LONGEST_REASON))],
        filters=[stripped],
        render_kw={"rows": 2},
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.asked: NewChange | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether what was typed can be meant; then `asked` is the change as the service takes it."""
        valid = bool(super().validate(extra_validators))
        self._check_together()
        if valid and not any(field.errors for field in self):
            self.asked = self._change()
        return self.asked is not None

    def _check_together(self) -> None:
        if self.kind.data != Change.CLOSED and not self.units.errors and (self.units.data or 0) < 1:
            say(self.units, _("Say how many units, at least 1."))
        if self.kind.data != Change.SUPPLY and not self.reason.data:
            say(self.reason, _("Say why: those who wanted to book read it."))
        if bool(self.ends_at.data) is bool(self.is_open.data) and not self.ends_at.errors:
            say(self.ends_at, _("Say either until when, or that it is until further notice."))

    def _change(self) -> NewChange | None:
        start = instant_of(self.starts_at, self.zone)
        end = instant_of(self.ends_at, self.zone) if self.ends_at.data else None
        if start is None or (self.ends_at.data and end is None):
            return None
        sign = -1 if self.kind.data == Change.OUTAGE else 1
        units: int | Literal["closed"] = "closed" if self.kind.data == Change.CLOSED else sign * (self.units.data or 0)
        return NewChange(units, start, end, self.reason.data or "")


class EarlierEndForm(BaseForm):
    """When a change of capacity is to end; `starts_at` takes back one that is to come."""

    ends_at = DateTimeLocalField(_("Until"), [InputRequired()], format=LOCAL)

    def __init__(self, *args: Any, zone: str, starts_at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.starts_at = starts_at
        self.instant: datetime | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether what was typed can be meant; then `instant` is it."""
        if not super().validate(extra_validators):
            return False
        # The start itself is meant, also where clocks show that time twice.
        is_start = self.ends_at.data == to_local(self.starts_at, self.zone).replace(second=0, microsecond=0)
        self.instant = self.starts_at if is_start else instant_of(self.ends_at, self.zone)
        return self.instant is not None


def decided(sent: Mapping[str, str]) -> Resolutions:
    """What a page says of displaced bookings: one decision each, or one for all of them."""
    named = {
        int(name.removeprefix(NAMED)): said
        for name, value in sent.items()
        if name.startswith(NAMED) and name.removeprefix(NAMED).isdecimal() and (said := decision(value, OWNERS_CHOICE))
    }
    otherwise = sent.get(OTHERWISE, "")
    if otherwise in OWNERS_CHOICE:
        return Resolutions(otherwise=Resolution(otherwise))
    return Resolutions(named)


def decision(value: str, allowed: Collection[Resolution]) -> Decided | None:
    """What one field says: a word, or `move:` with the start of a window; None where it says nothing of the kind."""
    if value.startswith(TO) and Resolution.MOVE in allowed:
        try:
            starts_at = datetime.strptime(value.removeprefix(TO), STAMP).replace(tzinfo=UTC)
        except ValueError:
            return None
        return MoveTo(starts_at)
    return Resolution(value) if value in allowed else None
