"""Calls on clusters: the same as the pages, for programs."""

import pytest

from tests.support.api import NOW, Program, body
from tests.support.clusters import memory, pass_by
from tests.support.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CLUSTER = {"name": "main", "organisation": "north", "account_prefix": "bk_"}
BINDING = {"cluster": "main", "partition": "a", "gpus_per_node": 8, "nodes": [f"a{number}" for number in range(1, 9)]}
PATH = f"/pools/{World.POOL}/binding"


def test_a_cluster_is_named_bound_and_looked_at(program: Program) -> None:
    made = program.post("/clusters", CLUSTER, who="operator")
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/clusters/main")
    assert program.post("/clusters", CLUSTER, who="operator").status_code == 409
    bound = program.put(PATH, BINDING, who="operator")
    assert (bound.status_code, bound.json["units"]) == (200, 64)
    assert program.get(f"/pools/{World.POOL}").json["policy"]["unit_step"] == 8
    login = {"email": "lead@example.org", "login": "lea"}
    assert program.post("/clusters/main/logins", login, who="operator").json["items"][0]["login"] == "lea"

    shown = program.get("/clusters/main", who="operator").json
    assert shown["pools"] == [bound.json]
    assert program.get("/clusters", who="operator").json["items"] == [shown]
    assert program.get("/clusters/main/drift", who="operator").json == {"items": []}
    assert program.delete(PATH, who="operator").status_code == 200
    assert program.get(PATH, who="operator").status_code == 404


def test_a_bound_pool_is_booked_and_offered_in_whole_nodes(program: Program) -> None:
    program.post("/clusters", CLUSTER, who="operator")
    program.put(PATH, BINDING, who="operator")
    refused = program.post("/bookings", body((World.POOL, 4)))
    assert refused.json["refusals"][0]["code"] == "off_step"
    outage = {"starts_at": "2027-01-01T00:00:00Z", "ends_at": None, "reason": "repair"}
    for units, status in ((-4, 409), (8, 409), (-8, 201)):
        answer = program.post(f"/resources/{World.POOL}/capacity", {**outage, "units": units}, who="operator")
        assert answer.status_code == status, units
    step = program.patch(f"/pools/{World.POOL}", {"policy": {"unit_step": 4}}, who="operator")
    assert (step.status_code, step.json["errors"][0]["field"]) == (422, "policy.unit_step")


@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"nodes": ["a1 flags=maint"]}, 422, "nodes"),
        ({"nodes": []}, 422, "nodes"),
        ({"gpus_per_node": True}, 422, "gpus_per_node"),
        ({"partition": "-p"}, 422, "partition"),
        ({"gpus_per_node": 7}, 409, ""),
        ({"cluster": "elsewhere"}, 404, ""),
        ({"nodes": ["a1"]}, 409, ""),
    ],
)
def test_what_cannot_be_bound_is_named(program: Program, changed, status: int, field: str) -> None:
    program.post("/clusters", CLUSTER, who="operator")
    answer = program.put(PATH, {**BINDING, **changed}, who="operator")
    assert answer.status_code == status
    assert not field or answer.json["errors"][0]["field"] == field


def test_others_clusters_and_bookings_are_not_there(program: Program) -> None:
    program.post("/clusters", CLUSTER, who="operator")
    for who in ("lead", "other_operator"):
        assert program.get("/clusters/main", who=who).status_code == 404
        assert program.get("/clusters", who=who).json == {"items": []}
        assert program.put(PATH, BINDING, who=who).status_code == 403
    booking = program.post("/bookings", body()).json["id"]
    assert program.get(f"/bookings/{booking}/usage", who="rival").status_code == 404
    assert program.get(f"/bookings/{booking}/usage").json == {"booking": booking, "claims": []}


def test_booked_against_used_is_told(program: Program) -> None:
    program.post("/clusters", CLUSTER, who="operator")
    program.put(PATH, BINDING, who="operator")
    booking = program.post("/bookings", body()).json
    with program.app.app_context():
        pass_by(NOW, main=memory())
    (use,) = program.get(f"/bookings/{booking['id']}/usage").json["claims"]
    assert (use["cluster"], use["account"], use["used_unit_seconds"]) == ("main", "bk_team", 0)
    assert use["known_until"] is not None
