"""Forms of permits: a team's wish, and a steward's decision."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from wtforms import DateTimeLocalField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Optional

from booking.domain.permits import clean_purpose
from booking.forms.base import BaseForm, Rule, SelectChoice, stripped
from booking.forms.decisions import DecisionForm
from booking.forms.times import LOCAL


class PermitForm(BaseForm):
    """What a team wants to use a dataset for."""

    team = SelectField(_("Team"), [InputRequired()])
    purpose = TextAreaField(
        _("Purpose"), [InputRequired(), Rule(clean_purpose)], filters=[stripped], render_kw={"rows": 4}
    )

    def offer(self, teams: Iterable[tuple[str, str]]) -> None:
        """In whose name it can be asked, by slug and name."""
        self.team.choices = [SelectChoice(*each) for each in teams]


class PermitDecisionForm(DecisionForm):
    """What a steward says to a team."""

    until = DateTimeLocalField(_("Permitted until"), [Optional()], format=LOCAL)
