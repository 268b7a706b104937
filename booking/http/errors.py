"""Errors: the one table from what went wrong to a status, one problem+json for programs, one page for people."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wrappers import Response as AnyResponse

from booking.db import db
from booking.domain.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Stale,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from booking.domain.permissions import VISITOR
from booking.domain.refusals import Code, Refused
from booking.http.actor import asking
from booking.http.paths import is_api
from booking.http.security import forget_body, request_id
from booking.http.words import say

STATUS: Mapping[type[Exception], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    IntegrityError: 409,
    Refused: 409,
    Stale: 412,
    Invalid: 422,
    DataError: 422,
    TooMany: 429,
    Unavailable: 503,
    OperationalError: 503,
    InterfaceError: 503,
    PoolTimeout: 503,
}

log = logging.getLogger(__name__)
Answer = Response | AnyResponse | tuple[Response | str, int] | tuple[Response | str, int, dict[str, str]]


def init_app(app: Flask) -> None:
    """Answer everything that is raised, known or not."""
    for kind in STATUS:
        app.register_error_handler(kind, answer)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_unknown)


def status_of(error: Exception) -> int:
    """The status that tells of `error`; a refusal for not being in the team is about permission."""
    if isinstance(error, Refused) and {refusal.code for refusal in error.refusals} == {Code.NOT_A_MEMBER}:
        return 403
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def answer(error: Exception, alternatives: Iterable[Mapping[str, Any]] = (), **more: Any) -> Answer:
    """The answer to a known error; the API gives the alternatives of a refusal in their JSON shape, and `more`."""
    status = status_of(error)
    if isinstance(error, Unavailable):
        log.warning("request %s: %s", request_id(), error)
    elif status >= 500:
        _give_up_database(error)
    elif isinstance(error, DBAPIError):
        log.warning("request %s: %s", request_id(), error)  # a rule that the database knows, and nothing before it
    if status == 401 and not is_api():
        return _to_sign_in()
    return _answer(status, error, _headers(error), alternatives, **more)


def problem(status: int, detail: str, *, code: str = "", **more: Any) -> Response:
    """A problem+json answer: `type, title, status, detail`, a stable `code`, and whatever else there is to say."""
    body = {"type": "about:blank", "title": HTTP_STATUS_CODES[status], "status": status, "detail": detail}
    response = jsonify(body | ({"code": code} if code else {}) | more | {"request_id": request_id()})
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def invalid_fields(errors: Iterable[tuple[str, str]]) -> Response:
    """The 422 for a body whose fields, named like `claims.0.units`, are not what they should be."""
    listed = [{"field": field, "message": message} for field, message in errors]
    detail = "; ".join(
        f"{error['field']}: {error['message']}" if error["field"] else error["message"] for error in listed
    )
    return problem(422, detail, code="invalid", errors=listed)


def refusals_json(refused: Refused) -> list[dict[str, Any]]:
    """Every refusal as the API shows it."""
    return [
        {**refusal.numbers, "code": refusal.code, "message": say(refusal), "field": refusal.field}
        for refusal in refused.refusals
    ]


def _answer(
    status: int,
    error: Exception,
    headers: dict[str, str],
    alternatives: Iterable[Mapping[str, Any]] = (),
    **more: Any,
) -> Answer:
    if not is_api():
        _know_reader()
        return _page(status, error), status, headers
    response = _problem_of(status, error, alternatives, **more)
    response.headers.update(headers)
    return response


def _problem_of(status: int, error: Exception, alternatives: Iterable[Mapping[str, Any]], **more: Any) -> Response:
    if isinstance(error, Invalid):
        return invalid_fields([(error.field, say(error))])
    if isinstance(error, Refused):
        return problem(
            status,
            _sentence(status, error),
            code=error.refusals[0].code,
            refusals=refusals_json(error),
            alternatives=list(alternatives),
            **more,
        )
    if isinstance(error, Problem):
        return problem(status, say(error), code=error.code, **error.numbers)
    return problem(status, _sentence(status, error))


def _page(status: int, error: Exception) -> str:
    title = _TITLES.get(status) or HTTP_STATUS_CODES.get(status, "")
    sentence = _sentence(status, error)
    try:
        return render_template(
            "errors/error.html", status=status, title=title, sentence=sentence, request_id=request_id()
        )
    except Exception:
        log.exception("request %s: the page about its failure failed too", request_id())
        return f"{status} {title}"


def _sentence(status: int, error: Exception) -> str:
    if isinstance(error, Refused):
        return " ".join(say(refusal) for refusal in error.refusals)
    if isinstance(error, Problem):
        return say(error)
    if isinstance(error, CSRFError):
        return str(gettext("This form was not made for your session. Go back, load it again and send it once more."))
    return str(_SENTENCES.get(status, _("The request could not be understood.")))


_TITLES = {
    400: _("Bad request"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Not possible here"),
    409: _("Not possible now"),
    412: _("Changed meanwhile"),
    413: _("Too large"),
    422: _("Not understood"),
    429: _("Too many requests"),
    500: _("Something went wrong"),
    503: _("Not available at the moment"),
}

_SENTENCES = {
    409: _("Somebody changed this at the same moment. Look at it again, and try once more."),
    404: _("There is nothing at this address, or it is not for you to see."),
    405: _("This address does not take that kind of request."),
    413: _("What was sent is larger than this site takes."),
    415: _("The body is not of a type that is read here. Send application/json."),
    422: _("A value is too large, too long or contains characters that cannot be stored."),
    428: _("Say with If-Match which version you change."),
    429: _("Too many requests. Try again later."),
    500: _("Something went wrong on our side. It has been noted under the number below."),
    503: _("The database cannot be reached at the moment. Nothing was changed; try again soon."),
}


def _answer_http(error: HTTPException) -> Answer:
    """What Flask raises itself: wrong addresses, methods, bodies, and redirections, which are no errors."""
    status = error.code or 500
    if status < 400:
        return error.get_response()
    if status >= 500:
        log.error("answered %s to request %s: %s", status, request_id(), error)
    if status == 413:
        forget_body()
    kept = {"Allow", "Retry-After"}
    headers = {name: value for name, value in error.get_headers() if name in kept}
    return _answer(status, error, headers)


def _answer_unknown(error: Exception) -> Answer:
    log.exception("request %s failed", request_id(), exc_info=error)
    _give_up_database(error)
    return _answer(500, error, {})


def _know_reader() -> None:
    """Find out for whom the page is while that can still fail without harm."""
    try:
        asking()
    except Exception as error:
        _give_up_database(error)


def _give_up_database(error: Exception) -> None:
    """The page about a failure must not fail by asking the database again."""
    log.warning("request %s: %s", request_id(), error)
    g.asking = VISITOR
    try:
        db.session.rollback()
    except Exception:
        log.exception("request %s: the session could not be rolled back", request_id())


def _headers(error: Exception) -> dict[str, str]:
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": "5"} if status_of(error) == 503 else {}


def _to_sign_in() -> AnyResponse:
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("users.sign_in", next=back), code=303)
