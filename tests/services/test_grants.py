"""Giving grants, topping them up, cutting them back, and their end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select

from booking.db import db
from booking.domain.amounts import MOST_UNIT_SECONDS
from booking.domain.bookings import Booking
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.grants import Balance, NewGrant, Scope
from booking.domain.jobs import JobResult
from booking.domain.ledger import Per
from booking.domain.refusals import Refused
from booking.domain.windows import Window
from booking.models.grants import Grant, LedgerEntry
from booking.models.outbox import OutboxItem
from booking.queries.balances import balance_of, balances_of
from booking.services import booking_moves, due_bookings, grants
from booking.services.bookings import request_booking
from tests.support.world import World, build_world

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
DAY = 24 * HOUR
HOURS = 3600
MONTH = Window(NOW, NOW + 30 * DAY)


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    world = build_world(app, pool_hours=0)
    with app.app_context():
        yield world


def new(world: World, hours: int = 10, **changed: object) -> NewGrant:
    usual = {"team_id": world.team, "scope": Scope("pool"), "unit_seconds": hours * HOURS, "window": MONTH}
    return NewGrant(**{**usual, **changed})  # type: ignore[arg-type]


def given(world: World, hours: int = 10, who: str = "funder", **changed: object) -> Balance:
    return grants.create_grant(new(world, hours, **changed), actor=world.people[who], now=NOW)


def booked(world: World, start: int, end: int, units: int = 1) -> Booking:
    window = Window(NOW + start * HOUR, NOW + end * HOUR)
    return request_booking(world.order(window, units), actor=world.lead, now=NOW)


def entries(grant_id: int) -> list[tuple[str, int, str]]:
    db.session.rollback()
    chosen = select(LedgerEntry.kind, LedgerEntry.unit_seconds, LedgerEntry.by).where(LedgerEntry.grant_id == grant_id)
    return [(row.kind, row.unit_seconds, row.by) for row in db.session.execute(chosen.order_by(LedgerEntry.id))]


def stands(grant_id: int) -> tuple[int, int, int]:
    db.session.rollback()
    grant = balance_of(db.session(), grant_id).grant
    return grant.amount, grant.held, grant.charged


def told(grant_id: int) -> list[str]:
    chosen = select(OutboxItem.event).where(OutboxItem.subject == f"grant:{grant_id}").order_by(OutboxItem.id)
    return list(db.session.scalars(chosen))


def test_a_grant_is_in_the_ledger_from_the_moment_that_it_is_given(world: World) -> None:
    balance = given(world, 10, reason="  for the pilot ")

    assert (balance.grant.amount, balance.grant.held, balance.grant.charged) == (10 * HOURS, 0, 0)
    assert (balance.team, balance.grant.kind, balance.issuer_name) == ("team", "pool", "北方研究院")
    assert balance.reason == "for the pilot"
    assert entries(balance.id) == [("grant", 10 * HOURS, "funder@example.org")]


def test_a_team_books_on_what_it_was_given_and_no_second_more(world: World) -> None:
    given(world, 10)
    booked(world, 1, 11)
    with pytest.raises(Refused) as raised:
        booked(world, 12, 13)
    assert [refusal.code for refusal in raised.value.refusals] == ["quota_exceeded"]


SCOPES = {
    "pool kind": lambda world: Scope("pool"),
    "dataset kind": lambda world: Scope("dataset"),
    "pool": lambda world: Scope(resource_id=world.pool),
    "other pool": lambda world: Scope(resource_id=world.other_pool),
    "dataset": lambda world: Scope(resource_id=world.dataset),
    "facility": lambda world: Scope(facility_id=world.facility),
    "other facility": lambda world: Scope(facility_id=world.other_facility),
}
MAY_GIVE = {
    "admin": set(SCOPES),
    "funder": set(SCOPES),
    "operator": {"pool", "facility"},
    "steward": {"dataset", "facility"},
    "other_operator": {"other pool", "other facility"},
    "reviewer": set(),
    "owner": set(),
    "lead": set(),
    "member": set(),
    "rival": set(),
    "stranger": set(),
}


def test_funders_give_for_everything_and_owners_for_what_is_theirs(world: World, subtests: pytest.Subtests) -> None:
    for who, expected in MAY_GIVE.items():
        with subtests.test(who=who):
            allowed = set()
            for name, scope in SCOPES.items():
                try:
                    given(world, who=who, scope=scope(world))
                except Forbidden:
                    continue
                allowed.add(name)
            assert allowed == expected


NAMES = [("operator", "pool", "north"), ("other_operator", "other pool", "south"), ("funder", "other pool", "north")]


def test_a_grant_says_in_whose_name_it_was_given(world: World, subtests: pytest.Subtests) -> None:
    for who, scope, issuer in NAMES:
        with subtests.test(who=who, scope=scope, issuer=issuer):
            assert given(world, who=who, scope=SCOPES[scope](world)).issuer_id == getattr(world, issuer)


def test_what_an_administrator_gives_is_in_nobodys_name(world: World) -> None:
    assert given(world, who="admin").issuer_id is None


def test_a_grant_for_a_resource_does_not_pay_for_another(world: World) -> None:
    given(world, scope=Scope(resource_id=world.other_pool))
    with pytest.raises(Refused):
        booked(world, 1, 2)
    given(world, scope=Scope(facility_id=world.facility))
    assert booked(world, 1, 2).state == "confirmed"


@pytest.mark.parametrize(
    "scope",
    [
        {},
        {"kind": "pool", "resource_id": 1},
        {"resource_id": 1, "facility_id": 1},
        {"kind": "pool", "resource_id": 1, "facility_id": 1},
        {"kind": "gpu"},
    ],
)
def test_a_grant_is_for_exactly_one_thing(scope: dict[str, object]) -> None:
    with pytest.raises(Invalid) as raised:
        Scope(**scope)  # type: ignore[arg-type]
    assert raised.value.field == "kind"


CANNOT_BE_MEANT = [
    ({"unit_seconds": 0}, Invalid),
    ({"unit_seconds": -1}, Invalid),
    ({"unit_seconds": MOST_UNIT_SECONDS + 1}, Invalid),
    ({"timezone": "Mars/Phobos"}, Invalid),
    ({"reason": "a\0b"}, Invalid),
    ({"window": Window(NOW, NOW + 36_526 * DAY)}, Invalid),
    ({"team_id": 999}, NotFound),
    ({"scope": Scope(resource_id=999)}, NotFound),
    ({"scope": Scope(facility_id=999)}, NotFound),
]


def test_what_cannot_be_meant_is_refused_and_nothing_is_kept(world: World, subtests: pytest.Subtests) -> None:
    for changed, error in CANNOT_BE_MEANT:
        with subtests.test(changed=changed, error=error):
            before = len(balances_of(db.session(), world.team))
            with pytest.raises(error):
                given(world, **changed)
            assert len(balances_of(db.session(), world.team)) == before


def test_a_cap_counts_in_weeks_of_its_own_time_zone(world: World) -> None:
    balance = given(world, 100, cap=(4 * HOURS, Per.WEEK), timezone="Asia/Shanghai")
    booked(world, 1, 5)

    with pytest.raises(Refused) as raised:
        booked(world, 6, 7)
    assert [refusal.code for refusal in raised.value.refusals] == ["period_cap_exceeded"]
    use = balance_of(db.session(), balance.id).period_use(NOW)
    assert use is not None
    assert (use.used_unit_seconds, use.left_unit_seconds) == (4 * HOURS, 0)
    assert use.window.end == datetime(2026, 3, 8, 16, tzinfo=UTC)  # Monday 00:00 in Shanghai


def test_a_cap_of_zero_lets_nothing_through(world: World) -> None:
    given(world, 100, cap=(0, Per.MONTH))
    with pytest.raises(Refused):
        booked(world, 1, 2)


def test_a_top_up_adds_to_what_is_left(world: World) -> None:
    balance = given(world, 1)
    booked(world, 1, 2)
    after = grants.top_up(balance.id, HOURS // 10, actor=world.people["funder"], now=NOW, reason="a bit")
    assert (after.grant.amount, after.grant.left) == (HOURS + 360, 360)
    assert [kind for kind, _, _ in entries(balance.id)] == ["grant", "hold", "grant"]


def test_ten_tenths_of_an_hour_are_an_hour(world: World) -> None:
    balance = given(world, unit_seconds=360)
    for _ in range(9):
        balance = grants.top_up(balance.id, 360, actor=world.people["funder"], now=NOW)
    assert balance.grant.amount == HOURS
    booked(world, 1, 2)


def test_nothing_is_added_to_a_grant_that_has_ended(world: World) -> None:
    balance = given(world)
    with pytest.raises(Conflict, match="ended at"):
        grants.top_up(balance.id, 1, actor=world.people["funder"], now=MONTH.end)


def test_a_grant_is_never_topped_up_beyond_what_can_be_counted(world: World) -> None:
    balance = given(world, unit_seconds=MOST_UNIT_SECONDS)
    with pytest.raises(Invalid):
        grants.top_up(balance.id, 1, actor=world.people["funder"], now=NOW)


def test_a_cut_takes_what_was_said_where_nobody_needs_it(world: World) -> None:
    balance = given(world, 10)
    after, cut = grants.cut_grant(balance.id, 4 * HOURS, actor=world.people["funder"], now=NOW, reason="saving")
    assert (after.grant.amount, cut.is_whole, cut.stays_unit_seconds) == (6 * HOURS, True, 0)
    assert entries(balance.id)[-1] == ("cut", 4 * HOURS, "funder@example.org")


def test_a_cut_leaves_what_is_held_and_charged_and_says_so(world: World) -> None:
    balance = given(world, 10)
    done = booked(world, 0, 3)
    due_bookings.start_due(NOW)
    booking_moves.finish_booking(done.id, actor=world.lead, now=NOW + 2 * HOUR)
    booked(world, 4, 8)

    after, cut = grants.cut_grant(balance.id, 10 * HOURS, actor=world.people["funder"], now=NOW)
    assert (cut.taken_unit_seconds, cut.held_unit_seconds, cut.charged_unit_seconds) == (
        4 * HOURS,
        4 * HOURS,
        2 * HOURS,
    )
    assert (cut.is_whole, cut.stays_unit_seconds) == (False, 6 * HOURS)
    assert (after.grant.amount, after.grant.left) == (6 * HOURS, 0)

    with pytest.raises(Conflict) as raised:
        grants.cut_grant(balance.id, 1, actor=world.people["funder"], now=NOW)
    assert "4 are held" in str(raised.value)
    assert "2 are charged" in str(raised.value)
    assert raised.value.numbers["held_unit_seconds"] == 4 * HOURS


@pytest.mark.parametrize("unit_seconds", [0, -1])
def test_a_cut_of_nothing_is_no_cut(world: World, unit_seconds: int) -> None:
    with pytest.raises(Invalid):
        grants.cut_grant(given(world).id, unit_seconds, actor=world.people["funder"], now=NOW)


MAY_CHANGE = [
    ("funder", "pool kind", {"funder", "admin"}),
    ("operator", "pool", {"funder", "admin", "operator"}),
    ("steward", "dataset", {"funder", "admin", "steward"}),
    ("other_operator", "other pool", {"other_operator", "admin"}),
    ("funder", "other pool", {"funder", "admin"}),
    ("admin", "pool kind", {"funder", "admin"}),
]


def test_who_gave_a_grant_changes_it_and_nobody_else(world: World, subtests: pytest.Subtests) -> None:
    for giver, scope, allowed in MAY_CHANGE:
        with subtests.test(giver=giver, scope=scope, allowed=allowed):
            balance = given(world, who=giver, scope=SCOPES[scope](world))
            found = set()
            for name, actor in world.people.items():
                try:
                    grants.top_up(balance.id, 1, actor=actor, now=NOW)
                    grants.cut_grant(balance.id, 1, actor=actor, now=NOW)
                except Forbidden:
                    assert name in {"lead", "member", "funder", "operator", "other_operator", "steward"}
                except NotFound:
                    assert name in {"rival", "stranger", "reviewer", "owner", "operator", "other_operator", "steward"}
                else:
                    found.add(name)
            assert found == allowed


def test_a_grant_that_does_not_exist_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        grants.top_up(999, 1, actor=world.admin, now=NOW)


def test_what_is_left_at_the_end_is_taken_once_and_told_of_once(world: World) -> None:
    balance = given(world, 10)
    assert grants.expire_grants(MONTH.end - timedelta(seconds=1)) == JobResult()
    assert grants.expire_grants(MONTH.end) == JobResult(1)
    assert grants.expire_grants(MONTH.end + DAY) == JobResult()

    assert stands(balance.id) == (0, 0, 0)
    assert entries(balance.id)[-1] == ("expire", 10 * HOURS, "system")
    assert told(balance.id) == ["grant_expired"]


def test_what_a_booking_still_holds_at_the_end_is_taken_when_it_lets_it_go(world: World) -> None:
    first = given(world, 10, window=Window(NOW, NOW + 3 * HOUR))
    given(world, 10)
    booking = booked(world, 1, 5)  # two hours on each grant
    due_bookings.start_due(NOW + HOUR)

    assert grants.expire_grants(NOW + 3 * HOUR) == JobResult(1)
    assert stands(first.id) == (2 * HOURS, 2 * HOURS, 0)
    assert grants.expire_grants(NOW + 3 * HOUR) == JobResult()

    booking_moves.revoke_booking(booking.id, actor=world.operator, now=NOW + 2 * HOUR)
    assert stands(first.id) == (2 * HOURS, 0, HOURS)
    assert grants.expire_grants(NOW + 4 * HOUR) == JobResult(1)
    assert grants.expire_grants(NOW + 4 * HOUR) == JobResult()
    assert stands(first.id) == (HOURS, 0, HOURS)
    assert [kind for kind, _, _ in entries(first.id)].count("expire") == 2
    assert told(first.id) == ["grant_expired"]


def test_no_booking_goes_beyond_the_end_of_its_grant(world: World) -> None:
    db.session.execute(delete(LedgerEntry).where(LedgerEntry.grant_id == world.pool_grant))
    db.session.execute(delete(Grant).where(Grant.id == world.pool_grant))
    db.session.commit()
    given(world, 100, window=Window(NOW, NOW + 3 * HOUR))
    assert booked(world, 1, 3).state == "confirmed"
    with pytest.raises(Refused) as raised:
        booked(world, 1, 4)
    assert [refusal.code for refusal in raised.value.refusals] == ["grant_expired"]


def test_the_balance_lists_all_grants_of_the_team_the_first_to_end_first(world: World) -> None:
    later = given(world, window=Window(NOW, NOW + 60 * DAY))
    sooner = given(world)
    other = grants.create_grant(new(world, team_id=world.rival_team), actor=world.admin, now=NOW)
    listed = [balance.id for balance in balances_of(db.session(), world.team)]
    assert listed == [sooner.id, later.id, world.pool_grant, world.dataset_grant]
    assert other.id not in listed


def test_a_voucher_is_issued_by_somebody_who_pays_its_share(world: World) -> None:
    voucher = given(world, subsidy_percent=40)
    assert (voucher.grant.subsidy_percent, voucher.grant.is_voucher, voucher.issuer) == (40, True, "north")
    after, _ = grants.cut_grant(voucher.id, 4 * HOURS, actor=world.people["funder"], now=NOW)
    assert (after.grant.amount, after.grant.subsidy_percent) == (6 * HOURS, 40)
    for who, percent in (("funder", 0), ("funder", 101), ("admin", 40)):
        with pytest.raises(Invalid) as refused:
            given(world, who=who, subsidy_percent=percent)
        assert refused.value.field == "subsidy_percent"


def test_a_voucher_goes_to_teams_of_eligible_organisations_only(world: World) -> None:
    ours = {"eligible_kinds": ("university", "institute"), "eligible_regions": (" Beijing ",)}
    voucher = given(world, subsidy_percent=40, **ours)
    assert (voucher.eligible_kinds, voucher.eligible_regions) == (("university", "institute"), ("Beijing",))
    assert given(world).eligible_kinds is None

    wrong: list[tuple[str, dict[str, object]]] = [
        ("team", {"eligible_kinds": ("enterprise",)}),
        ("team", {"eligible_kinds": ("institute",), "eligible_regions": ("Guangdong",)}),
        ("eligible_kinds", {"eligible_kinds": ()}),
        ("eligible_kinds", {"eligible_kinds": ("club",)}),
        ("eligible_regions.0", {"eligible_regions": ("",)}),
        ("eligible_kinds", {"subsidy_percent": None, "eligible_kinds": ("institute",)}),
    ]
    for field, asked in wrong:
        with pytest.raises(Invalid) as refused:
            given(world, **{"subsidy_percent": 40, **asked})
        assert refused.value.field == field, asked
    with pytest.raises(NotFound):
        given(world, team_id=10**9)
