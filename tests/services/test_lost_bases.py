"""No booking of a dataset outlives its permit, its terms or the dataset, and fsck names what does."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from booking.db import db, transaction
from booking.domain.errors import Forbidden, IllegalMove
from booking.domain.gateway import Pass
from booking.domain.jobs import JobResult
from booking.domain.ranges import Part
from booking.domain.refusals import Refused
from booking.domain.terms import NewTerms
from booking.models.resources import Resource
from booking.queries.bookings import find_booking
from booking.services import booking_moves, gateway, lost_bases, permits, resources, terms
from tests.services.test_fsck import as_kept, breaches
from tests.support.gateway import NAME, Gate, book_seat, build_gate
from tests.support.gateway import settings as gate_settings
from tests.support.lives import NOW, at, check, totals
from tests.support.world import World

APPROVAL = {"auto_approve_unit_hours": 0}


@pytest.fixture
def app_settings(tmp_path: Path) -> dict[str, Any]:
    return dict(gate_settings(tmp_path / "files"))


@pytest.fixture
def gate(app: Flask, tmp_path: Path) -> Iterator[Gate]:
    with app.app_context():
        yield build_gate(app, tmp_path / "files", now=NOW)
        db.session.remove()


def now_is(gate: Gate, booking: int = 0) -> Any:
    with db.engine.connect() as connection:
        return find_booking(connection, booking or gate.booking)


def test_a_withdrawn_permit_ends_what_rests_on_it_at_the_price_of_what_was_served(gate: Gate) -> None:
    later = book_seat(gate.world, NOW, 30, 31)
    assert lost_bases.revoke_without_permit_or_training(at(1.2)) == JobResult()
    permits.withdraw_permit(1, actor=gate.world.steward, now=at(1.25), reason="misused")
    assert lost_bases.revoke_without_permit_or_training(at(1.75)) == JobResult(items=2)
    assert lost_bases.revoke_without_permit_or_training(at(1.75)) == JobResult()
    assert [now_is(gate, one).state for one in (gate.booking, later)] == ["revoked", "revoked"]
    assert now_is(gate).history[-1].reason == "the permit for the dataset ended"
    assert totals(gate.world.dataset_grant) == (0, 0.25)
    check()


def test_a_withdrawn_dataset_ends_its_bookings_and_takes_no_more(gate: Gate) -> None:
    resources.withdraw_dataset(World.DATASET, actor=gate.world.steward, now=at(0.5), reason="wrong")
    assert lost_bases.revoke_without_permit_or_training(at(0.5)) == JobResult(items=1)
    assert totals(gate.world.dataset_grant) == (0, 0)
    with pytest.raises(Refused, match="retired"):
        book_seat(gate.world, NOW, 5, 6)
    with pytest.raises(IllegalMove):
        resources.withdraw_dataset(World.DATASET, actor=gate.world.steward, now=at(0.5))
    check()


def test_another_permit_carries_the_booking_on(gate: Gate) -> None:
    until = NOW + timedelta(days=1)
    permits.give_permit(World.DATASET, gate.world.team, "more", until, actor=gate.world.steward, now=NOW)
    permits.withdraw_permit(1, actor=gate.world.steward, now=at(1), reason="doubled")
    assert lost_bases.revoke_without_permit_or_training(at(1)) == JobResult()


def test_an_approval_asks_whether_who_requested_it_has_accepted_the_terms_of_now(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        gate = build_gate(app, tmp_path / "files", now=NOW, dataset_policy=APPROVAL)
        steward = gate.world.steward
        terms.publish_terms(World.DATASET, NewTerms("Pay us."), actor=steward, now=at(0.2))
        with pytest.raises(Refused, match="version 2"):
            booking_moves.approve_booking(gate.booking, actor=steward, now=at(0.3))
        terms.accept_terms(World.DATASET, 2, actor=gate.world.lead, now=at(0.3))
        assert booking_moves.approve_booking(gate.booking, actor=steward, now=at(0.3)).state == "confirmed"
        check()


def test_a_volume_is_not_taken_twice_by_downloads_that_run_together(gate: Gate) -> None:
    with transaction() as session:
        session.get_one(Resource, gate.world.dataset).policy = {"max_gib_per_booking": 1}
    given = Pass(gate.world.dataset, gate.booking, gate.world.lead.user_id, at(9))
    stores = gate.app.extensions["booking.connectors"]["stores"]
    opened = gateway.open_file(given, NAME, stores, now=at(1.5))
    part = Part(0, 700 * 2**20, 700 * 2**20)
    number = gateway.begin_download(opened, part, 200, now=at(1.5))
    with pytest.raises(Forbidden, match="700 are fetched"):
        gateway.begin_download(opened, part, 200, now=at(1.5))
    gateway.end_download(number, 2**20, now=at(1.5), why="broken")
    gateway.begin_download(opened, part, 200, now=at(1.5))


BREAKS: list[tuple[int, str, str]] = [
    (7, "files sent outside the window of their booking: 1", "UPDATE data_accesses SET at = '2026-03-02 10:00:00+00'"),
    (7, "files sent outside the window of their booking: 1", "UPDATE data_accesses SET at = '2026-03-02 08:59:59+00'"),
    (7, "files sent for a booking of another team or dataset: 1", "UPDATE data_accesses SET team_id = 2"),
    (7, "files sent for a booking of another team or dataset: 1", "UPDATE data_accesses SET resource_id = 1"),
    (8, "open bookings of restricted data without a permit: 1", "DELETE FROM permits"),
    (8, "open bookings of restricted data without a permit: 1",
     "UPDATE permits SET until = '2026-03-02 09:59:59+00'"),
    (8, "terms accepted before there were any (person/dataset/version): 8/3/1, 9/3/1",
     "UPDATE terms_acceptances SET at = '2026-03-02 07:59:59+00'"),
    (8, "datasets whose terms are not in order: 3", "UPDATE terms_versions SET number = 2"),
]  # fmt: skip


def test_fsck_names_what_breaks_a_rule_of_the_gateway(gate: Gate, subtests: pytest.Subtests) -> None:
    given = Pass(gate.world.dataset, gate.booking, gate.world.lead.user_id, at(9))
    stores = gate.app.extensions["booking.connectors"]["stores"]
    opened = gateway.open_file(given, NAME, stores, now=at(1.5))
    number = gateway.begin_download(opened, Part(0, 10, 10_240), 206, now=at(1.5))
    gateway.end_download(number, 10, now=at(1.5))
    db.session.remove()
    for rule, said, statement in BREAKS:
        with subtests.test(statement):
            found = breaches(gate.app, as_kept(gate.app, statement), now=at(1.6))
            assert said in found.get(rule, ""), found
    assert breaches(gate.app, now=at(1.6)) == {}
