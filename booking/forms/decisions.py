"""What the forms of all decisions share: until when they count, and why."""

from datetime import datetime
from typing import Any

from wtforms import DateTimeLocalField

from booking.forms.base import BaseForm, reason_field
from booking.forms.times import instant_of


class DecisionForm(BaseForm):
    """A yes or no with its reason; `zone` is the one in which `until` is read, which each decision calls its own."""

    until: DateTimeLocalField
    reason = reason_field()

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
