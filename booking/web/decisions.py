"""The page that asks what becomes of the bookings that a change would displace."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import render_template, request

from booking.domain.displacements import UNDECIDED, Displaces, Resolution, Resolutions
from booking.domain.errors import Invalid
from booking.domain.listings import Listing
from booking.forms.capacity import DECISIONS, NAMED, OTHERWISE, TO, decided

FIELD = "resolution."


def do_or_ask(listing: Listing, do: Callable[[Resolutions], Any]) -> Any:
    """Do what may displace bookings: None once it is done, else the page that asks about each of them.

    The page sends again what was typed, with the decisions. What cannot be done with a booking is said beside it.
    """
    try:
        do(decided(request.form))
    except Displaces as found:
        return _ask(listing, found, {})
    except Invalid as invalid:
        if not invalid.field.startswith(FIELD):
            raise
        return _ask_again(listing, do, invalid)
    return None


def _ask_again(listing: Listing, do: Callable[[Resolutions], Any], invalid: Invalid) -> Any:
    """The same page with what was wrong; where nobody is displaced any more, it is done."""
    try:
        do(UNDECIDED)
    except Displaces as found:
        return _ask(listing, found, {int(invalid.field.removeprefix(FIELD)): invalid})
    return None


def _ask(listing: Listing, found: Displaces, reasons: Mapping[int, Invalid]) -> tuple[str, int]:
    kept = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", OTHERWISE) and not name.startswith(NAMED)
    ]
    page = render_template(
        "capacity/decide.html",
        listing=listing,
        bookings=found.bookings,
        reasons=reasons,
        kept=kept,
        chosen=decided(request.form),
        decisions=DECISIONS,
        ways=found.ways,
        to=TO,
        named=NAMED,
        otherwise=OTHERWISE,
        later=Resolution.LATER,
    )
    return page, 409
