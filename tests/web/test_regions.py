"""The pages of regions: what each offers, how it is used, and what came of it, at the price of a few questions."""

from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from booking.db import transaction
from booking.models.facilities import Facility
from booking.models.resources import Resource
from booking.services.outcomes import review_outcome
from tests.support.lives import NOW
from tests.support.outcomes import submitted
from tests.support.pages import text_of
from tests.support.statements import counted_statements
from tests.support.world import World


def test_a_region_shows_supply_use_lists_and_cases_and_nothing_of_another(
    app: Flask, client: FlaskClient, world: World, clock: time_machine.Traveller
) -> None:
    with app.app_context():
        review_outcome(submitted(world, NOW), "publish", actor=world.people["reviewer"], now=NOW)
    page = text_of(client.get("/regions").text)
    assert "Beijing" in page
    assert "Guangdong" in page
    shown = client.get("/regions/beijing").text
    for address in ("/facilities/north-centre", "/pools/north-a100", "/datasets/north-radar", "/scenarios/traffic",
                    "/outcomes/1"):  # fmt: skip
        assert f'href="{address}"' in shown, address
    assert "16 GPU-hours" in text_of(shown)
    assert "north-a100" not in client.get("/regions/guangdong").text
    assert client.get("/regions/nowhere").status_code == 404

    answer = client.get("/api/v1/regions/beijing").json
    assert (answer["facilities"], answer["scenarios"]) == (["north-centre"], ["traffic"])
    (pool,) = answer["pools"]
    assert (pool["id"], pool["offered"], pool["free"]) == ("north-a100", 64, 64)
    assert [one["booked"] for one in answer["utilisation"]] == [57_600]
    assert [one["title"] for one in answer["cases"]] == ["Lights that see"]
    assert [one["id"] for one in client.get("/api/v1/regions").json["items"]] == ["beijing", "guangdong"]
    assert client.get("/api/v1/regions/nowhere").status_code == 404


def test_a_page_of_a_region_asks_as_many_questions_whatever_there_is(
    app: Flask, client: FlaskClient, world: World, clock: time_machine.Traveller
) -> None:
    def asked() -> int:
        clock.shift(timedelta(minutes=15))  # what was free is no longer remembered
        with counted_statements(app) as statements:
            assert client.get("/regions/beijing").status_code == 200
        return len(statements)

    before = asked()
    with app.app_context(), transaction() as session:
        for number in range(5):
            place = Facility(name=f"Place {number}", slug=f"place-{number}", organisation_id=world.north,
                             region="Beijing", timezone="Asia/Shanghai", created_at=NOW)  # fmt: skip
            session.add(place)
            session.flush()
            session.add(Resource(kind="pool", name=f"Pool {number}", slug=f"pool-{number}", state="published",
                                 organisation_id=world.north, facility_id=place.id, gpu_model="A100",
                                 created_at=NOW))  # fmt: skip
    assert asked() == before


def test_the_slug_of_a_region_may_be_in_any_script(app: Flask, client: FlaskClient, world: World) -> None:
    with app.app_context(), transaction() as session:
        session.add(Facility(name="浦东", slug="pudong", organisation_id=world.north, region="上海<b>", timezone="UTC",
                             created_at=NOW))  # fmt: skip
    shown = client.get("/regions/上海-b")
    assert shown.status_code == 200
    assert "上海<b>" not in shown.text
