"""Forms of teams: applying for one, deciding on it, and who is in it."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateTimeLocalField, EmailField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from booking.domain.accounts import clean_email
from booking.domain.lines import clean_line
from booking.domain.slugs import clean_slug
from booking.domain.texts import clean_text
from booking.forms.base import BaseForm, Rule, SelectChoice, stripped
from booking.forms.times import LOCAL, instant_of

SHORT = {"rows": 2}
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


class DecisionForm(BaseForm):
    """What a reviewer says to a team; `zone` is the one in which `until` is read."""

    until = DateTimeLocalField(_("Approved until"), [Optional()], format=LOCAL)
    reason = TextAreaField(
        _("Reason"), [Rule(partial(clean_text, field="reason"))], filters=[stripped], render_kw=SHORT
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.instant: datetime | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether what was typed can be meant; then `instant` is the end that was said, None for the usual one."""
        valid = bool(super().validate(extra_validators))
        if self.until.data and not self.until.errors:
            self.instant = instant_of(self.until, self.zone)
            valid = valid and self.instant is not None
        return valid


class AnswerForm(BaseForm):
    """What applicants answer to reviewers."""

    answer = TextAreaField(
        _("Answer"), [InputRequired(), Rule(partial(clean_text, field="answer"))], filters=[stripped], render_kw=SHORT
    )


class MemberForm(BaseForm):
    """Who is taken into a team."""

    email = EmailField(_("E-mail address"), [InputRequired(), Rule(clean_email)])
    role = SelectField(_("As"), choices=list(ROLES))
