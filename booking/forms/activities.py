"""Forms of activities and courses: announce one, how many can come, and who has completed what."""

from collections.abc import Iterable
from functools import partial

from flask_babel import lazy_gettext as _
from wtforms import DateTimeLocalField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional

from booking.domain.activities import MOST_PLACES, ActivityKind, NewActivity
from booking.domain.courses import MOST_VALID_DAYS, Course, NewCourse
from booking.domain.facilities import LONGEST_DESCRIPTION
from booking.domain.lines import clean_line
from booking.domain.organisations import LONGEST_REGION, Organisation
from booking.domain.slugs import clean_slug
from booking.domain.texts import clean_text
from booking.domain.windows import Window
from booking.forms.base import BaseForm, Rule, SelectChoice, stripped
from booking.forms.numbers import WholeNumberField
from booking.forms.times import LOCAL, instant_of, say

KINDS = {
    ActivityKind.CONTEST: _("contest"),
    ActivityKind.ROADSHOW: _("road show"),
    ActivityKind.MATCHMAKING: _("matchmaking day"),
    ActivityKind.DEMONSTRATION: _("demonstration"),
    ActivityKind.TRAINING: _("training"),
}


def _described() -> TextAreaField:
    rule = Rule(partial(clean_text, field="description", most=LONGEST_DESCRIPTION))
    return TextAreaField(_("Description"), [Optional(), rule], filters=[stripped], render_kw={"rows": 4})


def _named() -> StringField:
    return StringField(_("Name"), [InputRequired(), Rule(partial(clean_line, field="name"))], filters=[stripped])


def _slug() -> StringField:
    return StringField(_("Short name"), [InputRequired(), Rule(clean_slug)], filters=[stripped])


class ActivityForm(BaseForm):
    """What an organisation announces; its times are as clocks in `zone` show them."""

    organisation = SelectField(_("Organisation"))
    kind = SelectField(_("Kind"), choices=[SelectChoice(kind.value, name) for kind, name in KINDS.items()])
    course = SelectField(_("Course"), default="")
    name = _named()
    slug = _slug()
    region = StringField(
        _("Region"),
        [InputRequired(), Rule(partial(clean_line, field="region", most=LONGEST_REGION))],
        filters=[stripped],
    )
    place = StringField(_("Place"), [InputRequired(), Rule(partial(clean_line, field="place"))], filters=[stripped])
    zone = SelectField(_("Time zone"))
    starts_at = DateTimeLocalField(_("Begins"), [InputRequired()], format=LOCAL)
    ends_at = DateTimeLocalField(_("Ends"), [InputRequired()], format=LOCAL)
    enrol_until = DateTimeLocalField(_("Enrolment closes"), [Optional()], format=LOCAL)
    places = WholeNumberField(
        _("Places"), [Optional(), NumberRange(1, MOST_PLACES)], render_kw={"min": 1, "inputmode": "numeric"}
    )
    team = SelectField(_("Capacity set aside by the bookings of"), default="")
    description = _described()

    def offer(
        self,
        organisations: Iterable[Organisation],
        courses: Iterable[Course],
        teams: Iterable[tuple[str, str]],
        zones: Iterable[str],
    ) -> None:
        """The organisations that the reader organises for, their courses, the teams that he leads, and zones."""
        self.organisation.choices = [SelectChoice(each.slug, each.name) for each in organisations]
        self.course.choices = [SelectChoice("", _("none")), *(SelectChoice(each.slug, each.name) for each in courses)]
        self.team.choices = [SelectChoice("", _("nobody")), *(SelectChoice(slug, name) for slug, name in teams)]
        self.zone.choices = [SelectChoice(zone) for zone in zones]

    def asked(self) -> NewActivity | None:
        """What was typed as the service takes it; None where its times cannot be meant, which is said beside them."""
        zone = self.zone.data
        start, end = instant_of(self.starts_at, zone), instant_of(self.ends_at, zone)
        closes = instant_of(self.enrol_until, zone) if self.enrol_until.data else None
        if start is None or end is None or self.enrol_until.errors:
            return None
        if end <= start:
            say(self.ends_at, _("The end lies before the start."))
            return None
        return NewActivity(
            name=self.name.data or "",
            slug=self.slug.data or "",
            organisation=self.organisation.data,
            kind=ActivityKind(self.kind.data),
            region=self.region.data or "",
            place=self.place.data or "",
            description=self.description.data or "",
            window=Window(start, end),
            places=self.places.data,
            enrol_until=closes,
            course=self.course.data or None,
            team=self.team.data or None,
        )


class PlacesForm(BaseForm):
    """How many can come; empty for as many as come."""

    places = WholeNumberField(
        _("Places"), [Optional(), NumberRange(1, MOST_PLACES)], render_kw={"min": 1, "inputmode": "numeric"}
    )


class CourseForm(BaseForm):
    """A course, and for how long a completion of it counts."""

    organisation = SelectField(_("Organisation"))
    name = _named()
    slug = _slug()
    valid_days = WholeNumberField(
        _("Days that it counts"),
        [Optional(), NumberRange(1, MOST_VALID_DAYS)],
        render_kw={"min": 1, "inputmode": "numeric"},
    )
    description = _described()

    def offer(self, organisations: Iterable[Organisation]) -> None:
        """The organisations that the reader organises for."""
        self.organisation.choices = [SelectChoice(each.slug, each.name) for each in organisations]

    def asked(self) -> NewCourse:
        """The same as the service takes it."""
        return NewCourse(
            self.name.data or "",
            self.slug.data or "",
            self.organisation.data,
            self.description.data or "",
            self.valid_days.data,
        )


class CompletionForm(BaseForm):
    """Who has completed a course."""

    email = StringField(_("E-mail address"), [InputRequired()], filters=[stripped])
