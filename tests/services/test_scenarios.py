"""Scenarios are published by who owns them."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.scenarios import Category, NewScenario
from booking.services.scenarios import publish_scenario
from tests.support.world import World, build_world

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def new(**other: str) -> NewScenario:
    usual = {
        "name": " 港口  查验 ",
        "slug": "port",
        "organisation": World.NORTH,
        "region": "Beijing",
        "description": "x\r\ny",
    }
    return NewScenario(**{**usual, **other}, category=Category.ECONOMY)


def test_a_scenario_is_on_the_list_at_once(app: Flask) -> None:
    world = build_world(app)
    with app.app_context():
        found = publish_scenario(new(), actor=world.people["owner"], now=NOON)
    assert (found.name, found.description, found.organisation) == ("港口 查验", "x\ny", World.NORTH)
    assert found.published_at == NOON


@pytest.mark.parametrize("who", ["operator", "lead", "stranger"])
def test_only_its_owners_publish_it(app: Flask, who: str) -> None:
    world = build_world(app)
    with app.app_context(), pytest.raises(Forbidden):
        publish_scenario(new(), actor=world.people[who], now=NOON)


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"slug": World.SCENARIO}, Conflict),
        ({"slug": "Not A Slug"}, Invalid),
        ({"name": " "}, Invalid),
        ({"organisation": "nobody"}, NotFound),
    ],
)
def test_what_cannot_be_meant_is_refused(app: Flask, other: dict[str, str], error: type[Exception]) -> None:
    world = build_world(app)
    with app.app_context(), pytest.raises(error):
        publish_scenario(new(**other), actor=world.people["owner"], now=NOON)
