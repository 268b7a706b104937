"""The part of a form that sets the policy of a resource."""

from dataclasses import fields
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    Field,
    Form,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional

from booking.domain.errors import Invalid
from booking.domain.policies import Charge, Opening, Policy, Quota
from booking.domain.policy_changes import NUMBERS, checked_rule
from booking.forms.base import SelectChoice, stripped
from booking.forms.times import say

WHOLE = {"inputmode": "numeric"}
KINDS = (
    SelectChoice("enterprise", _("enterprises")),
    SelectChoice("university", _("universities")),
    SelectChoice("institute", _("research institutes")),
    SelectChoice("government", _("government bodies")),
    SelectChoice("intermediary", _("intermediaries")),
)


def _limit(label: Any) -> IntegerField:
    """A number that may be left empty, which means no limit."""
    return IntegerField(label, [Optional()], render_kw=WHOLE)


def _number(label: Any) -> IntegerField:
    return IntegerField(label, [InputRequired()], render_kw=WHOLE)


class PolicyForm(Form):
    """Every rule of a policy; a limit that is left empty is none."""

    min_minutes = _limit(_("Shortest booking, minutes"))
    max_minutes = _limit(_("Longest booking, minutes"))
    notice_minutes = _number(_("Booked at least so long ahead, minutes"))
    horizon_days = _limit(_("Booked at most so long ahead, days"))
    max_units = _limit(_("Most units of a booking"))
    unit_step = _number(_("Units are booked in multiples of"))
    max_units_per_team = _limit(_("Most units of a team at a time"))
    max_concurrent_bookings = _limit(_("Most bookings of a team at a time"))
    eligible_kinds = SelectMultipleField(
        _("Open to organisations of these kinds"), [Optional()], choices=list(KINDS), render_kw={"size": 5}
    )
    eligible_regions = TextAreaField(
        _("Open to these regions, one a line"), [Optional()], filters=[stripped], render_kw={"rows": 2}
    )
    auto_approve_unit_hours = _limit(_("Confirmed at once up to so many hours of units in seven days"))
    hold_minutes = _limit(_("A booking that waits is held for, minutes"))
    check_in_minutes = _limit(_("Check-in from so long before the start until so long after it, minutes"))
    cancel_cutoff_minutes = _number(_("Cancelled free of charge until so long before the start, minutes"))
    late_cancel_percent = _number(_("Least share that a later cancellation costs, per cent"))
    charge = SelectField(
        _("What is charged"),
        choices=[
            SelectChoice(Charge.BOOKED.value, _("what was booked")),
            SelectChoice(Charge.MEASURED.value, _("what was measured")),
        ],
    )
    min_charge_percent = _number(_("Of a measured booking at least, per cent of what was booked"))
    weight_percent = _number(_("Quota that an hour of a unit takes, per cent of an hour"))
    quota = SelectField(
        _("Quota"),
        choices=[
            SelectChoice(Quota.REQUIRED.value, _("must cover a booking")),
            SelectChoice(Quota.NONE.value, _("is not needed")),
        ],
    )
    opening = SelectField(
        _("Open"),
        choices=[
            SelectChoice(Opening.FREE.value, _("free of charge")),
            SelectChoice(Opening.PAID.value, _("at its rate")),
            SelectChoice(Opening.VOUCHER.value, _("to holders of a voucher only")),
        ],
        default=Opening.FREE.value,
    )
    max_gib_per_booking = _limit(_("Most that a booking may fetch through the gateway, GiB"))
    requires_course = StringField(_("Course that members must have completed"), [Optional()], filters=[stripped])

    def given(self) -> dict[str, Any]:
        """Every rule as the services take it."""
        return {each.name: self._value(each.name) for each in fields(Policy)}

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether each rule can be meant by itself; how they go together is judged where the policy is written."""
        valid = bool(super().validate(extra_validators))
        for name, field in self._fields.items():
            if not field.errors:
                valid &= self._check(name, field)
        return valid

    def _check(self, name: str, field: Field) -> bool:
        try:
            checked_rule(name, self._value(name))
        except Invalid as invalid:
            say(field, invalid)
            return False
        return True

    def _value(self, name: str) -> Any:
        data = self._fields[name].data
        if name == "eligible_regions":
            lines = [line.strip() for line in (data or "").splitlines()]
            return [line for line in lines if line] or None
        if name in NUMBERS:
            return data
        return data or None
