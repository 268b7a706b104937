"""Forms of terms: a steward's new version."""

from datetime import datetime
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, DateTimeLocalField, TextAreaField
from wtforms.validators import InputRequired, Optional

from booking.domain.terms import LONGEST_TERMS, NewTerms
from booking.domain.texts import clean_text
from booking.forms.base import BaseForm, Rule
from booking.forms.times import LOCAL, instant_of


class TermsForm(BaseForm):
    """What a new version says, and from when on; `zone` is the one in which that is read."""

    text = TextAreaField(
        _("Text"),
        [InputRequired(), Rule(partial(clean_text, field="text", most=LONGEST_TERMS))],
        render_kw={"rows": 16},
    )
    effective_at = DateTimeLocalField(_("In force from"), [Optional()], format=LOCAL)
    urgent = BooleanField(_("Urgent: counts in windows that run then too"))

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.instant: datetime | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether what was typed can be meant; then `instant` is the moment that was said, None for at once."""
        valid = bool(super().validate(extra_validators))
        if self.effective_at.data and not self.effective_at.errors:
            self.instant = instant_of(self.effective_at, self.zone)
            valid = valid and self.instant is not None
        return valid

    def asked(self) -> NewTerms:
        """The same as the service takes it."""
        return NewTerms(self.text.data or "", self.instant, bool(self.urgent.data))
