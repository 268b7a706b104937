"""Forms of permits: a team's wish, and a steward's decision."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateTimeLocalField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Optional

from booking.domain.permits import clean_purpose
from booking.domain.texts import clean_text
from booking.forms.base import BaseForm, Rule, SelectChoice, stripped
from booking.forms.times import LOCAL, instant_of

SHORT = {"rows": 2}


class PermitForm(BaseForm):
    """What a team wants to use a dataset for."""

    team = SelectField(_("Team"), [InputRequired()])
    purpose = TextAreaField(
        _("Purpose"), [InputRequired(), Rule(clean_purpose)], filters=[stripped], render_kw={"rows": 4}
    )

    def offer(self, teams: Iterable[tuple[str, str]]) -> None:
        """In whose name it can be asked, by slug and name."""
        self.team.choices = [SelectChoice(*each) for each in teams]


class PermitDecisionForm(BaseForm):
    """What a steward says; `zone` is the one in which `until` is read."""

    until = DateTimeLocalField(_("Permitted until"), [Optional()], format=LOCAL)
    reason = TextAreaField(
        _("Reason"), [Rule(partial(clean_text, field="reason"))], filters=[stripped], render_kw=SHORT
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.instant: datetime | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether what was typed can be meant; then `instant` is the end that was said, None where none was."""
        valid = bool(super().validate(extra_validators))
        if self.until.data and not self.until.errors:
            self.instant = instant_of(self.until, self.zone)
            valid = valid and self.instant is not None
        return valid
