"""The bar that leads through the site, and what every page stands in."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.visitors import enter, person


def parts(page: str) -> set[str]:
    bar = page[page.index("site-parts") : page.index("site-person")]
    return set(re.findall(r'class="nav-link"[^>]*>([^<]+)<', bar))


def test_a_visitor_sees_what_visitors_can_use(client: FlaskClient):
    assert parts(client.get("/sign-in").text) <= {"Catalogue", "Docking board", "Cases", "Regions", "Utilisation"}


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        ({}, set(), {"Approvals", "Operate", "Grants", "Jobs and outbox", "People"}),
        ({"role": "administrator"}, {"People"}, set()),
        ({"role": "reviewer"}, set(), {"Approvals", "Operate", "Grants", "Jobs and outbox", "People"}),
    ],
)
def test_a_person_sees_what_their_roles_can_use(app: Flask, client: FlaskClient, role: dict, shown: set, hidden: set):
    person(app, **role)
    enter(client, "ana@example.org")
    seen = parts(client.get("/account").text)
    assert shown <= seen
    assert not hidden & seen


def test_the_parts_stand_in_groups_that_are_named(app: Flask, client: FlaskClient):
    person(app, role="administrator")
    enter(client, "ana@example.org")
    bar = client.get("/account").text
    groups = ["For everybody", "For your teams", "Operation and settlement", "Administration"]
    assert re.findall(r'class="site-group-name"[^>]*>([^<]+)<', bar) == groups
    visitor = app.test_client().get("/sign-in").text
    assert re.findall(r'class="site-group-name"[^>]*>([^<]+)<', visitor) == groups[:1]


def test_every_page_can_be_read_by_ear_and_keyboard(client: FlaskClient):
    page = client.get("/sign-in").text
    assert '<html lang="en">' in page
    assert '<a class="skip-link" href="#main">' in page
    assert 'id="main"' in page
    assert page.count("<h1") == 1
    assert page.count("<main") == 1


def test_no_page_has_a_script_or_a_style_of_its_own(app: Flask, client: FlaskClient):
    person(app)
    enter(client, "ana@example.org")
    for address in ("/account", "/account/password", "/register", "/nothing"):
        page = client.get(address).text
        assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", page), address
