"""The form that all forms are made of."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the published types
    Field,
    FieldList,
    FormField,
    SelectChoice,
    TextAreaField,
    ValidationError,
)

from booking.domain.errors import Invalid, Problem
from booking.domain.refusals import Refusal, Refused
from booking.domain.texts import clean_text

__all__ = ["SHORT", "BaseForm", "Rule", "SelectChoice", "reason_field", "stripped"]

SHORT = {"rows": 2}
"""How a text of a few lines is drawn."""


def stripped(text: str | None) -> str | None:
    """A filter of text fields: what was typed, without the spaces around it."""
    return text.strip() if text else text


def reason_field(*validators: Any) -> TextAreaField:
    """Why something is done; may be left empty unless one of `validators` asks for it."""
    rule = Rule(partial(clean_text, field="reason"))
    return TextAreaField(_("Reason"), [*validators, rule], filters=[stripped], render_kw=SHORT)


class BaseForm(FlaskForm):
    """A form with CSRF that keeps what was typed, and can say what a service would not do.

    Templates show errors through the filter `say`, so that reasons are put here as they are.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reasons: list[Refusal | Problem] = []

    def refuse(self, why: Refused | Problem) -> None:
        """Put each reason beside the field that it is about, and the others above the form."""
        for reason in why.refusals if isinstance(why, Refused) else (why,):
            field = self.field_named(reason.field)
            if field is None:
                self.reasons.append(reason)
            else:
                field.errors = [*field.errors, reason]  # type: ignore[list-item]  # `say` makes the sentence

    def field_named(self, path: str) -> Field | None:
        """The field that a path such as `claims.0.units` names; None where this form has no such field."""
        first, *rest = path.split(".")
        field: Field | None = self._fields.get(first)
        for name in rest:
            field = _within(field, name)
        return field


def _within(field: Field | None, name: str) -> Field | None:
    if isinstance(field, FieldList):
        entries = field.entries
        return entries[int(name)] if name.isdigit() and int(name) < len(entries) else None
    if isinstance(field, FormField):
        inner: dict[str, Field] = field.form._fields
        return inner.get(name)
    return None


class Rule:
    """A validator that asks the domain: the field says why `rule` refuses its value; what was not sent is empty."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        self.rule = rule

    def __call__(self, form: Any, field: Field) -> None:
        try:
            self.rule(field.data or "")
        except Invalid as invalid:
            raise ValidationError(invalid) from None  # type: ignore[arg-type]  # `say` makes the sentence
