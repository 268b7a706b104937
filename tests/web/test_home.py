"""The first page: for visitors, and for who is signed in."""

import re
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.domain.terms import NewTerms
from booking.services.terms import publish_terms
from tests.support import lives
from tests.support.pages import said_of, text_of, value_of
from tests.support.statements import counted_statements
from tests.support.visitors import enter
from tests.support.world import World, build_world

pytestmark = pytest.mark.usefixtures("clock")

WISH = "units=8&hours=4&gpu_model=&dataset=&earliest=2026-03-02T16:00&latest=2026-03-09T16:00&zone=Asia/Shanghai"


@pytest.fixture
def world(app: Flask, client: FlaskClient) -> World:
    """A world in which the client is the team's lead."""
    world = build_world(app)
    enter(client, "lead@example.org")
    return world


def test_a_visitor_reads_what_this_is_and_finds_the_catalogue(app: Flask, client: FlaskClient):
    build_world(app)
    page = client.get("/").text
    assert "Approved teams book them" in page
    assert 'href="/catalogue"' in page


def test_a_team_sees_its_next_bookings(app: Flask, client: FlaskClient, world: World):
    with app.app_context():
        lives.book(world, 24, 26, 8)
    page = text_of(client.get("/").text)
    assert "3 Mar 2026 16:00 – 18:00 (Asia/Shanghai) confirmed 8 GPUs of NORTH-A100" in page


def test_an_owner_reads_how_much_waits_for_an_answer(app: Flask):
    world = build_world(app, policy={"auto_approve_unit_hours": 0})
    with app.app_context():
        lives.book(world, 24, 26, 8)
    owner = app.test_client()
    enter(owner, "operator@example.org")
    assert "1 booking waits for your answer." in owner.get("/").text


def test_a_search_finds_the_first_window_of_each_pool_and_one_click_fills_the_form(
    app: Flask, client: FlaskClient, world: World
):
    with app.app_context():
        lives.book(world, 0, 5, 60)
    page = client.get(f"/?{WISH}").text
    text = text_of(page)
    assert "2 Mar 2026 16:00 – 20:00 (Asia/Shanghai) 4 hours SOUTH-H100" in text
    assert "2 Mar 2026 21:00 – 3 Mar 2026 01:00 (Asia/Shanghai) 4 hours NORTH-A100" in text
    link = re.search(r'href="(/bookings/new\?[^"]*north-a100[^"]*)"', page)
    assert link
    form = client.get(link[1].replace("&amp;", "&")).text
    assert value_of(form, "starts_at") == "2026-03-02T21:00"
    assert value_of(form, "claims-0-units") == "8"
    assert '<option selected value="team">' in form


def test_the_only_team_is_looked_for_unless_one_says_for_nobody(app: Flask, client: FlaskClient):
    build_world(app, policy={"auto_approve_unit_hours": 16}, pool_hours=20)
    enter(client, "lead@example.org")
    assert '<option selected value="team">' in client.get("/").text
    assert "No pool has room for this" in client.get(f"/?{WISH}").text
    page = text_of(client.get(f"/?{WISH}&team=").text)
    assert "waits for approval by 北方研究院" in page
    page = text_of(client.get(f"/?{WISH.replace('hours=4', 'hours=1&longest=9')}").text)
    assert "16:00 – 18:00 (Asia/Shanghai) 2 hours NORTH-A100" in page
    assert "confirmed at once" in page


def test_more_can_be_said_of_where_and_what(client: FlaskClient, world: World):
    def found(**more: str) -> list[str]:
        page = client.get("/", query_string=f"{WISH}&{urlencode(more)}").text
        return re.findall(r'href="/pools/([^"]*)"', page)

    both = [World.POOL, World.OTHER_POOL]
    assert found() == both
    assert found(regions="Guangdong") == [World.OTHER_POOL]
    assert found(regions_denied="Guangdong") == [World.POOL]
    assert found(facility=World.FACILITY) == [World.POOL]
    assert found(memory_gib="81") == []
    liked = WISH.replace("gpu_model=", "gpu_model=H100")
    page = client.get(f"/?{liked}&second_model=A100").text
    assert re.findall(r'href="/pools/([^"]*)"', page) == both[::-1]
    assert '<details class="mb-3" open>' in page


def test_a_seat_that_is_held_is_said_beside_the_offer(app: Flask, client: FlaskClient, world: World):
    with app.app_context():
        lives.book(world, 0, 5, 1, seats=1)
    page = text_of(client.get(f"/?{WISH.replace('dataset=', 'dataset=north-radar')}").text)
    assert "Your team holds a seat of Radar pictures throughout already." in page


def test_a_seat_of_a_dataset_is_found_with_it_and_priced_apart(app: Flask, client: FlaskClient, world: World):
    page = text_of(client.get(f"/?{WISH.replace('dataset=', 'dataset=north-radar')}").text)
    assert "32 GPU-hours, 4 access-hours" in page
    with app.app_context():
        publish_terms(World.DATASET, NewTerms("Cite us."), actor=world.steward, now=lives.NOW)
    page = client.get(f"/?{WISH.replace('dataset=', 'dataset=north-radar')}").text
    assert "First: Accept version 1 of the terms of north-radar first" in text_of(page)


def test_a_search_without_a_match_says_what_to_do(client: FlaskClient, world: World):
    assert "Take fewer GPUs" in client.get(f"/?{WISH.replace('units=8', 'units=800')}").text


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("units=8", "units=1.5", "units"),
        ("units=8", f"units={'9' * 400}", "units"),
        ("hours=4", "hours=NaN", "hours"),
        ("hours=4", "hours=9999999999", "hours"),
        ("hours=4", "hours=4&longest=3", "longest"),
        ("hours=4", "hours=4&longest=NaN", "longest"),
        ("hours=4", "hours=4&team=rival-team", "team"),
        ("hours=4", "hours=4&regions=Mars", "regions"),
        ("hours=4", "hours=4&memory_gib=0", "memory_gib"),
        ("earliest=2026-03-02T16:00", "earliest=0001-01-01T00:00", "earliest"),
        ("latest=2026-03-09T16:00", "latest=9999-12-31T23:59", "latest"),
        ("latest=2026-03-09T16:00", "latest=2026-03-02T16:00", "latest"),
        ("zone=Asia/Shanghai", "zone=Mars", "zone"),
        ("dataset=", "dataset=nothing", "dataset"),
    ],
)
def test_a_wish_that_cannot_be_meant_is_said_beside_its_field(
    client: FlaskClient, world: World, old: str, new: str, field: str
):
    answer = client.get(f"/?{WISH.replace(old, new)}")
    assert answer.status_code == 422
    assert said_of(answer.text, field)


def test_its_number_of_questions_is_fixed(app: Flask, client: FlaskClient, world: World):
    client.get(f"/?{WISH}")
    with counted_statements(app) as few:
        client.get(f"/?{WISH}")
    with app.app_context():
        for hour in range(8):
            lives.book(world, hour, hour + 1, 4)
    client.get(f"/?{WISH}")  # what has changed is read anew once
    with counted_statements(app) as many:
        client.get(f"/?{WISH}")
    # With bookings the names of their teams and of what they claim are asked for.
    assert len(many) - len(few) <= 2
