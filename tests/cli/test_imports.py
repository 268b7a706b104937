"""Node lists become pools and descriptions become datasets, as often as one likes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.domain.orders import Claim, Order
from booking.domain.windows import Window
from booking.models.capacity import CapacityChange, Displacement
from booking.models.facilities import Facility
from booking.models.resources import Resource
from booking.models.users import User
from booking.queries import capacity
from booking.services.bookings import request_booking
from tests.support.commands import DATA, run
from tests.support.world import World, build_world

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
TEN_YEARS = timedelta(days=3650)
HEADER = "sn,cpu_milli,memory_mib,gpu,model\n"


def nodes(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "nodes.csv"
    file.write_text(HEADER + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def offers(app: Flask) -> dict[str, list[tuple[datetime, int]]]:
    """What each pool offers, by slug."""
    with app.app_context(), db.engine.connect() as connection:
        rows = connection.execute(
            select(Resource.id, Resource.slug, Resource.offer_version, Resource.seats, Resource.policy)
            .where(Resource.kind == "pool")
            .order_by(Resource.slug)
        ).all()
        found = capacity.offers(connection, rows)
        return {row.slug: list(found[row.id].steps.changes) for row in rows}


def rows_of(app: Flask, model: type[Any]) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(select(model).order_by(model.id)))


@time_machine.travel(NOON, tick=False)
def test_a_node_list_becomes_pools_by_model_of_the_facility_imported(app: Flask) -> None:
    done = run(app, "import", "nodes", DATA / "nodes.csv")
    assert offers(app) == {
        "imported-a10": [(MIDNIGHT, 16), (MIDNIGHT + TEN_YEARS, 0)],
        "imported-t4": [(MIDNIGHT, 2), (MIDNIGHT + TEN_YEARS, 0)],
        "imported-v100-m32": [(MIDNIGHT, 4), (MIDNIGHT + TEN_YEARS, 0)],
    }
    (facility,) = rows_of(app, Facility)
    assert facility.slug == "imported"
    pools = {row.slug: row for row in rows_of(app, Resource)}
    assert pools["imported-v100-m32"].gpu_model == "V100 M32"
    assert all(row.policy == {"max_minutes": None, "horizon_days": 3650} for row in pools.values())
    assert all(row.state == "published" and row.facility_id == facility.id for row in pools.values())
    assert "imported-a10: 16 GPUs, 2 nodes (new)" in done.stdout


@time_machine.travel(NOON, tick=False)
def test_the_same_list_again_changes_nothing(app: Flask) -> None:
    run(app, "import", "nodes", DATA / "nodes.csv")
    before = [row.id for row in rows_of(app, CapacityChange)]
    done = run(app, "import", "nodes", DATA / "nodes.csv")
    assert [row.id for row in rows_of(app, CapacityChange)] == before
    assert done.stdout.count("unchanged") == 3
    assert len(rows_of(app, Facility)) == 1


def test_another_list_adjusts_the_offer_to_its_totals(app: Flask, tmp_path: Path) -> None:
    with time_machine.travel(NOON, tick=False):
        run(app, "import", "nodes", nodes(tmp_path, "a,1,1,8,A10", "b,1,1,2,T4", "c,1,1,4,G2"))
    later = NOON + timedelta(days=1)
    with time_machine.travel(later, tick=False):
        run(app, "import", "nodes", nodes(tmp_path, "a,1,1,8,A10", "b,1,1,8,A10", "c,1,1,1,G2", "d,1,1,6,H800"))
        run(app, "import", "nodes", nodes(tmp_path, "a,1,1,8,A10", "b,1,1,8,A10", "c,1,1,1,G2", "d,1,1,6,H800"))
    today, end = MIDNIGHT + timedelta(days=1), MIDNIGHT + timedelta(days=1) + TEN_YEARS
    assert offers(app) == {
        "imported-a10": [(MIDNIGHT, 8), (today, 16), (end, 0)],
        "imported-g2": [(MIDNIGHT, 4), (today, 1), (end, 0)],
        "imported-h800": [(today, 6), (end, 0)],
        "imported-t4": [(MIDNIGHT, 2), (today, 0)],
    }


@time_machine.travel(NOON, tick=False)
def test_fewer_gpus_than_are_booked_displace_bookings_openly(app: Flask, tmp_path: Path) -> None:
    run(app, "import", "nodes", nodes(tmp_path, "a,1,1,8,A10"))
    world = build_world(app)
    (pool,) = [row for row in rows_of(app, Resource) if row.slug == "imported-a10"]
    for start in (3, 5):
        window = Window(NOON + timedelta(hours=start), NOON + timedelta(hours=start + 2))
        with app.app_context():
            request_booking(Order(world.team, window, (Claim(pool.id, start),)), actor=world.member, now=NOON)
    run(app, "import", "nodes", nodes(tmp_path, "a,1,1,4,A10"))
    assert [(row.booking_id, row.resource_id, row.resolved_at) for row in rows_of(app, Displacement)] == [
        (2, pool.id, None)
    ]
    assert "BREACH" not in run(app, "fsck").stdout


@time_machine.travel(NOON, tick=False)
def test_a_list_can_be_of_a_facility_that_is_there_and_leaves_its_other_pools_alone(app: Flask, tmp_path: Path) -> None:
    build_world(app)
    run(app, "import", "nodes", nodes(tmp_path, "a,1,1,8,A10"), "--facility", World.FACILITY)
    run(app, "import", "nodes", nodes(tmp_path, "a,1,1,2,T4"), "--facility", World.FACILITY)
    found = offers(app)
    assert found["north-centre-t4"] == [(MIDNIGHT, 2), (MIDNIGHT + TEN_YEARS, 0)]
    assert found["north-centre-a10"] == []
    assert found["north-a100"][0][1] == 64
    (facility,) = [row for row in rows_of(app, Facility) if row.slug == World.FACILITY]
    assert {row.organisation_id for row in rows_of(app, Resource) if row.facility_id == facility.id} == {1}


def test_a_facility_that_nobody_has_is_named(app: Flask) -> None:
    done = run(app, "import", "nodes", DATA / "nodes.csv", "--facility", "nowhere", status=1)
    assert "'nowhere'" in done.stderr
    assert rows_of(app, Resource) == []


@pytest.mark.parametrize("facility", [[], ["--facility", World.FACILITY]])
def test_a_dry_run_says_what_would_be_done_and_does_nothing(app: Flask, facility: list[str]) -> None:
    build_world(app)
    before = {model: len(rows_of(app, model)) for model in (Facility, Resource, CapacityChange, User)}
    done = run(app, "import", "nodes", DATA / "nodes.csv", *facility, "--dry-run")
    assert "-a10: 16 GPUs, 2 nodes (new)" in done.stdout
    assert "nothing was done" in done.stdout
    assert {model: len(rows_of(app, model)) for model in before} == before


def test_bad_lines_are_named_on_stderr_and_the_good_ones_go_in(app: Flask, tmp_path: Path) -> None:
    file = nodes(tmp_path, "a,1,1,8,A10", "b,1,1,-3,A10", "c,1,1", "d,1,1,1.5,T4", "e,1,1,4,A10", "a,1,1,8,A10")
    done = run(app, "import", "nodes", file, status=1)
    assert [line.removeprefix(f"{file}: ").split(":")[0] for line in done.stderr.splitlines()] == [
        "line 3",
        "line 4",
        "line 5",
        "line 7",
    ]
    assert {slug: steps[0][1] for slug, steps in offers(app).items()} == {"imported-a10": 12}


def test_a_pool_whose_slug_is_taken_is_named_and_the_others_go_in(app: Flask, tmp_path: Path) -> None:
    world = build_world(app)
    with app.app_context():
        usual = {"kind": "dataset", "name": "x", "state": "published", "access": "open", "created_at": NOON}
        db.session.add(Resource(slug="imported-t4", organisation_id=world.north, **usual))
        db.session.commit()
    done = run(app, "import", "nodes", DATA / "nodes.csv", status=1)
    assert "imported-t4: There is a resource" in done.stderr
    assert {"imported-a10", "imported-v100-m32"} < offers(app).keys()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"sn,gpu\na,1\n", "model"),
        (HEADER.encode(), "lists no GPUs; nothing was changed"),
        (HEADER.encode() + b"a,1,1,0,T4\n", "lists no GPUs; nothing was changed"),
        (HEADER.encode() + b"a,1,1,x,T4\n", "line 2: gpu is 'x'"),
        (HEADER.encode("utf-16"), "line 1"),
    ],
)
def test_a_list_of_which_nothing_can_be_used_changes_nothing(
    app: Flask, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    done = run(app, "import", "nodes", file, status=1)
    assert f"{file}: " in done.stderr
    assert said in done.stderr
    assert rows_of(app, Facility) == rows_of(app, User) == []


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_opened_is_named(app: Flask, tmp_path: Path, name: str) -> None:
    done = run(app, "import", "nodes", tmp_path / name, status=1)
    assert f"{tmp_path / name}: " in done.stderr


def test_a_description_becomes_a_dataset_open_to_all(app: Flask) -> None:
    done = run(app, "import", "croissant", DATA / "croissant.json")
    (row,) = rows_of(app, Resource)
    assert (row.kind, row.slug, row.name, row.state) == ("dataset", "city-radar", "City Radar", "published")
    assert (row.access, row.seats, row.licence, row.source_version) == ("open", None, "CC-BY-4.0", "1.0.0")
    assert row.source_url == "https://data.example.org/city-radar"
    assert row.croissant == json.loads((DATA / "croissant.json").read_text())
    assert "City Radar → city-radar (new)" in done.stdout


def written(folder: Path, file_name: str, **fields: Any) -> Path:
    file = folder / file_name
    file.write_text(json.dumps({"@type": "sc:Dataset", **fields}, ensure_ascii=False), encoding="utf-8")
    return file


def test_the_same_address_again_updates_whatever_the_name(app: Flask, tmp_path: Path) -> None:
    address = "https://data.example.org/x"
    run(app, "import", "croissant", written(tmp_path, "a.json", name="X", url=address, version="1"))
    done = run(app, "import", "croissant", written(tmp_path, "b.json", name="X two", url=address, version="2"))
    (row,) = rows_of(app, Resource)
    assert (row.slug, row.name, row.source_version, row.offer_version) == ("x", "X two", "2", 2)
    assert row.croissant["name"] == "X two"
    assert "(updated)" in done.stdout


def test_without_an_address_the_same_name_and_version_update(app: Flask, tmp_path: Path) -> None:
    first = written(tmp_path, "a.json", name="X", version="1", description="old")
    again = written(tmp_path, "b.json", name="X", version="1", description="new")
    other = written(tmp_path, "c.json", name="X", version="2")
    unversioned = written(tmp_path, "d.json", name="X")
    run(app, "import", "croissant", first, again, other, unversioned, unversioned)
    assert [(row.slug, row.source_version, row.description) for row in rows_of(app, Resource)] == [
        ("x", "1", "new"),
        ("x-2", "2", ""),
        ("x-3", None, ""),
    ]


def test_another_dataset_of_the_same_name_gets_a_slug_of_its_own(app: Flask, tmp_path: Path) -> None:
    files = [written(tmp_path, f"{n}.json", name="X", url=f"https://data.example.org/{n}") for n in range(3)]
    run(app, "import", "croissant", *files)
    run(app, "import", "croissant", *reversed(files))
    assert [(row.slug, row.source_url[-1]) for row in rows_of(app, Resource)] == [
        ("x", "0"),
        ("x-2", "1"),
        ("x-3", "2"),
    ]


def test_what_stewards_have_set_survives_an_update(app: Flask) -> None:
    run(app, "import", "croissant", DATA / "croissant.json")
    with app.app_context():
        row = db.session.scalars(select(Resource)).one()
        row.seats, row.access, row.policy = 3, "gateway", {"max_units": 1}
        db.session.commit()
    run(app, "import", "croissant", DATA / "croissant.json")
    (row,) = rows_of(app, Resource)
    assert (row.seats, row.access, row.policy) == (3, "gateway", {"max_units": 1})


def test_bad_descriptions_are_named_and_the_others_go_in(app: Flask, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"name": "x",\n')
    nameless = written(tmp_path, "nameless.json", description="nobody knows")
    missing = tmp_path / "missing.json"
    done = run(app, "import", "croissant", broken, DATA / "croissant.json", nameless, missing, status=1)
    assert f"{broken}: Line 2 is not JSON" in done.stderr
    assert f"{nameless}: name: This cannot be blank." in done.stderr
    assert f"{missing}: No such file" in done.stderr
    assert [row.slug for row in rows_of(app, Resource)] == ["city-radar"]


def test_a_dry_run_of_descriptions_says_what_they_would_become(app: Flask, tmp_path: Path) -> None:
    run(app, "import", "croissant", DATA / "croissant.json")
    other = written(tmp_path, "b.json", name="City Radar", url="https://data.example.org/other")
    done = run(app, "import", "croissant", DATA / "croissant.json", other, "--dry-run")
    assert "→ city-radar (would be updated)" in done.stdout
    assert "→ city-radar-2 (would be new)" in done.stdout
    assert len(rows_of(app, Resource)) == 1


def test_nothing_that_a_description_names_is_opened(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("an address was looked up")

    if app.config["DATABASE_URL"].startswith("sqlite"):
        monkeypatch.setattr("socket.socket.connect", nobody)
    monkeypatch.setattr("socket.getaddrinfo", nobody)
    secret = tmp_path / "secret"
    secret.write_text("never read")
    file = written(
        tmp_path, "a.json", name="X", url="https://127.0.0.1:9/x", distribution=[{"contentUrl": f"file://{secret}"}]
    )
    run(app, "import", "croissant", file)
    assert len(rows_of(app, Resource)) == 1
