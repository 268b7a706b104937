"""The form of how somebody wants to be told."""

from flask_babel import lazy_gettext as _
from wtforms import SelectField

from booking.domain.digests import HOURS
from booking.forms.base import BaseForm, SelectChoice


class PreferencesForm(BaseForm):
    """When the summary of the day comes; the ways themselves are a table of their own."""

    hour = SelectField(_("Hour of the summary"), choices=[SelectChoice(str(hour), f"{hour:02}:00") for hour in HOURS])
    timezone = SelectField(_("Time zone"))
