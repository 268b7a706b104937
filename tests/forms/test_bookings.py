"""Forms of bookings: what was typed becomes claims and a window, or is refused beside its field."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from booking import create_app
from booking.domain.refusals import Code, Refusal, Refused
from booking.domain.windows import Window
from booking.forms.base import SelectChoice
from booking.forms.bookings import ROWS, BookingForm, ChangeForm

TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # in Shanghai
RESOURCES = [SelectChoice(""), SelectChoice("pool"), SelectChoice("other"), SelectChoice("data")]
ZONES = ["Asia/Shanghai", "Europe/Paris", "UTC"]
AUTUMN = Window(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), datetime(2026, 10, 25, 4, 0, tzinfo=UTC))
"""It begins when clocks in Paris show half past two for the second time."""


@pytest.fixture(scope="module")
def product() -> Flask:
    return create_app({"DATABASE_URL": "sqlite:///:memory:", "SECRET_KEY": "secret", "WTF_CSRF_ENABLED": False})


@pytest.fixture(autouse=True)
def _asked(product: Flask) -> Iterator[None]:
    with product.test_request_context("/", method="POST"):
        yield


def typed(**fields: Any) -> MultiDict[str, str]:
    rows = {f"claims-{row}-{name}": "" for row in range(ROWS) for name in ("resource", "units")}
    usual = {
        **rows,
        "team": "team",
        "claims-0-resource": "pool",
        "claims-0-units": "8",
        "zone": "Asia/Shanghai",
        "starts_at": "2026-03-02T10:00",
        "hours": "4",
        "ends_at": "",
        "purpose": "Train",
        "book": "1",
    }
    return MultiDict({**usual, **{name.replace("__", "-"): value for name, value in fields.items()}})


def booking_form(**fields: Any) -> BookingForm:
    form = BookingForm(typed(**fields))
    form.offer([RESOURCES] * ROWS, ZONES)
    form.team.choices = [SelectChoice(""), SelectChoice("team")]
    return form


def field_named(form: BookingForm, path: str) -> Any:
    found = form.field_named(path)
    assert found is not None
    return found


def test_what_fits_becomes_claims_and_a_window_in_utc():
    form = booking_form(claims__2__resource="data", claims__2__units="1")
    assert form.validate(), form.errors
    assert form.claimed() == [("pool", 8), ("data", 1)]
    assert form.window == Window(TEN, TEN + timedelta(hours=4))
    assert form.team_said == "team"


@pytest.mark.parametrize(("hours", "minutes"), [("0.25", 15), ("1.5", 90), (" 2 ", 120), ("24.00", 1440), ("0.1", 6)])
def test_hours_are_read_as_decimals(hours: str, minutes: int):
    form = booking_form(hours=hours)
    assert form.validate(), form.errors
    assert form.window == Window(TEN, TEN + timedelta(minutes=minutes))


def test_seconds_that_a_browser_adds_are_read():
    form = booking_form(starts_at="2026-03-02T10:00:00")
    assert form.validate(), form.errors


@pytest.mark.parametrize(
    "units", ["1.5", "0", "-1", "2147483648", "NaN", "many", "1e3", "", "true", "0x10", "９９９９９９９", "9" * 400]
)
def test_units_that_cannot_be_meant_are_refused(units: str):
    form = booking_form(claims__0__units=units)
    assert not form.validate()
    assert form.claims.entries[0].form.units.errors
    assert form.errors["claims"]


@pytest.mark.parametrize("hours", ["0", "-4", "1,5", "NaN", "Infinity", "1e400", "0.0001", "four", "9" * 400, "1e9"])
def test_hours_that_cannot_be_meant_are_refused(hours: str):
    form = booking_form(hours=hours)
    assert not form.validate()
    assert [str(error) for error in form.hours.errors] == ["Say hours as a number, such as 4 or 1.5."]


@pytest.mark.parametrize(
    "start",
    [
        "",
        "tomorrow",
        "2026-03-02",
        "2026-02-30T10:00",
        "2026-03-02T10:00+08:00",
        "0001-01-01T00:00",
        "99999-01-01T00:00",
    ],
)
def test_a_start_that_cannot_be_meant_is_refused(start: str):
    form = booking_form(starts_at=start)
    assert not form.validate()
    assert form.starts_at.errors


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"hours": "", "ends_at": ""}, "hours"),
        ({"ends_at": "2026-03-02T14:00"}, "hours"),
        ({"hours": "", "ends_at": "2026-03-02T10:00"}, "ends_at"),
        ({"hours": "", "ends_at": "2026-03-02T09:00"}, "ends_at"),
        ({"zone": "Europe/Paris", "starts_at": "2026-03-29T02:30"}, "starts_at"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"purpose": "x" * 3000}, "purpose"),
        ({"purpose": "a\x1bb"}, "purpose"),
        ({"purpose": ""}, "purpose"),
        ({"team": ""}, "team"),
        ({"team": "rival"}, "team"),
    ],
)
def test_what_does_not_go_together_is_said_beside_one_field(fields: dict[str, str], named: str):
    form = booking_form(**fields)
    assert not form.validate()
    assert list(form.errors) == [named]


@pytest.mark.parametrize(
    ("fields", "row"),
    [
        ({"claims__0__resource": ""}, 0),
        ({"claims__0__resource": "unknown"}, 0),
        ({"claims__1__resource": "pool", "claims__1__units": "1"}, 1),
        ({"claims__3__resource": "pool", "claims__3__units": "1"}, 3),
    ],
)
def test_a_row_that_cannot_be_meant_says_so_itself(fields: dict[str, str], row: int):
    form = booking_form(**fields)
    assert not form.validate()
    assert [bool(entry.form.resource.errors) for entry in form.claims.entries] == [
        index == row for index in range(ROWS)
    ]


def test_everything_that_is_wrong_is_said_at_once():
    form = booking_form(claims__0__units="1.5", hours="many", purpose="", team="")
    assert not form.validate()
    assert set(form.errors) == {"claims", "hours", "purpose", "team"}


def test_to_check_needs_no_purpose():
    form = booking_form(purpose="", book="", check="1")
    assert form.validate(), form.errors


def test_a_reason_stands_beside_the_row_it_is_about_though_rows_before_are_empty():
    form = booking_form(claims__0__resource="", claims__2__resource="data", claims__2__units="9")
    assert form.validate(), form.errors
    reasons = [Refusal(Code.CAPACITY_EXCEEDED, "full", f"claims.0.{name}") for name in ("units", "resource")]
    form.refuse(Refused(reasons))
    assert list(form.claims.entries[2].form.units.errors) == [reasons[0]]
    assert list(form.claims.entries[2].form.resource.errors) == [reasons[1]]
    assert form.errors["claims"]


@pytest.mark.parametrize(
    ("fields", "named"), [({}, "hours"), ({"hours": "", "ends_at": "2026-03-02T14:00"}, "ends_at")]
)
def test_a_reason_about_the_end_stands_where_the_end_was_said(fields: dict[str, str], named: str):
    form = booking_form(**fields)
    assert form.validate(), form.errors
    assert field_named(form, "ends_at") is form[named]


def change_form(**fields: Any) -> ChangeForm:
    usual = {"zone": "Europe/Paris", "starts_at": "2026-10-25T02:30", "hours": "", "ends_at": "2026-10-25T05:00"}
    form = ChangeForm(typed(**{**usual, **fields}), standing=AUTUMN)
    form.offer([RESOURCES] * ROWS, ZONES)
    return form


def test_times_of_a_standing_booking_that_are_left_alone_keep_their_instants():
    form = change_form()
    assert form.validate(), form.errors
    assert form.window == AUTUMN


def test_a_new_time_that_clocks_show_twice_means_the_first():
    form = change_form(starts_at="2026-10-25T02:45")
    assert form.validate(), form.errors
    assert form.window == Window(datetime(2026, 10, 25, 0, 45, tzinfo=UTC), AUTUMN.end)
