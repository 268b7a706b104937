"""Forms of grants: giving one, changing one, and giving back what a booking cost."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateTimeLocalField, Field, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from booking.domain.amounts import unit_seconds_of
from booking.domain.ledger import Per
from booking.domain.windows import Window
from booking.forms.base import SHORT, BaseForm, SelectChoice, reason_field, stripped
from booking.forms.numbers import WholeNumberField
from booking.forms.organisations import KINDS
from booking.forms.times import LOCAL, instant_of, say

DECIMAL = {"inputmode": "decimal"}


class HoursField(StringField):
    """Decimal hours; `unit_seconds` is the exact amount that was typed, 0 until it was checked."""

    unit_seconds = 0

    def __init__(self, label: Any, validators: Any = (), **kwargs: Any) -> None:
        super().__init__(label, validators, filters=[stripped], render_kw=DECIMAL, **kwargs)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Refuse what is no number of hours, or leaves a fraction of a second."""
        if validation_stopped or self.errors:
            return
        try:
            self.unit_seconds = unit_seconds_of(self.data or "0")
        except ValueError:
            said = _("Say hours as a number, such as 100 or 1.5, with no fraction of a second.")
            raise ValidationError(said) from None


class GrantForm(BaseForm):
    """What a team is given; `scope` is the noun and the slug of what it is for, such as `resource:demo-a100`."""

    team = SelectField(_("Team"), [InputRequired()])
    scope = SelectField(_("For"), [InputRequired()])
    unit_hours = HoursField(_("Hours"), [InputRequired()])
    timezone = SelectField(_("Time zone"))
    starts_at = DateTimeLocalField(_("From"), [InputRequired()], format=LOCAL)
    ends_at = DateTimeLocalField(_("Until"), [InputRequired()], format=LOCAL)
    cap_hours = HoursField(_("At most, in hours"), [Optional()])
    cap_per = SelectField(
        _("In each"), choices=[SelectChoice(Per.WEEK, _("week, from Monday")), SelectChoice(Per.MONTH, _("month"))]
    )
    subsidy_percent = WholeNumberField(_("Share that we pay, per cent"), [Optional(), NumberRange(1, 100)])
    eligible_kinds = SelectMultipleField(
        _("For organisations of these kinds"), [Optional()],
        choices=[SelectChoice(kind.value, name) for kind, name in KINDS.items()], render_kw={"size": 5},
    )  # fmt: skip
    eligible_regions = TextAreaField(_("For organisations in these regions, one a line"), [Optional()], render_kw=SHORT)
    reason = reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.window: Window | None = None

    def offer(
        self,
        teams: Iterable[tuple[str, str]],
        scopes: Iterable[SelectChoice],
        zones: Iterable[str],
    ) -> None:
        """What can be chosen."""
        self.team.choices = [SelectChoice("", _("Choose a team")), *(SelectChoice(*each) for each in teams)]
        self.scope.choices = list(scopes)
        self.timezone.choices = [SelectChoice(zone) for zone in zones]

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether what was typed can be meant; then `window` is when the grant is valid."""
        valid = bool(super().validate(extra_validators))
        if not (self.timezone.errors or self.starts_at.errors or self.ends_at.errors):
            self.window = self._read_window()
        return valid and self.window is not None

    def cap(self) -> tuple[int, Per] | None:
        """The most of one week or month; none where none was typed."""
        return (self.cap_hours.unit_seconds, Per(self.cap_per.data)) if self.cap_hours.data else None

    def regions(self) -> tuple[str, ...] | None:
        """The regions that a voucher is for; None where none was typed."""
        return tuple(line.strip() for line in (self.eligible_regions.data or "").splitlines() if line.strip()) or None

    def _read_window(self) -> Window | None:
        start = instant_of(self.starts_at, self.timezone.data)
        end = instant_of(self.ends_at, self.timezone.data)
        if start is None or end is None:
            return None
        if end <= start:
            say(self.ends_at, _("The end is not after the start."))
            return None
        return Window(start, end)

    def field_named(self, path: str) -> Field | None:
        """What the domain calls the kind of a grant is chosen together with what it is for."""
        if path.startswith("eligible_"):
            path = path.partition(".")[0]
        return super().field_named("scope" if path in ("kind", "resource", "facility") else path)


class AmountForm(BaseForm):
    """How much is added to a grant, or taken back."""

    unit_hours = HoursField(_("Hours"), [InputRequired()])
    reason = reason_field()


class RefundForm(AmountForm):
    """How much of what a booking cost is given back, and for which of its claims."""

    resource = SelectField(_("Of what was charged for"))

    def offer(self, resources: Iterable[tuple[str, str]]) -> None:
        """The claims that one can give back for, by slug and name."""
        self.resource.choices = [SelectChoice(*each) for each in resources]
