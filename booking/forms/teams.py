"""Forms of teams: applying for one, deciding on it, and who is in it."""

from collections.abc import Iterable
from functools import partial

from flask_babel import lazy_gettext as _
from wtforms import DateTimeLocalField, EmailField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from booking.domain.accounts import clean_email
from booking.domain.lines import clean_line
from booking.domain.slugs import clean_slug
from booking.domain.texts import clean_text
from booking.forms.base import SHORT, BaseForm, Rule, SelectChoice, stripped
from booking.forms.decisions import DecisionForm
from booking.forms.times import LOCAL

ROLES = (SelectChoice("member", _("member")), SelectChoice("lead", _("lead")))


class ApplicationForm(BaseForm):
    """What is asked for a new team."""

    name = StringField(_("Name of the team"), [InputRequired(), Rule(partial(clean_line, field="name"))])
    slug = StringField(_("Short name"), [InputRequired(), Rule(clean_slug)], filters=[stripped])
    scenario = SelectField(_("Scenario"), [InputRequired()])
    organisation = SelectField(_("Organisation"), [InputRequired()])
    lead = EmailField(_("E-mail address of the lead"), [InputRequired(), Rule(clean_email)])

    def offer(self, scenarios: Iterable[tuple[str, str]], organisations: Iterable[tuple[str, str]]) -> None:
        """What can be chosen, by slug and name."""
        nothing = SelectChoice("", _("Choose one"))
        self.scenario.choices = [nothing, *(SelectChoice(*each) for each in scenarios)]
        self.organisation.choices = [nothing, *(SelectChoice(*each) for each in organisations)]


class TeamDecisionForm(DecisionForm):
    """What a reviewer says to a team; no end said means the usual one."""

    until = DateTimeLocalField(_("Approved until"), [Optional()], format=LOCAL)


class AnswerForm(BaseForm):
    """What applicants answer to reviewers."""

    answer = TextAreaField(
        _("Answer"), [InputRequired(), Rule(partial(clean_text, field="answer"))], filters=[stripped], render_kw=SHORT
    )


class MemberForm(BaseForm):
    """Who is taken into a team."""

    email = EmailField(_("E-mail address"), [InputRequired(), Rule(clean_email)])
    role = SelectField(_("As"), choices=list(ROLES))
