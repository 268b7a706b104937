"""Forms about what does not go out."""

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField

from booking.forms.base import BaseForm, stripped


class NoteForm(BaseForm):
    """What an operator knows of a parked item."""

    note = TextAreaField(_("Note"), filters=[stripped])
