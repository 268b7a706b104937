"""Forms of attestations: what a team says when it has deleted the data."""

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from booking.domain.attestations import clean_statement
from booking.forms.base import SHORT, BaseForm, Rule, stripped


class StatementForm(BaseForm):
    """What was deleted, and where."""

    statement = TextAreaField(
        _("What was deleted, and where"), [InputRequired(), Rule(clean_statement)], filters=[stripped], render_kw=SHORT
    )
