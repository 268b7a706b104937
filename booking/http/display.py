"""How a reader wants pages shown: light or dark, and in whose time; kept in cookies of their own, past any session."""

from flask import Response, current_app, request

from booking.domain.timezones import known_timezones
from booking.http.paths import is_api

SCHEMES = ("light", "dark")
A_YEAR_SECONDS = 365 * 86_400


def scheme() -> str:
    """`light` or `dark` where the reader has chosen; empty where their system decides."""
    chosen = request.cookies.get("scheme", "")
    return chosen if chosen in SCHEMES else ""


def own_zone() -> str:
    """The zone in which the reader wants every instant; empty where each place's own is wanted."""
    if not request or is_api():
        return ""
    chosen = request.cookies.get("zone", "")
    return chosen if chosen in known_timezones() else ""


def remember(response: Response, name: str, value: str) -> None:
    """Keep a choice in this browser for a year; an empty one is forgotten."""
    if not value:
        response.delete_cookie(name, samesite="Lax")
        return
    secure = current_app.config["SECURE_COOKIES"]
    response.set_cookie(name, value, max_age=A_YEAR_SECONDS, samesite="Lax", httponly=True, secure=secure)
