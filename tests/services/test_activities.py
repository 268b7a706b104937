"""Activities are announced by organisations that own scenarios."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from booking.domain.activities import ActivityKind, NewActivity
from booking.domain.errors import Conflict, Forbidden, Invalid
from booking.domain.windows import Window
from booking.services.activities import announce_activity
from tests.support.world import World, build_world

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
AFTERNOON = Window(NOON, NOON + timedelta(hours=4))


def new(slug: str = "day", place: str = "Hall 2") -> NewActivity:
    return NewActivity(
        "对接日 Matchmaking day", slug, World.NORTH, ActivityKind.MATCHMAKING, "Beijing", place, "All meet.", AFTERNOON
    )


def test_an_activity_is_announced_with_its_time_and_place(app: Flask) -> None:
    world = build_world(app)
    with app.app_context():
        found = announce_activity(new(), actor=world.people["owner"], now=NOON)
    assert (found.slug, found.place, found.kind) == ("day", "Hall 2", "matchmaking")
    assert (found.starts_at, found.ends_at) == (AFTERNOON.start, AFTERNOON.end)


def test_who_owns_no_scenarios_there_announces_nothing(app: Flask) -> None:
    world = build_world(app)
    with app.app_context(), pytest.raises(Forbidden):
        announce_activity(new(), actor=world.steward, now=NOON)


def test_a_slug_that_is_taken_or_a_place_that_is_blank_is_refused(app: Flask) -> None:
    world = build_world(app)
    with app.app_context():
        announce_activity(new(), actor=world.admin, now=NOON)
        with pytest.raises(Conflict):
            announce_activity(new(), actor=world.admin, now=NOON)
        with pytest.raises(Invalid):
            announce_activity(new("other", " "), actor=world.admin, now=NOON)
