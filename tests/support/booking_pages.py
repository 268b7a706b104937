"""What tests of a booking's pages do and look at."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from booking.domain.bookings import Booking
from tests.support import lives
from tests.support.lives import Totals
from tests.support.visitors import send


def found(app: Flask, booking_id: int) -> Booking:
    """A booking as it stands."""
    with app.app_context():
        return lives.found(booking_id)


def totals(app: Flask, grant_id: int) -> Totals:
    """What a grant holds and has charged, in whole hours."""
    with app.app_context():
        return lives.totals(grant_id)


def press(client: FlaskClient, booking_id: int, verb: str, **form: str) -> Any:
    """Press a button of a booking's page; what comes back."""
    return send(client, f"/bookings/{booking_id}/{verb}", form)
