"""The form that asks for a window as a browser of these tests sends it, and the rows that tests change under it."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from booking.db import db, transaction
from booking.models.bookings import Booking
from booking.models.resources import Resource
from tests.support.visitors import send

ROWS = {f"claims-{row}-{name}": "" for row in range(4) for name in ("resource", "units")}


def typed(**fields: Any) -> dict[str, Any]:
    """A form that fits at nine in Shanghai on 2 March 2026, but for what is named; `__` stands for a hyphen."""
    usual = {
        "team": "team",
        "claims-0-resource": "north-a100",
        "claims-0-units": "8",
        "zone": "Asia/Shanghai",
        "starts_at": "2026-03-02T10:00",
        "hours": "4",
        "purpose": "Train the crossing model",
    }
    return {**ROWS, **usual, **{name.replace("__", "-"): value for name, value in fields.items()}}


def press(client: FlaskClient, button: str, form: Mapping[str, Any]) -> TestResponse:
    """Send it by one of its buttons, `check` or `book`."""
    return send(client, "/bookings/new", {**form, button: "1"})


def bookings(app: Flask) -> list[Booking]:
    """All bookings there are, oldest first."""
    with app.app_context():
        return list(db.session.scalars(select(Booking).order_by(Booking.id)))


def change_row(app: Flask, resource_id: int, **columns: Any) -> None:
    """Set columns of a resource, as a service would that tells everybody of a new offer."""
    with app.app_context(), transaction() as session:
        values = {**columns, "offer_version": Resource.offer_version + 1}
        session.execute(update(Resource).where(Resource.id == resource_id).values(**values))
