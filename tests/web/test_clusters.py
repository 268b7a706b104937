"""Pages of clusters: an operator names one, binds a pool, sets logins, and sees at once when something is wrong."""

import pytest
from flask import Flask

from booking.domain.usage import UsedJob
from booking.services import drift
from tests.support.clusters import bind, memory, pass_by
from tests.support.lives import NOW, at, book
from tests.support.visitors import send
from tests.support.world import World, build_world

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BINDING = {"cluster": "main", "partition": "a", "nodes": "a[1-4]", "gpus_per_node": "8"}


@pytest.fixture
def world(app: Flask, clock) -> World:
    return build_world(app, units=32)


def test_an_operator_binds_a_pool_by_forms(world: World, as_):
    operator = as_("operator")
    made = send(operator, "/operate/clusters/new", {"organisation": "north", "name": "main", "account_prefix": "bk_"})
    assert made.location == "/operate/clusters/main"
    assert send(operator, f"/operate/pools/{World.POOL}/binding", BINDING).status_code == 303
    login = {"email": "lead@example.org", "login": "lea"}
    assert send(operator, "/operate/clusters/main/logins", login).status_code == 303

    page = operator.get("/operate/clusters/main").text
    assert "a[1-4]" in page
    assert "lea" in page
    assert "SLURM_CLUSTERS" in page, "this server does not know how to reach it"
    assert "main" in operator.get("/operate/clusters").text
    assert 'value="a[1-4]"' in operator.get(f"/operate/pools/{World.POOL}/binding").text

    assert send(operator, f"/operate/pools/{World.POOL}/binding/end").status_code == 303
    assert "No pool is bound" in operator.get("/operate/clusters/main").text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"nodes": "a[1-"}, "This is no list of nodes"),
        ({"nodes": "a1; reboot"}, "This is no list of nodes"),
        ({"partition": "a b"}, "Such a name is made of letters"),
        ({"gpus_per_node": "7"}, "not made of whole nodes of 7"),
        ({"nodes": "a1"}, "and its nodes have 8"),
        ({"cluster": "other"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_bound_stays_as_it_was_typed(app: Flask, world: World, as_, changed, said):
    with app.app_context():
        bind(world)
    answer = send(as_("operator"), f"/operate/pools/{World.POOL}/binding", {**BINDING, **changed})
    assert answer.status_code == 422
    assert said in answer.text


def test_clusters_are_none_of_anybody_elses_business(app: Flask, world: World, as_):
    with app.app_context():
        bind(world)
    assert as_("lead").get("/operate/clusters").status_code == 403
    other = as_("other_operator")
    assert "No cluster yet" in other.get("/operate/clusters").text
    assert other.get("/operate/clusters/main").status_code == 404
    assert send(other, f"/operate/pools/{World.POOL}/binding", BINDING).status_code == 403


def test_a_silent_cluster_is_seen_at_once(app: Flask, world: World, as_):
    main = memory()
    main.down = True
    with app.app_context():
        bind(world)
        drift.reconcile(NOW, reachable={"main": main})
    operator = as_("operator")
    assert "has not answered since" in operator.get("/jobs").text
    assert "not set up on this server" in operator.get("/operate/clusters").text
    metrics = app.test_client().get("/metrics").text
    assert 'booking_cluster_up{cluster="main"} 0.0' in metrics
    assert 'booking_cluster_waiting{cluster="main"} 3.0' in metrics


def test_a_team_sees_where_and_how_much_it_uses(app: Flask, world: World, as_, clock):
    main = memory()
    with app.app_context():
        bind(world)
        booking = book(world, 0, 2, 16)
        pass_by(NOW, main=main)
    clock.move_to(at(0.5))
    page = as_("member").get(f"/bookings/{booking.id}").text
    assert f"sbatch --reservation=bk-{booking.id} --account=bk_team" in page
    assert "a1, a2" in page
    assert "0 GPU-hours" in page

    # The page asks for this part again while the booking runs, and no longer.
    main.jobs = [UsedJob("1", "bk_team", "mem", f"bk-{booking.id}", 16, NOW, 1800, None, ("a1", "a2"))]
    with app.app_context():
        pass_by(at(0.5), main=main)
    page = as_("member").get(f"/bookings/{booking.id}", headers={"HX-Request": "true"}).text
    assert f'id="use" hx-get="/bookings/{booking.id}" hx-trigger="every 30s"' in page
    assert "8 GPU-hours" in page[page.index('id="use"') :]
    assert "1 running" in page
    with app.app_context():
        pass_by(at(2), main=main)
    assert "every 30s" not in as_("member").get(f"/bookings/{booking.id}").text
