"""The pages of the docking board: from a refusal by one click to a booking, offers, and what each reader sees."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from booking.domain.docking import DemandState
from booking.domain.lifecycle import State
from tests.support import docking, waiting
from tests.support.filling import fields_of, fill
from tests.support.lives import NOW, found
from tests.support.pages import buttons_of, said_of, text_of
from tests.support.statements import counted_statements
from tests.support.visitors import send, signed_in
from tests.support.world import World, build_world

As = Callable[[str], FlaskClient]
ORDER = {
    "claims-0-resource": "north-a100", "claims-0-units": "8", "zone": "Asia/Shanghai", "starts_at": "2026-03-03T16:00",
    "hours": "2", "purpose": "Train the crossing model", "check": "1",
}  # fmt: skip


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


@pytest.fixture
def as_(app: Flask, world: World) -> As:
    clients: dict[str, FlaskClient] = {}

    def sign_in(name: str) -> FlaskClient:
        if name not in clients:
            clients[name] = signed_in(app, f"{name}@example.org") if name else app.test_client()
        return clients[name]

    return sign_in


def test_one_click_on_a_refusal_looks_for_it_and_an_operator_proposes_it(app: Flask, world: World, as_: As) -> None:
    with app.app_context():
        taken = waiting.take(world, units=60, rival=True)
    refused = fill(as_("lead"), "/bookings/new", **ORDER)
    assert "Look for it on the docking board" in buttons_of(refused.text)
    values = fields_of(refused.text.partition('action="/docking/demands/new"')[2].join(("<main>", "</main>")))
    made = as_("lead").post("/docking/demands/new", data=values)
    assert (made.status_code, made.headers["Location"]) == (303, "/docking/demands/1")
    page = text_of(as_("member").get("/docking/demands/1").text)
    assert "8 GPUs, A100 · 2 hours" in page
    assert "Nothing that is free or offered serves it." in page

    assert "Demand 1" in text_of(as_("operator").get("/docking").text)
    typed = {"units": "4", "reason": "Half of it, at once"}
    proposed = fill(as_("operator"), "/docking/demands/1/propose", **typed)
    assert proposed.headers["Location"] == "/bookings/2", text_of(proposed.text)
    assert "It is held until" in text_of(as_("lead").get("/docking/demands/1").text)
    again = fill(as_("operator"), "/docking/demands/1/propose", units="4")
    assert again.status_code == 422
    assert "A proposal is held for this demand already: booking 2." in text_of(again.text)
    assert send(as_("lead"), "/docking/demands/1/withdraw").status_code == 409

    assert "Demand 1" in text_of(as_("lead").get("/bookings/2").text)
    assert send(as_("lead"), "/bookings/2/accept").status_code == 303
    with app.app_context():
        assert (docking.found(1).state, found(2).state) == (DemandState.FULFILLED, State.CONFIRMED)
        assert found(taken.id).state is State.CONFIRMED


def test_a_demand_says_why_each_supply_serves_it_and_leads_to_it(app: Flask, world: World, as_: As) -> None:
    with app.app_context():
        demand = docking.demand(world, gpu_models=("A100", "H100"), regions=("Beijing",))
        docking.offer(world, team_id=world.team)
    own = as_("lead").get(f"/docking/demands/{demand.id}").text
    for words in ("A100 is choice 1 of 2. 40 of 40", "It can begin at the earliest start.", "8 of 8 units.",
                  "It lies in Beijing, choice 1 of 1.", "An operator offers it to exactly this team."):  # fmt: skip
        assert words in text_of(own)
    assert "/bookings/new?team=team&amp;resource=north-a100&amp;units=8" in own
    propose = as_("operator").get(f"/docking/demands/{demand.id}").text
    assert f"/docking/demands/{demand.id}/propose?resource=north-a100" in propose
    assert as_("rival").get(f"/docking/demands/{demand.id}").status_code == 404
    assert as_("other_operator").get(f"/docking/demands/{demand.id}/propose").status_code == 200
    assert as_("steward").get(f"/docking/demands/{demand.id}/propose").status_code == 403


def test_everybody_sees_sums_and_what_is_offered_to_everybody_and_no_team(app: Flask, world: World, as_: As) -> None:
    with app.app_context():
        docking.demand(world, 72)
        docking.offer(world, team_id=world.team, note="Just for you")
        docking.offer(world, 24, note="For all of you")
    for who in ("", "rival"):
        page = text_of(as_(who).get("/docking").text)
        assert "2 Mar 2026 A100 1 144 GPU-hours 72 GPUs 0 0 1" in page
        assert "For all of you" in page
        assert not {word for word in ("Just for you", "Demand 1", "training") if word in page}
    operator = as_("operator").get("/docking").text
    assert "Demand 1 Team" in text_of(operator)
    link = "/operate/resources/north-a100/capacity/new?units=72&ends_at=2026-03-08T16:00:00Z"
    assert link in operator.replace("&amp;", "&").replace("%3A", ":")
    begins = fields_of(as_("operator").get(link).text)
    assert (begins["units"], begins["ends_at"]) == ("72", "2026-03-09T00:00")
    table = as_("").get("/exports/docking-demand.csv").text
    assert table.splitlines()[1] == "2026-03-02,A100,1,518400,72,0,0,1"


def test_the_board_asks_as_often_for_many_demands_as_for_one(app: Flask, world: World, as_: As) -> None:
    asked = []
    for number in (1, 5):
        with app.app_context():
            for units in range(number):
                docking.demand(world, 10 * number + units, dataset_id=world.dataset if number > 1 else None)
        as_("operator").get("/docking")
        with counted_statements(app) as statements:
            assert "Best for all together" in as_("operator").get("/docking").text
        asked.append(len(statements))
    assert asked[0] == asked[1] <= 25, asked


def test_what_is_waited_for_is_put_on_the_board_once(app: Flask, world: World, as_: As) -> None:
    with app.app_context():
        waiting.take(world, units=64)
        entry = waiting.join(world)
    assert "Look for it on the docking board too" in buttons_of(as_("lead").get(f"/waitlist/{entry.id}").text)
    for _ in range(2):
        made = send(as_("lead"), f"/docking/demands/of-entry/{entry.id}")
        assert made.headers["Location"] == "/docking/demands/1"
    assert send(as_("rival"), f"/docking/demands/of-entry/{entry.id}").status_code == 404
    withdrawn = send(as_("lead"), "/docking/demands/1/withdraw", follow_redirects=True)
    assert "Your team looks for this no longer." in text_of(withdrawn.text)


def test_an_operator_offers_and_takes_back(app: Flask, world: World, as_: As) -> None:
    typed = {"resource": "north-a100", "units": "16", "team": "team", "note": "Quiet days"}
    assert fill(as_("operator"), "/docking/offers/new", **typed).status_code == 303
    board = as_("lead").get("/docking").text
    assert "for Team alone" in text_of(board)
    assert "Take the offer back" not in buttons_of(board)
    assert "Take the offer back" in buttons_of(as_("operator").get("/docking").text)
    assert send(as_("lead"), "/docking/offers/1/withdraw").status_code == 403
    assert send(as_("operator"), "/docking/offers/1/withdraw").status_code == 303
    assert "for Team alone" not in text_of(as_("lead").get("/docking").text)
    wrong = fill(as_("operator"), "/docking/offers/new", **typed, region="Beijing")
    assert wrong.status_code == 422
    assert said_of(wrong.text, "team") == "Offer it to one team, or to a region or kind of organisation, not to both."
    assert as_("lead").get("/docking/offers/new").status_code == 403


def test_what_cannot_be_looked_for_is_said_beside_its_field_and_kept(world: World, as_: As) -> None:
    usual = {"units": "8", "hours": "2", "gpu_models": "A100，H100", "note": "x"}
    assert as_("stranger").get("/docking/demands/new").status_code == 200
    for typed, field in (
        ({"gpu_models": ""}, "gpu_models"), ({"gpu_models": "A, B, C, D, E"}, "gpu_models"), ({"hours": "no"}, "hours"),
        ({"units": "0"}, "units"), ({"latest": "2026-03-01T10:00"}, "latest"), ({"note": ""}, "note"),
        ({"memory_gib": "-1"}, "memory_gib"), ({"regions": "x" * 81}, "regions"),
    ):  # fmt: skip
        answer = fill(as_("lead"), "/docking/demands/new", **{**usual, **typed})
        assert (answer.status_code, bool(said_of(answer.text, field))) == (422, True), field
    assert fill(as_("lead"), "/docking/demands/new", **usual).headers["Location"] == "/docking/demands/1"
    same = fill(as_("lead"), "/docking/demands/new", **usual)
    assert "Your team looks for exactly this already." in text_of(same.text)
