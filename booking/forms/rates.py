"""The form of rates: what a charged hour costs, and from when on."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateTimeLocalField, Field, StringField
from wtforms.validators import InputRequired, Optional, ValidationError

from booking.domain.settlements import Rate
from booking.forms.base import BaseForm, stripped
from booking.forms.times import LOCAL, instant_of

LONGEST_PRICE = 12


class RateForm(BaseForm):
    """A price with at most two places behind the point; `zone` is the one in which its begin is read."""

    price = StringField(
        _("Price of a charged hour"), [InputRequired()], filters=[stripped], render_kw={"inputmode": "decimal"}
    )
    starts_at = DateTimeLocalField(_("From"), [Optional()], format=LOCAL)

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.cents = 0
        self.instant: datetime | None = None

    def validate_price(self, field: Field) -> None:
        """Read whole cents, and nothing else."""
        said = _("Say a price such as 12.50, with at most two places behind the point.")
        text = field.data or ""
        if not text.isascii() or not text.replace(".", "", 1).isdigit() or len(text) > LONGEST_PRICE:
            raise ValidationError(said)
        try:
            cents = Decimal(text) * 100
        except InvalidOperation:
            raise ValidationError(said) from None
        if cents != int(cents):
            raise ValidationError(said)
        self.cents = int(cents)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether what was typed can be meant; then `instant` is when it begins, None for at once."""
        valid = bool(super().validate(extra_validators))
        if self.starts_at.data and not self.starts_at.errors:
            self.instant = instant_of(self.starts_at, self.zone)
            valid = valid and self.instant is not None
        return valid

    def asked(self, now: datetime) -> Rate:
        """The same as the service takes it."""
        return Rate(self.instant or now, self.cents)

    def field_named(self, path: str) -> Field | None:
        """What programs give in cents people type as a price."""
        return super().field_named("price" if path == "cents_per_unit_hour" else path)
