"""Fixtures of tests about pages: a stopped clock, browsers of people, bookings."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.support import lives
from tests.support.lives import NOW
from tests.support.visitors import signed_in
from tests.support.world import World, build_world


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The time stands at NOW; `clock.move_to(at(5))` moves it on."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(app: Flask) -> World:
    """The small world; a test module that needs another defines a fixture of this name."""
    return build_world(app)


@pytest.fixture
def as_(app: Flask) -> Callable[[str], FlaskClient]:
    """A browser of one person: `as_("lead")`."""

    def sign(name: str) -> FlaskClient:
        return signed_in(app, f"{name}@example.org")

    return sign


@pytest.fixture
def book(app: Flask, world: World) -> Callable[..., int]:
    """Books for the team: hours from NOW, units, seats; the booking's id."""

    def request(start: float = 24, end: float = 26, units: int = 8, **more: Any) -> int:
        with app.app_context():
            return lives.book(world, start, end, units, **more).id

    return request
