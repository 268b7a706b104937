"""Answers that follow what is typed: the page asks at every change of a form, and shows one part of what comes back."""

from collections.abc import Iterator
from typing import Any

from flask import request
from wtforms import Field, FieldList, FormField

from booking.domain.errors import Problem
from booking.domain.refusals import Refused
from booking.forms.base import BaseForm


def is_live() -> bool:
    """Whether a script asks, while somebody is still typing."""
    return request.headers.get("HX-Request") == "true"


def still_missing(form: BaseForm) -> list[tuple[str, Any]]:
    """What a form still waits for, each with the name of its field; nothing is called wrong while somebody types."""
    found = []
    for field in _fields(form):
        found += [(field.label.text, error) for error in field.errors]
        field.errors = []
    return found


def reasons_of(form: BaseForm, why: Refused | Problem) -> list[tuple[Any, str]]:
    """Each reason with the id of the field that it is about; empty where that is the order as a whole."""
    reasons = why.refusals if isinstance(why, Refused) else (why,)
    fields = [(reason, form.field_named(reason.field)) for reason in reasons]
    return [(reason, field.id if field is not None else "") for reason, field in fields]


def _fields(fields: Any) -> Iterator[Field]:
    """Every field in which something can be typed, those of rows among them."""
    for field in fields:
        if isinstance(field, FieldList):
            yield from _fields(field.entries)
        elif isinstance(field, FormField):
            yield from _fields(field.form)
        else:
            yield field
