"""Forms of API tokens."""

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, NumberRange

from booking.domain.accounts import clean_name
from booking.forms.base import BaseForm, Rule, SelectChoice
from booking.forms.numbers import WholeNumberField


class TokenForm(BaseForm):
    """A new API token."""

    name = StringField(_("What it is for"), [InputRequired(), Rule(clean_name)])
    scope = SelectField(
        _("It may"),
        choices=[SelectChoice("read", _("read")), SelectChoice("write", _("read and write"))],
        default="write",
    )
    days = WholeNumberField(_("Days until it expires"), [InputRequired(), NumberRange(1, 366)], default=30)
