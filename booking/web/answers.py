"""Answers that every page gives in the same way."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from booking.forms.base import BaseForm
from booking.http.paths import is_local


def form_page(template: str, form: BaseForm, **context: Any) -> tuple[str, int]:
    """A page with a form: 200 to fill it in, 422 when what was sent could not be done; what was typed stays."""
    status = 422 if request.method == "POST" else 200
    return render_template(template, form=form, **context), status


def see(endpoint: str, **values: Any) -> Response:
    """Send the reader on after something was done, so that a reload does not do it again."""
    return redirect(url_for(endpoint, **values), code=303)


def back(default: str) -> Response:
    """Send the reader to where `next` says, when that is on this site, else to the endpoint `default`."""
    wanted = request.values.get("next", "")
    return redirect(wanted if is_local(wanted) else url_for(default), code=303)
