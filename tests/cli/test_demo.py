"""The demo holds what clients are promised, and comes again without doing any harm."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select

from booking.db import Base, db, transaction
from booking.domain.activities import ActivityKind
from booking.domain.orders import Claim, Order
from booking.domain.windows import Window
from booking.models.activities import Activity, Enrolment
from booking.models.attestations import Attestation
from booking.models.bookings import Booking
from booking.models.bookings import Claim as ClaimRow
from booking.models.capacity import CapacityChange
from booking.models.facilities import Facility
from booking.models.grants import Grant, LedgerEntry
from booking.models.outcomes import Outcome
from booking.models.resources import Resource
from booking.models.scenarios import Scenario
from booking.models.teams import Membership, Team
from booking.models.terms import TermsVersion
from booking.models.users import Role, User
from booking.models.utilisation import RefusedWish
from booking.queries.demo import accounts_besides
from booking.queries.users import actor_by_email
from booking.services.bookings import request_booking
from tests.support.commands import DATA, run
from tests.support.snapshots import Snapshot, taken
from tests.support.visitors import sign_in
from tests.support.world import build_world

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
YESTERDAY = datetime(2026, 3, 1, tzinfo=UTC)
A_YEAR_ON = datetime(2027, 3, 1, tzinfo=UTC)

ACCOUNTS = ["admin", "operator", "steward", "funder", "reviewer", "lead", "member", "rival"]


_filled: dict[str, Snapshot] = {}


@pytest.fixture
def demo(app: Flask) -> Flask:
    """The demo, filled by its command once in a test process and on each engine, then put back."""
    with app.app_context(), time_machine.travel(NOON, tick=False):
        engine = db.engine.dialect.name
        if engine not in _filled:
            run(app, "demo")
            with db.engine.connect() as connection:
                _filled[engine] = taken(connection)
        else:
            with transaction() as session:
                _filled[engine](session.connection())
    return app


def one(model: type[Any], **columns: Any) -> Any:
    return db.session.scalars(select(model).filter_by(**columns)).one()


def counts(app: Flask) -> dict[str, int]:
    """How many rows each table has."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def the_pools_that_clients_are_promised(demo: Flask) -> None:
    with demo.app_context():
        centre = one(Facility, slug="demo-centre")
        a100, h100 = one(Resource, slug="demo-a100"), one(Resource, slug="demo-h100")
        assert {a100.facility_id, h100.facility_id} == {centre.id}
        assert (a100.grid_minutes, a100.policy) == (15, {})
        assert h100.policy == {"auto_approve_unit_hours": 0}
        for pool, units in ((a100, 64), (h100, 16)):
            supply = one(CapacityChange, resource_id=pool.id)
            assert (supply.kind, supply.units, supply.starts_at) == ("supply", units, YESTERDAY)
            assert supply.ends_at == A_YEAR_ON
            assert db.session.scalars(select(ClaimRow).filter_by(resource_id=pool.id)).all() == []


def the_dataset_and_the_scenario_that_clients_are_promised(demo: Flask) -> None:
    with demo.app_context():
        radar = one(Resource, slug="demo-radar")
        assert (radar.kind, radar.seats, radar.state) == ("dataset", 2, "published")
        assert one(Scenario, slug="demo-traffic").published_at == NOON


