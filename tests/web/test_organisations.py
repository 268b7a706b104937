"""The pages of organisations, for administrators."""

import pytest
from flask import Flask

from booking.db import db
from booking.queries.organisations import find_organisation
from tests.support.filling import browser, fields_of, fill
from tests.support.pages import said_of, text_of
from tests.support.world import PEOPLE, World, build_world

NEW = {"name": "西部大学", "slug": "west", "kind": "university", "region": "Sichuan"}


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def test_an_administrator_adds_an_organisation(app: Flask, world: World) -> None:
    admin = browser(app, "admin")
    assert fill(admin, "/organisations/new", **NEW).status_code == 303
    with app.app_context():
        assert find_organisation(db.session(), "west").kind == "university"
    assert "西部大学 west university Sichuan" in text_of(admin.get("/organisations").text)


@pytest.mark.parametrize(
    ("name", "value", "said"), [("slug", "north", "already"), ("slug", "West", "a–z"), ("region", " ", "blank")]
)
def test_what_is_wrong_stands_beside_its_field(app: Flask, world: World, name: str, value: str, said: str) -> None:
    answer = fill(browser(app, "admin"), "/organisations/new", **{**NEW, name: value})
    assert answer.status_code == 422
    assert said in said_of(answer.text, name)
    assert fields_of(answer.text)["name"] == "西部大学"


@pytest.mark.parametrize("who", [name for name in PEOPLE if name != "admin"])
def test_nobody_else_sees_these_pages(app: Flask, world: World, who: str) -> None:
    client = browser(app, who)
    assert client.get("/organisations").status_code == 403
    assert client.get("/organisations/new").status_code == 403
