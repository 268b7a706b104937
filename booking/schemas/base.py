"""What the shapes of the API are made of: bodies and queries that take nothing they do not know, and bounded values."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from booking.domain.accounts import LONGEST_NAME, clean_name
from booking.domain.amounts import unit_seconds_of
from booking.domain.errors import Invalid
from booking.domain.slugs import LONGEST_SLUG, clean_slug
from booking.domain.timezones import clean_timezone

LARGEST_UNITS = 2_147_483_647
LARGEST_PAGE = 200
YEARS = range(1970, 2500)
"""Years that a calendar of bookings can be asked about; arithmetic on later ones would overflow."""

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_NO_OFFSET = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?)?", re.ASCII)


class Body(BaseModel):
    """A JSON object that a call takes: no unknown field, no value of another type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Query(BaseModel):
    """The parameters of an address, which come as text: no unknown one, none twice unless it is a list."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Shape(BaseModel):
    """A JSON object that a call answers with; `Shape.model_validate(row)` reads the attributes of a row or value."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True, populate_by_name=True)

    etag: ClassVar[bool] = False
    """Whether the answer carries its version as ETag."""


def _instant(value: Any) -> Any:
    """RFC 3339 with an offset, in UTC."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        if isinstance(value, str) and _NO_OFFSET.fullmatch(value):
            raise ValueError("an instant needs its offset from UTC, such as 2026-03-02T10:00:00Z")
        raise ValueError("not an instant such as 2026-03-02T10:00:00Z (RFC 3339)")
    if int(value[:4]) not in YEARS:
        raise ValueError(f"not an instant of the years {YEARS[0]} to {YEARS[-1]}")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except ValueError:
        raise ValueError("there is no such instant") from None


def _hours(value: Any) -> int:
    """Decimal hours, as a number or as text, in whole seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("not a number of hours")
    return unit_seconds_of(str(value) if isinstance(value, float) else value)


def cleaned(clean: Callable[[str], str]) -> AfterValidator:
    """A rule of the domain for one text, as pydantic asks for it."""

    def validate(text: str) -> str:
        try:
            return clean(text)
        except Invalid as invalid:
            raise ValueError(str(invalid)) from None

    return AfterValidator(validate)


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-02T10:00:00Z"]}),
]
"""RFC 3339 with an offset; read into UTC, written with Z."""

HoursInSeconds = Annotated[
    int,
    BeforeValidator(_hours),
    Field(gt=0),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "description": "Decimal hours; 0.1 is exactly 360 s."}),
]
"""Decimal hours read into whole (unit-)seconds: `unit_seconds: HoursInSeconds = Field(alias="unit_hours")`."""

HoursFromZero = Annotated[
    int,
    BeforeValidator(_hours),
    WithJsonSchema({"type": "number", "minimum": 0, "description": "Decimal hours; 0 is none at all."}),
]
"""The same where none at all is meant by 0."""

Slug = Annotated[
    str,
    cleaned(clean_slug),
    WithJsonSchema({"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": LONGEST_SLUG}),
]
"""A new slug."""

Reference = Annotated[str, StringConstraints(pattern=r"^[^\x00]+$", max_length=200)]
"""A slug or id of something that may or may not exist."""

Line = Annotated[
    str, cleaned(clean_name), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_NAME})
]
"""Text on one line, not blank."""

Words = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=10_000)]
"""Text of any number of lines, perhaps none."""

Units = Annotated[int, Field(ge=1, le=LARGEST_UNITS)]
Timezone = Annotated[str, cleaned(clean_timezone)]


class Page(Query):
    """Which part of a list is wanted."""

    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 50
    cursor: Annotated[str, StringConstraints(max_length=500)] | None = Field(
        None, description="Where the last page ended; comes with `next`."
    )

    def after(self, *kinds: type) -> list[Any] | None:
        """The key of the last item of the page before, one value of each kind; None on the first page."""
        if self.cursor is None:
            return None
        try:
            key = json.loads(urlsafe_b64decode(self.cursor.encode("ascii")))
        except ValueError:
            key = None
        if not isinstance(key, list) or [type(value) for value in key] != list(kinds):
            raise Invalid("cursor", "This is no cursor of this list. Take `next` as it was given.")
        return key


def cursor_of(key: Sequence[Any]) -> str:
    """The cursor that `Page.after` reads this key from."""
    return urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode("ascii")


class Refusal(BaseModel):
    """One reason why something was not done, with its numbers beside it."""

    model_config = ConfigDict(extra="allow")

    code: str
    message: str
    field: str


class InvalidField(BaseModel):
    """A field that cannot be meant, named like `claims.0.units`."""

    field: str
    message: str


class WaitInstead(BaseModel):
    """What to send where, to wait or look on the docking board for exactly what was refused."""

    href: str
    body: dict[str, Any]


class Problem(BaseModel):
    """Why a call was not answered as asked (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str | None = None
    refusals: list[Refusal] | None = None
    alternatives: list[dict[str, Any]] | None = None
    wait_list: WaitInstead | None = None
    docking: WaitInstead | None = None
    errors: list[InvalidField] | None = None
    request_id: str | None = None
