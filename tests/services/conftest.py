"""Worlds for the tests of use cases."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests.support import lives
from tests.support.world import World, build_world


@pytest.fixture
def a_world(app: Flask) -> Iterator[Callable[..., World]]:
    """Builds the world of a test, in which every rule of the house must hold at its end."""
    with app.app_context():

        def build(**wanted: Any) -> World:
            return build_world(app, **wanted)

        yield build
        lives.check()
