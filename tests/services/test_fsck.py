"""Each rule is broken in turn behind the product's back, and fsck has to name it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Connection, text

from booking.db import db
from booking.domain.jobs import JobResult
from booking.domain.orders import Claim, Order
from booking.domain.rules import RULES
from booking.domain.windows import Window
from booking.services import booking_moves, due_bookings
from booking.services.booking_edits import change_booking
from booking.services.bookings import request_booking
from booking.services.fsck import findings
from booking.services.series import request_series
from tests.support.series import plan
from tests.support.world import World, build_world

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_AFTER = datetime(2026, 4, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


PRESENT = at(2.2)


def window(start: float, end: float) -> Window:
    return Window(at(start), at(end))


def lived_in(app: Flask, **fields: object) -> World:
    """A world in which bookings stand in every state.

    1 runs, 2 is confirmed, 6 waits, 8 and 9 wait as a series, the others have ended.
    """
    policy = {"auto_approve_unit_hours": 200, "check_in_minutes": 30, "late_cancel_percent": 50}
    world = build_world(app, policy=policy, cap_hours=2_000, timezone="Asia/Shanghai", **fields)
    with app.app_context():
        running, confirmed, finished, cancelled, missed, waiting, declined = [
            request_booking(order, actor=world.member, now=NOON).id
            for order in (
                world.order(window(1, 5), 4, seats=1),
                world.order(window(30, 40), 4),
                Order(world.team, window(1, 9), (Claim(world.other_pool, 4),), "training"),
                world.order(window(2, 4), 8),
                world.order(window(1, 3), 1, seats=1),
                world.order(window(48, 68), 16),
                world.order(window(50, 60), 20),
            )
        ]
        by = {"actor": world.member, "now": at(1)}
        booking_moves.check_in(running, **by)
        booking_moves.check_in(finished, **by)
        booking_moves.cancel_booking(cancelled, actor=world.lead, now=at(1.5), reason="not needed")
        booking_moves.finish_booking(finished, actor=world.lead, now=at(2.1))
        booking_moves.decline_booking(declined, actor=world.operator, now=at(1))
        assert due_bookings.release_no_shows(at(2)) == JobResult(items=1)
        shorter = {"window": window(31, 40), "claims": None, "version": 1}
        change_booking(confirmed, **shorter, actor=world.lead, now=at(2))
        assert [running, confirmed, finished, cancelled, missed, waiting, declined] == list(range(1, 8))
        weekly = plan(world, "FREQ=DAILY;COUNT=2", 1, first=date(2026, 3, 10))
        assert [one.id for one in request_series(weekly, actor=world.member, now=at(2)).bookings] == [8, 9]
    return world


@contextmanager
def broken(app: Flask, statements: Sequence[str], constraints: Sequence[str] = ()) -> Iterator[Connection]:
    """A transaction in which these statements went through although constraints forbid them; nothing of it stays."""
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        else:
            for constraint in constraints:
                table, name = constraint.split(".")
                connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
        for statement in statements:
            for part in statement.split("; "):
                connection.execute(text(part))
        yield connection
        connection.rollback()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")


def breaches(
    app: Flask, *statements: str, without: Sequence[str] = (), now: datetime = PRESENT, rules: Sequence[int] = ()
) -> dict[int, str]:
    """What fsck says of each broken rule, of all or of some."""
    asked = list(rules or RULES)
    with broken(app, statements, without) as connection:
        found = list(findings(connection, now, asked))
    assert [finding.rule for finding in found] == asked
    return {finding.rule: str(finding) for finding in found if not finding.is_kept}


def test_a_lived_in_world_keeps_every_rule(app: Flask) -> None:
    lived_in(app)
    assert breaches(app) == {}


def test_an_empty_database_keeps_every_rule(app: Flask) -> None:
    assert breaches(app) == {}


BREAKS: list[tuple[int, str, str, list[str]]] = [
    (1, "held steps differ from the claims (resource/instant): 1/2026-03-02T13:00:00Z",
     "UPDATE held_steps SET held = held + 1 WHERE resource_id = 1 AND at = '2026-03-02 13:00:00+00'", []),
    (1, "held steps differ from the claims", "DELETE FROM held_steps WHERE resource_id = 3", []),
    (1, "held steps differ from the claims (resource/instant): 2/2026-03-20T00:00:00Z",
     "INSERT INTO held_steps (resource_id, at, held) VALUES (2, '2026-03-20 00:00:00+00', 1)", []),
    (1, "held steps differ from the claims", "UPDATE claims SET units = 63 WHERE booking_id = 2", []),
    (1, "more is held than offered (resource/instant): 1/2026-03-02T13:00:00Z",
     "UPDATE capacity_changes SET units = 3 WHERE resource_id = 1", []),
    (1, "more is held than offered (resource/instant): 3/2026-03-02T13:00:00Z",
     "UPDATE resources SET seats = 0 WHERE id = 3", []),
    (1, "more is held than offered (resource/instant): 1/2026-03-04T00:00:00Z, 1/2026-03-04T12:00:00Z",
     "INSERT INTO capacity_changes (resource_id, kind, starts_at, ends_at, reason, created_at) VALUES (1, 'closed',"
     " '2026-03-04 00:00:00+00', '2026-03-05 00:00:00+00', '', '2026-03-01 00:00:00+00'), (1, 'closed',"
     " '2026-03-05 00:00:00+00', NULL, '', '2026-03-01 00:00:00+00')", []),
    (2, "grants whose totals differ from their ledger: 1", "UPDATE grants SET held = held + 1 WHERE id = 1", []),
    (2, "grants whose totals differ from their ledger: 1", "DELETE FROM ledger_entries WHERE grant_id = 1", []),
    (2, "grants whose totals differ from their ledger: 4", "UPDATE grants SET amount = 7 WHERE id = 4", []),
    (2, "grants with more held and charged than their amount: 1", "UPDATE grants SET amount = 7 WHERE id = 1",
     ["grants.ck_grants_never_overspent"]),
    (2, "periods whose use differs from the ledger (grant/period): 1/2026-03-01T16:00:00Z",
     "UPDATE grant_periods SET used = used + 1", []),
    (2, "periods whose use differs from the ledger (grant/period): 1/2026-03-01T16:00:00Z",
     "DELETE FROM grant_periods", []),
    (2, "periods over the cap (grant/period): 1/", "UPDATE grants SET cap_unit_seconds = 3600 WHERE id = 1", []),
    (2, "periods that are no week or month of their grant (grant/period): 1/2026-03-01T16:00:00Z",
     "UPDATE grants SET timezone = 'UTC' WHERE id = 1", []),
    (2, "bookings that draw on another team's grant (booking/grant): 1/1, 1/2",
     "UPDATE grants SET team_id = 2 WHERE team_id = 1", []),
    (3, "bookings without a claim: 4", "DELETE FROM claims WHERE booking_id = 4", []),
    (3, "bookings without a history: 4", "DELETE FROM booking_history WHERE booking_id = 4", []),
    (3, "claims that hold another amount of quota than their price (booking/resource): 2/1",
     "DELETE FROM ledger_entries WHERE booking_id = 2", []),
    (3, "claims that hold another amount of quota than their price (booking/resource): 4/1",
     "DELETE FROM ledger_entries WHERE booking_id = 4 AND kind = 'release'", []),
    (3, "bookings of another team than their series (booking/series): 8/1, 9/1",
     "UPDATE series SET team_id = 2", []),
    (3, "dates that a series has twice (series/date): 1/2026-03-11",
     "DROP INDEX uq_bookings_series_occurrence; UPDATE bookings SET occurrence = '2026-03-11' WHERE id = 8", []),
    (3, "series without a booking: 1",
     "UPDATE bookings SET series_id = NULL, occurrence = NULL WHERE series_id = 1", []),
    (3, "series without a claim: 1", "DELETE FROM series_claims", []),
    (4, "open bookings off the grid (booking/resource): 2/1",
     "UPDATE bookings SET ends_at = '2026-03-04 05:10:00+00' WHERE id = 2", []),
    (4, "open bookings off the grid (booking/resource): 2/1",
     "UPDATE bookings SET ends_at = '2026-03-04 05:00:01+00' WHERE id = 2", []),
    (4, "claims that occupy another time than their booking's (booking/resource): 2/1",
     "UPDATE claims SET ends_at = '2026-03-04 03:00:00+00' WHERE booking_id = 2", []),
    (4, "claims that occupy another time than their booking's (booking/resource): 2/1",
     "UPDATE claims SET ends_at = starts_at WHERE booking_id = 2", []),
    (4, "claims that occupy another time than their booking's (booking/resource): 4/1",
     "UPDATE claims SET ends_at = '2026-03-02 16:00:00+00' WHERE booking_id = 4", []),
    (5, "bookings whose state is not where their history ends: 2", "UPDATE bookings SET state = 'active' WHERE id = 2",
     []),
    (5, "bookings that moved against the table: 4",
     "UPDATE booking_history SET from_state = 'active' WHERE booking_id = 4 AND to_state = 'cancelled'", []),
    (5, "bookings that moved against the table: 4",
     "UPDATE booking_history SET from_state = 'confirmed' WHERE booking_id = 4 AND from_state IS NULL", []),
    (5, "bookings that moved against the table: 4",
     "DELETE FROM booking_history WHERE booking_id = 4 AND from_state IS NULL", []),
    (5, "bookings that moved against the table: 3", "UPDATE booking_history SET to_state = 'completed'"
     " WHERE booking_id = 3 AND from_state IS NULL", []),
    (5, "bookings with an end but not ended, or the reverse: 4", "UPDATE bookings SET ended_at = NULL WHERE id = 4",
     []),
    (5, "bookings with an end but not ended, or the reverse: 2",
     "UPDATE bookings SET ended_at = '2026-03-02 12:00:00+00' WHERE id = 2", []),
    (5, "moves by nobody: 4", "UPDATE booking_history SET by = '' WHERE booking_id = 4", []),
    (5, "entries of the audit log that are not as they were written: the end",
     "INSERT INTO audit_heads (id, entries, hash) VALUES (1, 1, '0')", []),
    (6, "bookings confirmed without an owner's approval (booking/resource): 2/1",
     "UPDATE claims SET approval = 'waiting' WHERE booking_id = 2", []),
    (6, "bookings that wait for nobody's approval: 6", "UPDATE claims SET approval = 'given' WHERE booking_id = 6", []),
    (6, "deadlines of bookings that wait for no answer: 2",
     "UPDATE bookings SET hold_until = '2026-03-02 12:00:00+00' WHERE id = 2", []),
    (7, "bookings active before their start: 1",
     "UPDATE booking_history SET at = '2026-03-02 12:59:59+00' WHERE booking_id = 1 AND to_state = 'active'", []),
    (7, "bookings released as no-shows too early: 5",
     "UPDATE bookings SET ended_at = '2026-03-02 13:29:59+00' WHERE id = 5", []),
    (7, "bookings checked in before check-in opened: 1",
     "UPDATE bookings SET checked_in_at = '2026-03-02 12:00:00+00' WHERE id = 1", []),
    (8, "open bookings of teams without approval: 1",
     "UPDATE teams SET approved_until = '2026-03-02 13:00:00+00' WHERE id = 1", []),
    (8, "open bookings of teams without approval: 1, 2, 6", "UPDATE teams SET state = 'suspended',"
     " suspended_at = '2026-03-01 00:00:00+00' WHERE id = 1", []),
    (8, "open bookings of teams without approval: 1, 2, 6",
     "UPDATE teams SET state = 'applied', approved_until = NULL WHERE id = 1", []),
    (8, "bookings that hold quota of a grant that is not valid in their window (booking/grant): 1/1, 2/1",
     "UPDATE grants SET starts_at = '2026-03-04 05:00:00+00' WHERE id = 1", []),
    (9, "moves that nobody is told of (booking/instant): 4/2026-03-02T13:30:00Z",
     "DELETE FROM outbox WHERE booking_id = 4 AND event = 'cancelled'", []),
    (9, "items delivered before an earlier one to the same destination about the same thing: ",
     "UPDATE outbox SET state = 'delivered', delivered_at = due_at WHERE event = 'cancelled'", []),
    (9, "items delivered at no time, or the reverse: 1", "UPDATE outbox SET state = 'delivered' WHERE id = 1",
     ["outbox.ck_outbox_delivered"]),
    (10, "bookings whose size is not units times seconds: 1", "UPDATE bookings SET unit_seconds = 1 WHERE id = 1", []),
    (10, "claims whose price is not units times seconds times weight (booking/resource): 1/3",
     "UPDATE claims SET unit_seconds = unit_seconds + 1 WHERE booking_id = 1 AND resource_id = 3", []),
]  # fmt: skip


def test_fsck_names_what_breaks_a_rule(app: Flask, subtests: pytest.Subtests) -> None:
    lived_in(app)
    for rule, said, statement, constraints in BREAKS:
        with subtests.test(statement):
            found = breaches(app, as_kept(app, statement), without=constraints, rules=[rule])
            assert rule in found, found
            assert f"BREACH {rule:>2}" in found[rule]
            assert said in found[rule]


CUT = "UPDATE capacity_changes SET units = 3 WHERE resource_id = 1"
"""Less than 1 (4 units), 2 (4) and 6 (16) hold, each at another time."""

DISPLACED = (
    "INSERT INTO displacements (booking_id, resource_id, created_at, resolved_at, resolution)"
    " VALUES ({}, 1, '2026-03-02 12:30:00+00', {})"
)


def test_a_displaced_booking_may_stand_over_the_offer_until_that_is_resolved(app: Flask) -> None:
    lived_in(app)
    still = [as_kept(app, DISPLACED.format(each, "NULL, NULL")) for each in (1, 2, 6)]
    assert 1 not in breaches(app, CUT, *still)

    resolved = as_kept(app, DISPLACED.format(2, "'2026-03-02 12:45:00+00', 'restored'"))
    found = breaches(app, CUT, still[0], still[2], resolved)
    assert "more is held than offered (resource/instant): 1/2026-03-03T19:00:00Z" in found[1]


def test_what_was_over_the_offer_before_it_was_resolved_stays_in_the_past(app: Flask) -> None:
    lived_in(app)
    resolved = [as_kept(app, DISPLACED.format(each, "'2026-03-02 12:45:00+00', 'revoke'")) for each in (1, 2, 6)]
    assert 1 not in breaches(app, CUT, *resolved, now=LONG_AFTER)
    assert 1 in breaches(app, CUT, *resolved)


ENTRY = (
    "INSERT INTO waitlist_entries (team_id, resource_id, units, min_seconds, max_seconds, earliest, latest, purpose,"
    " take_automatically, state, booking_id, owes_look, created_at, closed_at, reason) VALUES ({team}, {resource}, 4,"
    " 3600, 3600, '2026-03-02 12:00:00+00', '{latest} 13:00:00+00', '', false, '{state}', {booking}, false,"
    " '2026-03-02 12:00:00+00', {closed}, '')"
)


def entry(
    *, team: int = 1, resource: int = 1, latest: str = "2026-03-09", state: str = "waiting", booking: str = "NULL"
) -> str:
    closed = "NULL" if state in ("waiting", "offered") else "'2026-03-02 12:00:00+00'"
    return ENTRY.format(team=team, resource=resource, latest=latest, state=state, booking=booking, closed=closed)


DEMAND = (
    "INSERT INTO docking_demands (team_id, gpu_models, units, seconds, earliest, latest, regions, memory_gib, note,"
    " state, booking_id, created_at, closed_at, reason) VALUES ({team}, '[\"A100\"]', 4, 3600,"
    " '2026-03-02 12:00:00+00', '{latest} 13:00:00+00', '[]', 0, '', '{state}',"
    " {booking}, '2026-03-02 12:00:00+00', {closed}, '')"
)


def demand(*, team: int = 1, latest: str = "2026-03-09", state: str = "open", booking: str = "NULL") -> str:
    closed = "NULL" if state in ("open", "matched") else "'2026-03-02 12:00:00+00'"
    return DEMAND.format(team=team, latest=latest, state=state, booking=booking, closed=closed)


def test_what_breaks_the_wait_list_or_the_docking_board_is_found(app: Flask, subtests: pytest.Subtests) -> None:
    lived_in(app)
    for rule, said, statement, now in (
        (0, "", entry(), PRESENT),
        (0, "", entry(state="taken", booking="2"), PRESENT),
        (5, "wait-list entries whose offer stands otherwise than they say: ",
         entry(state="offered", booking="2"), PRESENT),
        (6, "wait-list entries with another team's booking: ", entry(team=2, state="taken", booking="2"), PRESENT),
        (6, "wait-list entries that are offered something else: ",
         entry(resource=2, state="offered", booking="2"), PRESENT),
        (8, "wait-list entries that wait in vain: ", entry(latest="2026-03-02"), PRESENT),
        (0, "", demand(), PRESENT),
        (0, "", demand(state="fulfilled", booking="2"), PRESENT),
        (5, "demands whose proposal stands otherwise than they say: ", demand(state="matched", booking="2"), PRESENT),
        (6, "demands with another team's booking: ", demand(team=2, state="fulfilled", booking="2"), PRESENT),
        (8, "demands that stand in vain: ", demand(latest="2026-03-02"), PRESENT),
    ):  # fmt: skip
        with subtests.test(statement):
            found = breaches(app, as_kept(app, statement), now=now, rules=[rule] if rule else ())
            assert (said in found[rule]) if rule else (found == {}), found


def test_a_number_that_is_not_whole_is_found(app: Flask) -> None:
    lived_in(app)
    if is_sqlite(app):
        found = breaches(
            app, "UPDATE ledger_entries SET unit_seconds = 1.5 WHERE id = 5", "UPDATE claims SET units = 'x'"
        )
        assert "numbers that are not whole (column/row): " in found[10]
        assert "ledger_entries.unit_seconds/5" in found[10]
        assert "claims.units/1/1, claims.units/1/3" in found[10]
    else:
        found = breaches(app, "ALTER TABLE ledger_entries ALTER unit_seconds TYPE numeric")
        assert "numbers that are not whole (column/row): ledger_entries.unit_seconds/numeric" in found[10]


def test_an_identity_given_twice_is_found(app: Flask) -> None:
    lived_in(app)
    if is_sqlite(app):
        return  # nothing can take the constraint away there
    twice = "UPDATE outbox SET stable_id = 'same' WHERE id <= 2"
    assert "same identity: same" in breaches(app, twice, without=["outbox.uq_outbox_stable_id"])[9]


def test_no_more_than_twenty_are_named(app: Flask) -> None:
    world = lived_in(app)
    with app.app_context():
        for number in range(30):
            request_booking(world.order(window(100 + number, 101 + number), 1), actor=world.member, now=at(2))
    found = breaches(app, "UPDATE bookings SET unit_seconds = 1")
    assert found[10].endswith("18, 19, 20 and more")


def is_sqlite(app: Flask) -> bool:
    return app.config["DATABASE_URL"].startswith("sqlite")


def as_kept(app: Flask, statement: str) -> str:
    """The statement with instants in the form in which this database keeps them."""
    return statement.replace("+00'", ".000000'") if is_sqlite(app) else statement
