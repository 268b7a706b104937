"""Calls: what each takes and gives, read once at the edge, checked on the way in, and described for the document."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from flask import Response, abort, request, url_for
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json

from booking.domain.errors import Invalid, Stale
from booking.http.actor import current_actor
from booking.http.errors import invalid_fields
from booking.schemas.base import Body, Page, Query, Shape, cursor_of

MOST_ERRORS = 50
LONGEST_FIELD = 200
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Call:
    """What the document says of a call: its body, its parameters, its answers by status, and how it can fail."""

    gives: Mapping[int, type[BaseModel] | None]
    body: type[Body] | None = None
    body_optional: bool = False
    query: type[Query] | None = None
    lists: type[Shape] | None = None
    fails: frozenset[int] = frozenset()
    public: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


def call(
    *,
    gives: Mapping[int, type[BaseModel] | None] | None = None,
    lists: type[Shape] | None = None,
    body: type[Body] | None = None,
    body_optional: bool = False,
    query: type[Query] | None = None,
    fails: Iterable[int] = (),
    public: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Make a view a call of the API: `body` and `query` come to it as arguments of these names, read and checked.

    Whoever asks must be known (401), unless the call is `public`; only then is anything read (413, 415, 422). The
    view says 404, 403, 428, 412 and 409, in this order.
    """
    described = Call(
        gives=gives or {200: None},
        body=body,
        body_optional=body_optional,
        query=query,
        lists=lists,
        fails=frozenset(fails),
        public=public,
        headers=headers or {},
    )

    def as_call(view: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(view)
        def answered(**arguments: Any) -> Response:
            if not public:
                current_actor()
            try:
                if body is not None:
                    arguments["body"] = _read_body(body, body_optional)
                if query is not None:
                    arguments["query"] = _read_query(query)
            except ValidationError as error:
                return invalid_fields(_fields(error, _asked(error.title, query)))
            return view(**arguments)

        answered.call = described
        return answered

    return as_call


def show(shape: Shape, *, status: int = 200, version: int | None = None, location: str = "") -> Response:
    """The answer that a shape is; `version` becomes the ETag, `location` is where a new thing is found."""
    response = Response(
        shape.__pydantic_serializer__.to_json(shape, by_alias=True), status, mimetype="application/json"
    )
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    if location:
        response.headers["Location"] = location
    return response


def created(shape: Shape, endpoint: str, *, version: int | None = None, **values: Any) -> Response:
    """201 with the new thing and where it is found: `created(shape, "api.bookings.show", booking_id=shape.id)`."""
    return show(shape, status=201, version=version, location=url_for(endpoint, **values))


def listed(
    rows: Sequence[Row], page: Page, *, shape: Callable[[Row], Shape], key: Callable[[Row], Sequence[Any]]
) -> Response:
    """One page of a list. `rows` are up to `page.limit + 1`, so that it is known whether there are more; `key` is
    what the query goes on after, as `page.after` gives it back."""
    shown = rows[: page.limit]
    following = None
    if len(rows) > page.limit:
        following = _address(cursor=cursor_of(key(shown[-1])))
    items = b",".join(one.__pydantic_serializer__.to_json(one, by_alias=True) for one in map(shape, shown))
    body = b'{"items":[%s],"next":%s}' % (items, f'"{following}"'.encode() if following else b"null")
    return Response(body, mimetype="application/json")


def expected_version(present: int) -> int:
    """The version that If-Match names, which is the present one: 428 where the header is missing, 412 where stale.

    To be asked once it is clear that the asker may change the thing.
    """
    if "If-Match" not in request.headers:
        abort(428)
    if not request.if_match.contains(str(present)):
        raise Stale(present)
    return present


def _read_body(shape: type[Body], optional: bool) -> Body:
    sent = request.get_data()
    if not sent and optional:
        return shape()
    if not sent:
        raise Invalid("", "This call needs a JSON object.")
    if not request.is_json:
        abort(415)
    return shape.__pydantic_validator__.validate_json(sent)


def _read_query(shape: type[Query]) -> Query:
    for name, values in request.args.lists():
        if len(values) > 1:
            raise Invalid(name[:LONGEST_FIELD], "This parameter is given more than once.")
    return shape.model_validate_strings(request.args.to_dict())


def _asked(title: str, query: type[Query] | None) -> Any:
    """What was sent, as far as it can be read, to tell the fields of it from pydantic's own words for its types."""
    if query is not None and title == query.__name__:
        return request.args
    try:
        return from_json(request.get_data())
    except ValueError:
        return None


def _fields(error: ValidationError, asked: Any) -> list[tuple[str, str]]:
    """Each field that cannot be meant, named like `claims.0.units`, and why."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return list(dict.fromkeys((_name(one, asked), _message(one)) for one in details))[:MOST_ERRORS]


def _name(detail: ErrorDetails, asked: Any) -> str:
    """Where the error is; of the path only what is in the body is a name, the rest says which type was tried."""
    named = []
    path = detail["loc"]
    for place, part in enumerate(path):
        if (isinstance(asked, Mapping) and part in asked) or (isinstance(asked, list) and isinstance(part, int)):
            asked = asked[part]
        elif not (detail["type"] == "missing" and place == len(path) - 1):
            continue
        named.append(str(part))
    return ".".join(named)[:LONGEST_FIELD]


_MESSAGES = {
    "extra_forbidden": "There is no such field.",
    "missing": "This field is needed.",
    "string_pattern_mismatch": "The text is empty or contains a character that cannot be stored.",
}


def _message(detail: ErrorDetails) -> str:
    if detail["type"] in _MESSAGES:
        return _MESSAGES[detail["type"]]
    message = detail["msg"].removeprefix("Value error, ").removesuffix(".")
    return f"{message[:1].upper()}{message[1:]}."


def _address(**changed: str) -> str:
    """This request's own address with other parameters."""
    values = {**request.view_args, **request.args.to_dict(), **changed}
    return url_for(request.endpoint, _external=True, **values)
