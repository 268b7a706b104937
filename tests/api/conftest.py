"""What the tests of calls share: a clock that stands still, and a program in a small world."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from tests.support.api import NOW, Program
from tests.support.world import build_world


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    """The clock stands still until a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def program(app: Flask, traveller: time_machine.Traveller) -> Program:
    return Program(app, build_world(app))
