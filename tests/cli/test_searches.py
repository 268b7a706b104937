"""Finding windows on the command line: what is printed can be run."""

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask

from tests.support.commands import run
from tests.support.world import World, build_world


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    """On the Monday before the window that is asked for."""
    with time_machine.travel(datetime(2026, 3, 2, 8, tzinfo=UTC), tick=False):
        yield build_world(app)


def test_what_is_found_for_a_team_can_be_booked_as_it_is_printed(app: Flask, world: World) -> None:
    asked = "--units 8 --hours 2 --hours-max 4 --from 2026-03-03T00:00:00Z --model H100 --model A100 --team team"
    lines = run(app, "find", *shlex.split(asked), "--dataset", World.DATASET).stdout.splitlines()
    assert lines[0] == "2026-03-03T00:00:00Z  2026-03-03T04:00:00Z  south-h100=8 north-radar=1  36 hours"
    assert lines[2].split()[2] == "north-a100=8"
    for line in lines[1::2]:
        run(app, *shlex.split(line.strip().removeprefix("flask --app wsgi ")))


def test_where_nothing_is_found_it_is_said(app: Flask, world: World) -> None:
    assert "Nothing was found" in run(app, "find", "--hours", 1, "--units", 999, status=1).stderr
    assert "no such dataset" in run(app, "find", "--hours", 1, "--dataset", "nothing", status=1).stderr
    assert "no such team" in run(app, "find", "--hours", 1, "--team", "nobody", status=1).stderr
