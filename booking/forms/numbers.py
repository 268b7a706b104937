"""Whole numbers as people type them."""

from typing import Any

from wtforms import IntegerField

MOST_DIGITS = 18
"""Nobody means a longer number, and beyond some hundred digits it cannot even be compared with a limit."""


class WholeNumberField(IntegerField):
    """A whole number; what is no number, or endless, is refused beside the field."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist and len(valuelist[0].strip()) > MOST_DIGITS:
            self.data = None
            raise ValueError(self.gettext("Not a valid integer value."))
        super().process_formdata(valuelist)
