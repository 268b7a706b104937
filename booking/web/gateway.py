"""The gateway: sends files of datasets while they are open, in parts where wanted, and stops when they close."""

import errno
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import quote

from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.http import parse_date

from booking import clock
from booking.domain.errors import Forbidden
from booking.domain.ranges import Part, Unsatisfiable, asked_part
from booking.http.files import pass_of, stores
from booking.services import gateway
from booking.services.gateway import Opened

LOOK_AGAIN = timedelta(seconds=1)
"""How often a running download looks again whether it may go on; the end of its window it knows by itself."""

bp = Blueprint("gateway", __name__)


@bp.get("/files/<token>/<path:path>")
def fetch(token, path):
    """A file of a dataset, whole or in part, as long as its signed address and everything it rests on hold."""
    now = clock.now()
    opened = gateway.open_file(pass_of(token), path, stores(), now=now)
    response = Response(mimetype="application/octet-stream", direct_passthrough=True)
    _describe(response, opened)
    if _is_fresh(opened):
        response.status_code = 304
        return response
    try:
        part = _asked(opened)
    except Unsatisfiable as outside:
        response.status_code = 416
        response.headers["Content-Range"] = f"bytes */{outside.size}"
        return response

    whole = Part(0, opened.file.size, opened.file.size)
    if request.method == "HEAD":
        response.content_length = whole.length
        return response
    return _send(response, opened, part or whole, 206 if part else 200, now)


def _send(response: Response, opened: Opened, part: Part, status: int, now: datetime) -> Response:
    front = current_app.config["GATEWAY_FRONT"].rstrip("/")
    if front and status == 206 and opened.fits_in_front(part, now):
        gateway.begin_download(opened, part, status, now=now, in_front=True)
        place = f"{front}/{opened.entrance.stock.root}/{opened.file.path}"
        response.headers["X-Accel-Redirect"] = quote(place)
        return response

    number = gateway.begin_download(opened, part, status, now=now)
    response.status_code = status
    response.content_length = part.length
    if status == 206:
        response.headers["Content-Range"] = part.content_range
    response.response = _sent(current_app._get_current_object(), opened, part, number, now)
    return response


def _sent(app: Flask, opened: Opened, part: Part, number: int, began: datetime) -> Iterator[bytes]:
    """The bytes of a part for as long as they may be sent; what has really left is written down at the end.

    The request is over by then: the database is asked in moments of its own, and held by none in between.
    """
    sent, why, ends, looked = 0, "broken", opened.ends, began
    try:
        for chunk in opened.store.read(opened.file, part.start, part.length):
            now = clock.now()
            if (ends is not None and now >= ends) or now - looked >= LOOK_AGAIN:
                with app.app_context():
                    ends, looked = gateway.go_on(number, opened.given, sent, now=now), now
            yield chunk
            sent += len(chunk)
        why = "" if sent == part.length else "file_changed"
    except Forbidden as closed:
        why = closed.code
    finally:
        with app.app_context():
            gateway.end_download(number, sent, now=clock.now(), why=why)
    if why:
        # The length is announced already: the only way to say that this is not all is to cut the connection.
        raise ConnectionResetError(errno.ECONNRESET, f"the download was cut: {why}")


def _describe(response: Response, opened: Opened) -> None:
    name = opened.path.rpartition("/")[2]
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = opened.file.etag
    response.last_modified = opened.file.modified_at
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Cache-Control"] = "private, no-store"


def _is_fresh(opened: Opened) -> bool:
    """Whether the reader has this very file already."""
    if request.if_none_match:
        return request.if_none_match.contains_weak(opened.file.etag.strip('"'))
    since = request.if_modified_since
    return since is not None and opened.file.modified_at <= since


def _asked(opened: Opened) -> Part | None:
    """The part that is asked for; None for the whole."""
    if request.method != "GET":
        return None
    condition = request.headers.get("If-Range")
    holds = condition in (None, opened.file.etag) or parse_date(condition) == opened.file.modified_at
    return asked_part(request.headers.get("Range"), opened.file.size, condition_holds=holds)
