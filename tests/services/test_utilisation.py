"""Days are summed up once they are over, and anew where something changed since; to the unit-second."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update

from booking.db import db, transaction
from booking.domain.jobs import JobResult
from booking.domain.orders import Claim as Wish
from booking.domain.orders import Order
from booking.domain.refusals import Refused
from booking.domain.utilisation import Day, Share, Totals
from booking.models.bookings import Claim
from booking.models.grants import LedgerEntry
from booking.models.utilisation import RefusedWish
from booking.queries import uses
from booking.queries import utilisation as questions
from booking.services import booking_moves, due_bookings
from booking.services.bookings import preview_booking, request_booking
from booking.services.fsck import check_rules
from booking.services.utilisation import roll_up
from tests.support.lives import NOW, at, book, window
from tests.support.processes import application, meet, together
from tests.support.world import World

HOUR = 3600
TODAY, TOMORROW, THIRD = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
IN_TIME = {"check_in_minutes": 30}


def days(resource_id: int) -> dict[date, Day]:
    with db.engine.connect() as connection:
        return {day.day: day for day in uses.kept_days(connection, resource_id)}


def settle(now: datetime) -> None:
    for verb in (due_bookings.release_no_shows, due_bookings.start_due, due_bookings.complete_due):
        verb(now)


def lived(world: World) -> None:
    """Two days of the team: one booking used over midnight, one missed, one finished early, one cancelled."""
    over_midnight = book(world, 6, 10, 8)  # 14:00 to 18:00 UTC, which is 22:00 to 02:00 at the facility
    book(world, 25, 27, 4)
    early = book(world, 26, 30, 2, seats=1)
    cancelled = book(world, 28, 30, 16)
    booking_moves.cancel_booking(cancelled.id, actor=world.lead, now=at(1))
    booking_moves.check_in(over_midnight.id, actor=world.lead, now=at(5.75))
    settle(at(6))
    settle(at(10))
    booking_moves.check_in(early.id, actor=world.lead, now=at(25.75))
    settle(at(26))
    booking_moves.finish_booking(early.id, actor=world.lead, now=at(26.9))
    settle(at(30))


def test_what_was_offered_and_occupied_stands_by_local_days(a_world: Callable[..., World]):
    world = a_world(policy=IN_TIME)
    lived(world)

    roll_up(at(48))

    found = days(world.pool)
    assert found[TODAY].published == 64 * 24 * HOUR
    assert found[TODAY].shares == {world.team: Share(8 * 2 * HOUR, 8 * 2 * HOUR)}
    assert found[TODAY].booked_hours[22:] == (8 * HOUR, 8 * HOUR)
    missed, early = 4 * HOUR, 2 * HOUR
    assert found[TOMORROW].shares == {
        world.team: Share(8 * 2 * HOUR + missed + early, 8 * 2 * HOUR + early, missed)
    }  # fmt: skip
    assert days(world.dataset)[TOMORROW].booked == HOUR


def test_what_was_served_whole_is_what_the_ledger_charged(a_world: Callable[..., World]):
    world = a_world(policy=IN_TIME)
    lived(world)
    roll_up(at(48))

    booked = sum(day.shares.get(world.team, Share()).checked_in for day in days(world.pool).values())
    with db.engine.connect() as connection:
        charged = connection.scalar(
            select(func.sum(LedgerEntry.unit_seconds)).where(
                LedgerEntry.kind == "charge", LedgerEntry.resource_id == world.pool, LedgerEntry.booking_id != 2
            )
        )
    rest_of_the_grid_step = 2 * 6 * 60
    assert booked == charged + rest_of_the_grid_step, "finished early, at six minutes before the step was over"


def test_the_sum_of_the_days_is_what_the_claims_occupied(a_world: Callable[..., World]):
    world = a_world(policy=IN_TIME)
    lived(world)
    roll_up(at(72))

    with db.engine.connect() as connection:
        claims = connection.execute(select(Claim.resource_id, Claim.units, Claim.starts_at, Claim.ends_at)).all()
    for resource_id in (world.pool, world.dataset):
        occupied = sum(
            row.units * int((row.ends_at - row.starts_at).total_seconds())
            for row in claims
            if row.resource_id == resource_id
        )
        assert sum(day.booked for day in days(resource_id).values()) == occupied


def test_fsck_names_a_day_that_is_not_what_was_occupied(a_world: Callable[..., World]):
    world = a_world()
    book(world, 1, 2)
    settle(at(2))
    roll_up(at(20))
    with transaction() as session:
        session.execute(text("UPDATE utilisation_shares SET booked = booked + 1"))
    found = [str(finding) for finding in check_rules(at(21)) if not finding.is_kept]
    assert f"(resource/day): {world.pool}/2026-03-02" in found[0]
    with transaction() as session:
        session.execute(text("UPDATE utilisation_shares SET booked = booked - 1"))


def test_a_second_run_has_nothing_to_do(a_world: Callable[..., World]):
    world = a_world()
    book(world, 1, 2)
    settle(at(2))
    assert roll_up(at(20)).items == 2, "nothing is known of the other days of a dataset"
    before = days(world.pool)

    assert roll_up(at(20)) == JobResult()
    assert days(world.pool) == before


def test_a_change_of_what_is_past_is_summed_up_anew(a_world: Callable[..., World]):
    """A check-in after midnight tells that the team came before it, too."""
    world = a_world(policy={"check_in_minutes": 180})
    booking = book(world, 7, 12, 8)
    roll_up(at(8.5))
    assert days(world.pool)[TODAY].shares[world.team].checked_in == 0

    booking_moves.check_in(booking.id, actor=world.lead, now=at(8.75))
    settle(at(8.75))
    roll_up(at(9))

    assert days(world.pool)[TODAY].shares[world.team].checked_in == 8 * HOUR


def test_capacity_that_is_published_for_the_past_is_summed_up_anew(a_world: Callable[..., World]):
    world = a_world()
    roll_up(at(20))
    before = days(world.pool)[TODAY].published
    with transaction() as session:
        session.execute(
            text("UPDATE capacity_changes SET units = units + 8 WHERE resource_id = :id"), {"id": world.pool}
        )
        session.execute(text("UPDATE resources SET offer_version = offer_version + 1"))

    roll_up(at(20.5))

    assert days(world.pool)[TODAY].published == before + 8 * 24 * HOUR


def test_usage_that_is_measured_late_is_counted_with_the_next_day(a_world: Callable[..., World]):
    world = a_world()
    book(world, 6, 10, 8)
    settle(at(6))
    settle(at(10))
    roll_up(at(20))
    assert days(world.pool)[TODAY].shares[world.team].measured_of == 0
    with transaction() as session:
        session.execute(update(Claim).values(measured_unit_seconds=10_001))

    roll_up(at(44))

    parts = [days(world.pool)[day].shares[world.team].measured for day in (TODAY, TOMORROW)]
    assert parts == [5000, 5001]


def test_a_long_pause_is_caught_up(a_world: Callable[..., World]):
    world = a_world()
    roll_up(NOW)
    roll_up(NOW + timedelta(days=30))

    found = sorted(days(world.pool))
    assert found[-1] == date(2026, 3, 31)
    assert len(found) == (found[-1] - found[0]).days + 1


def roll(database_url: str) -> int:
    with application(database_url):
        meet()
        return roll_up(at(48)).items


def test_two_processes_that_sum_up_at_once_agree(a_world: Callable[..., World], database_url: str):
    world = a_world(policy=IN_TIME)
    lived(world)

    together(roll, database_url)

    assert days(world.pool)[TODAY].booked == 8 * 2 * HOUR


def wishes() -> list[tuple[int, int, str, int]]:
    with db.engine.connect() as connection:
        rows = connection.execute(select(RefusedWish).order_by(RefusedWish.id)).all()
    return [(row.resource_id, row.units, row.codes, row.times) for row in rows]


def test_a_refused_request_is_counted_once_however_often_it_is_asked(a_world: Callable[..., World]):
    world = a_world()
    for _ in range(3):
        with pytest.raises(Refused):
            request_booking(world.order(window(24, 26), 65, seats=1), actor=world.lead, now=NOW)
    assert wishes() == [(world.pool, 65, "capacity_exceeded", 3), (world.dataset, 1, "capacity_exceeded", 3)]


def test_a_preview_and_a_strangers_attempt_are_nobodys_demand(a_world: Callable[..., World]):
    world = a_world()
    preview_booking(world.order(window(24, 26), 65), actor=world.lead, now=NOW)
    with pytest.raises(Refused):
        request_booking(world.order(window(24, 26), 8), actor=world.rival, now=NOW)
    assert wishes() == []


def test_what_nobody_has_asked_for_in_a_long_time_is_forgotten(a_world: Callable[..., World]):
    world = a_world()
    with pytest.raises(Refused):
        request_booking(world.order(window(24, 26), 65), actor=world.lead, now=NOW)
    roll_up(NOW + timedelta(days=400))
    assert len(wishes()) == 1
    roll_up(NOW + timedelta(days=401))
    assert wishes() == []


def report(by: questions.By) -> list[questions.Line]:
    wanted = questions.Wanted(date(2026, 2, 25), date(2026, 3, 6))
    with db.engine.connect() as connection:
        return questions.lines(connection, questions.find(connection, wanted, at(48)), wanted, by)


def heat() -> list[list[Totals]]:
    wanted = questions.Wanted(date(2026, 2, 25), date(2026, 3, 6))
    with db.engine.connect() as connection:
        return questions.hours(connection, questions.find(connection, wanted, at(48)), wanted)


def test_a_report_says_the_same_before_and_after_the_days_are_summed_up(a_world: Callable[..., World]):
    world = a_world(policy=IN_TIME)
    lived(world)
    kinds = (questions.By.FACILITY, questions.By.RESOURCE, questions.By.REGION, questions.By.DAY, questions.By.WEEK)
    before, hours_before = [report(by) for by in kinds], heat()

    roll_up(at(40))

    assert [report(by) for by in kinds] == before
    assert heat() == hours_before
    assert questions.total(before[0]) == questions.total(before[3]) != Totals()


def test_teams_are_named_to_themselves_and_to_who_looks_after_what_they_used(a_world: Callable[..., World]):
    world = a_world()
    book(world, 1, 2)
    settle(at(1))
    settle(at(2))
    order = Order(world.rival_team, window(1, 2), (Wish(world.other_pool, 4), Wish(world.pool, 2)), "x")
    request_booking(order, actor=world.rival, now=NOW)
    settle(at(2))
    roll_up(at(20))

    def seen(name: str) -> list[tuple[str, int]]:
        wanted = questions.Wanted(date(2026, 3, 1), date(2026, 3, 3))
        with db.engine.connect() as connection:
            found = questions.find(connection, wanted, at(21))
            sight = questions.Sight.of(world.people[name])
            lines = questions.team_lines(connection, found, wanted, sight)
        return [(line.key, line.totals.share.booked // HOUR) for line in lines]

    assert seen("admin") == [("rival-team", 6), ("team", 8)]
    assert seen("operator") == [("rival-team", 2), ("team", 8)]
    assert seen("other_operator") == [("rival-team", 4)]
    assert seen("lead") == [("team", 8)]
    assert seen("stranger") == []