def the_teams_that_clients_are_promised(demo: Flask) -> None:
    people = {"demo-team": {"lead": "lead", "member": "member"}, "rival-team": {"rival": "lead"}}
    with demo.app_context():
        for slug, members in people.items():
            team = one(Team, slug=slug)
            assert team.state == "approved"
            assert team.approved_until >= NOON + timedelta(days=365)
            found = db.session.execute(
                select(User.email, Membership.role)
                .join(Membership, Membership.user_id == User.id)
                .where(Membership.team_id == team.id)
            )
            assert dict(found.all()) == {f"{who}@demo.example": r for who, r in members.items()}
            grants = db.session.scalars(select(Grant).filter_by(team_id=team.id)).all()
            assert {grant.kind: grant.amount // 3600 for grant in grants} == {"pool": 100_000, "dataset": 1_000}
            for grant in grants:
                assert (grant.starts_at, grant.ends_at, grant.cap_per) == (YESTERDAY, A_YEAR_ON, None)
                assert (grant.held, grant.charged) == (0, 0)


def operator_and_steward_belong_to_the_owner_of_the_centre(demo: Flask) -> None:
    with demo.app_context():
        owner = one(Facility, slug="demo-centre").organisation_id
        assert one(Resource, slug="demo-radar").organisation_id == owner
        for role in ("operator", "steward"):
            person = one(User, email=f"{role}@demo.example")
            assert [(each.role, each.organisation_id) for each in roles_of(person.id)] == [(role, owner)]
        assert [each.role for each in roles_of(one(User, email="admin@demo.example").id)] == ["administrator"]


def roles_of(user_id: int) -> list[Role]:
    return list(db.session.scalars(select(Role).filter_by(user_id=user_id)))


def its_accounts_can_sign_in(demo: Flask) -> None:
    for name in ("admin", "rival"):
        assert sign_in(demo.test_client(), f"{name}@demo.example", "demo-password").status_code == 303


def test_a_member_can_book_the_whole_pool_at_once(demo: Flask) -> None:
    with demo.app_context():
        lead = actor_by_email(db.session(), "lead@demo.example")
        claims = (Claim(one(Resource, slug="demo-a100").id, 64), Claim(one(Resource, slug="demo-radar").id, 2))
        window = Window(NOON, NOON + timedelta(days=30))
        assert lead is not None
        order = Order(one(Team, slug="demo-team").id, window, (claims[0],))
        assert request_booking(order, actor=lead, now=NOON).state == "confirmed"
        seats = Order(one(Team, slug="rival-team").id, Window(NOON, NOON + timedelta(hours=400)), (claims[1],))
        rival = actor_by_email(db.session(), "rival@demo.example")
        assert rival is not None
        assert request_booking(seats, actor=rival, now=NOON).state == "confirmed"


def test_the_second_time_it_adds_nothing_whoever_came_meanwhile(demo: Flask) -> None:
    with demo.app_context():
        usual = {"password_hash": "", "session_key": "", "created_at": NOON}
        db.session.add(User(email="newcomer@example.org", name="Newcomer", **usual))
        db.session.commit()
    before = counts(demo)
    with time_machine.travel(NOON + timedelta(days=3), tick=False):
        again = run(demo, "demo")
    assert counts(demo) == before
    assert all(f"{name}@demo.example" in again.stdout for name in ACCOUNTS)
    assert "demo-password" in again.stdout


def its_data_keeps_every_rule_and_has_something_to_look_at(demo: Flask) -> None:
    with time_machine.travel(NOON, tick=False):
        assert "BREACH" not in run(demo, "fsck").stdout
    there = counts(demo)
    assert there["facilities"] >= 3
    assert there["bookings"] >= 5
    assert there["rates"] == 2
    with demo.app_context():
        (voucher,) = db.session.scalars(select(Grant).where(Grant.subsidy_percent.is_not(None)))
        assert (voucher.subsidy_percent, voucher.held > 0) == (50, True)


def there_are_four_weeks_to_look_back_on(demo: Flask) -> None:
    with demo.app_context():
        states = Counter(db.session.scalars(select(Booking.state).where(Booking.starts_at < NOON)))
        assert states["completed"] >= 30
        assert {"cancelled", "no_show"} <= states.keys()
        firsts = db.session.scalar(select(func.min(Booking.starts_at)))
        assert firsts < NOON - timedelta(days=21)
        charged = db.session.scalars(select(Grant.charged).where(Grant.charged > 0)).all()
        assert len(charged) >= 3
        assert db.session.scalars(select(RefusedWish)).first() is not None


def every_system_of_the_policy_has_something_to_look_at(demo: Flask) -> None:
    there = counts(demo)
    assert {name: there[name] for name in ("docking_demands", "docking_offers", "editions", "permits", "courses")} == {
        "docking_demands": 2, "docking_offers": 1, "editions": 2, "permits": 2, "courses": 1,
    }  # fmt: skip
    with demo.app_context():
        assert set(db.session.scalars(select(Activity.kind))) == set(ActivityKind)
        assert set(map(tuple, db.session.execute(select(Enrolment.state, Enrolment.attended)))) == {
            ("enrolled", True), ("enrolled", None), ("waiting", None),
        }  # fmt: skip
        assert one(Team, slug="enzyme-design").state == "applied"
        reported = Counter(db.session.scalars(select(Outcome.state).where(Outcome.state != "asked")))
        assert reported == {"published": 2, "submitted": 1}
        assert Counter(map(bool, db.session.scalars(select(Attestation.attested_by)))) == {True: 1, False: 1}
        assert one(Resource, slug="dialect-clinic-speech").sensitivity == "restricted"
        assert db.session.scalar(select(func.count()).where(TermsVersion.number == 2)) == 1


CHECKS = (
    there_are_four_weeks_to_look_back_on,
    the_pools_that_clients_are_promised,
    the_dataset_and_the_scenario_that_clients_are_promised,
    the_teams_that_clients_are_promised,
    operator_and_steward_belong_to_the_owner_of_the_centre,
    every_system_of_the_policy_has_something_to_look_at,
    its_data_keeps_every_rule_and_has_something_to_look_at,
    its_accounts_can_sign_in,
)


def test_it_holds_what_clients_are_promised(demo: Flask, subtests: pytest.Subtests) -> None:
    for check in CHECKS:
        with subtests.test(check.__name__.replace("_", " ")):
            check(demo)


def test_it_refuses_to_join_other_people_unless_it_is_forced(app: Flask) -> None:
    build_world(app)
    before = counts(app)
    refused = run(app, "demo", status=1)
    assert "11 other accounts" in refused.stderr
    assert refused.stdout == ""
    assert counts(app) == before

    run(app, "demo", "--force")
    assert counts(app)["users"] > before["users"] + 8


def test_accounts_that_commands_made_for_themselves_are_nobody(app: Flask) -> None:
    run(app, "import", "nodes", DATA / "nodes.csv")
    with app.app_context():
        assert accounts_besides(db.session(), []) == 0


def test_what_a_crash_left_out_is_added_the_next_time(demo: Flask) -> None:
    before = counts(demo)
    with demo.app_context():
        granted = select(Grant.id).where(Grant.team_id == one(Team, slug="demo-team").id)
        db.session.execute(delete(LedgerEntry).where(LedgerEntry.grant_id.in_(granted)))
        db.session.execute(delete(Grant).where(Grant.team_id == one(Team, slug="demo-team").id))
        db.session.execute(delete(Membership).where(Membership.team_id == 1, Membership.role == "member"))
        db.session.execute(
            delete(CapacityChange).where(CapacityChange.resource_id == one(Resource, slug="demo-a100").id)
        )
        one(Team, slug="rival-team").state = "applied"
        db.session.commit()
    with time_machine.travel(NOON, tick=False):
        run(demo, "demo")
    again = counts(demo)
    for table in ("grants", "ledger_entries", "memberships", "capacity_changes"):
        assert again[table] == before[table], table
    with demo.app_context():
        assert one(Team, slug="rival-team").state == "approved"
