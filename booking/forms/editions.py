"""The form of an edition of the scenario lists."""

from datetime import datetime
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateTimeLocalField, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional

from booking.domain.editions import MOST_DAYS, MOST_DEPARTMENTS, NewEdition, Rule, Times
from booking.domain.lines import clean_line
from booking.forms.base import BaseForm
from booking.forms.base import Rule as Asks
from booking.forms.numbers import WholeNumberField
from booking.forms.times import LOCAL, instant_of

WHOLE = {"inputmode": "numeric"}


class EditionForm(BaseForm):
    """When a list takes entries, is published and closes, and by which rule its applications are decided."""

    title = StringField(_("Title"), [InputRequired(), Asks(partial(clean_line, field="title"))])
    opens_at = DateTimeLocalField(_("Takes entries from"), [InputRequired()], format=LOCAL)
    publishes_at = DateTimeLocalField(_("Is published"), [InputRequired()], format=LOCAL)
    closes_at = DateTimeLocalField(_("Closes"), [InputRequired()], format=LOCAL)
    zone = SelectField(_("Time zone"))
    quorum = WholeNumberField(
        _("Departments that decide on a team"), [InputRequired(), NumberRange(1, MOST_DEPARTMENTS)], render_kw=WHOLE
    )
    vote_days = WholeNumberField(
        _("Days to vote"), [InputRequired(), NumberRange(1, MOST_DAYS)], render_kw=WHOLE
    )  # fmt: skip
    deputy_days = WholeNumberField(
        _("Days until deputies may vote"), [Optional(), NumberRange(1, MOST_DAYS)], render_kw=WHOLE
    )

    times: tuple[datetime, ...] = ()

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether what was typed can be meant; then `times` are the three instants."""
        if not super().validate(extra_validators):
            return False
        found = [instant_of(field, self.zone.data) for field in (self.opens_at, self.publishes_at, self.closes_at)]
        self.times = tuple(instant for instant in found if instant is not None)
        return len(self.times) == len(found)

    def edition(self) -> NewEdition:
        """What was typed, as the service takes it."""
        rule = Rule(self.quorum.data or 1, self.vote_days.data or 1, self.deputy_days.data)
        return NewEdition(self.title.data or "", Times(*self.times), rule)
