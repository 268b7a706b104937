"""Files of datasets: the stores of this server, the addresses of files, and which roots somebody may name."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, url_for

from booking import clock
from booking.domain.gateway import Pass, read_pass, sign
from booking.domain.permissions import Actor


def stores() -> Mapping[str, Any]:
    """The stores by the names of their roots."""
    found: Mapping[str, Any] = current_app.extensions["booking.connectors"]["stores"]
    return found


def roots_of(organisation: str) -> list[str]:
    """The roots of this server that data of an organisation may be under."""
    return [root for root in stores() if root.split(".", 1)[0] == organisation]


def address_of(given: Pass, path: str, *, external: bool = False) -> str:
    """The signed address of a file."""
    token = sign(given, current_app.config["SECRET_KEY"])
    return url_for("gateway.fetch", token=token, path=path, _external=external)


def pass_for(dataset_id: int, booking_id: int, actor: Actor) -> Pass:
    """What somebody asks with; until when it is good is known once it is known what it opens."""
    return Pass(dataset_id, booking_id, actor.user_id, clock.now())


def pass_of(token: str) -> Pass:
    """What the word in an address stands for; Forbidden where nobody here signed it."""
    return read_pass(token, current_app.config["SECRET_KEY"])
