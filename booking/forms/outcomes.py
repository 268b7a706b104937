"""Forms of outcomes: what a team reports, and what is decided on it."""

from functools import partial

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from booking.domain.lines import clean_line
from booking.domain.outcomes import LONGEST_RESULTS, Outcome, Report
from booking.domain.texts import clean_text
from booking.forms.base import SHORT, BaseForm, Rule, reason_field, stripped
from booking.forms.grants import HoursField


class ReportForm(BaseForm):
    """What came of a booking; links stand on a line each. `version` is that of what was filled in."""

    title = StringField(_("Title"), [InputRequired(), Rule(partial(clean_line, field="title"))], filters=[stripped])
    results = TextAreaField(
        _("Results"),
        [InputRequired(), Rule(partial(clean_text, field="results", most=LONGEST_RESULTS))],
        filters=[stripped],
        render_kw={"rows": 10},
    )
    hours_used = HoursField(_("Hours used"), [InputRequired()])
    links = TextAreaField(_("Links"), [Optional()], filters=[stripped], render_kw=SHORT)
    version = HiddenField()

    def report(self) -> Report:
        """The report as the service takes it."""
        links = tuple((self.links.data or "").splitlines())
        return Report(self.title.data or "", self.results.data or "", self.hours_used.unit_seconds, links)

    def read_version(self) -> int | None:
        """The version that was filled in; None where the form has lost it."""
        return _number(self.version.data)


class ReviewForm(BaseForm):
    """Why a report is decided on so, and which version of it was read."""

    reason = reason_field()
    version = HiddenField()

    def read_version(self) -> int | None:
        """The version that was read; None where the form has lost it."""
        return _number(self.version.data)


def filled(outcome: Outcome) -> dict[str, object]:
    """What the form of a report begins with: what was booked, or what was said before."""
    report = outcome.report
    return {
        "title": report.title,
        "results": report.results,
        "hours_used": _hours(report.used_unit_seconds),
        "links": "\n".join(report.links),
        "version": str(outcome.version),
    }


def _hours(unit_seconds: int) -> str:
    """Decimal hours that are no more than what they stand for."""
    return f"{unit_seconds // 36 / 100:.2f}".rstrip("0").rstrip(".")


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 9 else None
