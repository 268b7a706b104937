"""The form that makes a calendar."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from wtforms import SelectField
from wtforms.validators import InputRequired

from booking.forms.base import BaseForm, SelectChoice


class FeedForm(BaseForm):
    """What the calendar is of: the noun and the slug, such as `team:demo-team`."""

    subject = SelectField(_("Calendar of"), [InputRequired()])

    def offer(self, teams: Iterable[tuple[str, str]], resources: Iterable[tuple[str, str]]) -> "FeedForm":
        """The same form with what can be chosen."""
        self.subject.choices = [
            *(SelectChoice(f"team:{slug}", name, optgroup=str(_("Your teams"))) for slug, name in teams),
            *(
                SelectChoice(f"resource:{slug}", name, optgroup=str(_("Pools and datasets")))
                for slug, name in resources
            ),
        ]
        return self
