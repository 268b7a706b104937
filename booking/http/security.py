"""What every answer carries for safety: a content policy with a nonce, request ids, plain cookies; and what is
refused before any page looks at it."""

import re
import secrets
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Request, Response, abort, current_app, g, request
from flask.json.provider import DefaultJSONProvider
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect

from booking.domain.errors import Invalid
from booking.http.paths import API, is_api

POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
CHUNK_BYTES = 65_536
# Whoever sends more than this has the connection cut.
MOST_FORGOTTEN_BYTES = 64 * 1024 * 1024
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,80}")
# An escaped NUL in JSON: the backslash is not itself escaped.
NUL_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class PageSessions(SecureCookieSessionInterface):
    """Sessions for pages alone: a cookie never speaks for a program."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith(API):
            return self.make_null_session(app)
        return super().open_session(app, request)


def _as_json(value: Any) -> str:
    """Instants as the API writes them."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(DefaultJSONProvider.default(value))


class StrictJson(DefaultJSONProvider):
    """JSON in the order it was made; NaN, and what is nested without end, is not JSON."""

    sort_keys = False
    default = staticmethod(_as_json)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, parse_constant=_refuse_constant, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def init_app(app: Flask) -> None:
    """Guard every request and mark every answer."""
    app.session_interface = PageSessions()
    app.json = StrictJson(app)
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # asked below, for pages only
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the session, so that a form left open is not lost
    csrf = CSRFProtect(app)

    app.before_request(_name_request)
    app.before_request(_refuse_unreadable)

    @app.before_request
    def protect() -> None:
        if app.config["WTF_CSRF_ENABLED"] and not is_api():
            csrf.protect(apply_exemptions=True)

    app.after_request(_mark)
    app.add_template_global(nonce, "csp_nonce")


def nonce() -> str:
    """The word that this answer's own scripts carry, so that others do not run."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def request_id() -> str:
    """The name of this request in logs and on error pages."""
    return str(g.get("request_id", ""))


def forget_body() -> None:
    """Read what is left of a body that is refused: a client that is still sending hears no answer."""
    stream = request.environ["wsgi.input"]
    for _ in range(MOST_FORGOTTEN_BYTES // CHUNK_BYTES):
        if not stream.read(CHUNK_BYTES):
            return


def _name_request() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _refuse_unreadable() -> None:
    """No database stores NUL, and nothing of ours is as long as the largest body."""
    if _is_too_long():
        abort(413)
    if "\0" in request.path:
        abort(404)
    for name, value in request.args.items(multi=True):
        _refuse_nul(name, value)
    if is_api():
        _refuse_nul_in_json()
        return
    for name, value in request.form.items(multi=True):
        _refuse_nul(name, value)


def _is_too_long() -> bool:
    """A body that comes in chunks is read, and cut at the limit, before its length is known."""
    limit = request.max_content_length or 0
    if request.content_length is not None:
        return request.content_length > limit
    return request.method in WRITING and len(request.get_data()) >= limit


def _refuse_nul(name: str, value: str) -> None:
    if "\0" in name or "\0" in value:
        raise Invalid(name.replace("\0", ""), "The value contains a NUL character.")


def _refuse_nul_in_json() -> None:
    if request.method in WRITING and NUL_IN_JSON.search(request.get_data()):
        raise Invalid("", "The body contains a NUL character.")


def _mark(response: Response) -> Response:
    headers = response.headers
    headers["X-Request-ID"] = request_id()
    headers["X-Content-Type-Options"] = "nosniff"
    if current_app.config["SECURE_COOKIES"]:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if is_api():
        headers.setdefault("Cache-Control", "no-store")
    else:
        headers.setdefault("Content-Security-Policy", POLICY.format(nonce=nonce()))
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        _mark_private(response)
    return response


def _mark_private(response: Response) -> None:
    """A page is for one reader, so that nothing in between, and no shared machine, keeps it."""
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.update(("Cookie", "Accept-Language"))
