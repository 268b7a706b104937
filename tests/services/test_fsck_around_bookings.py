"""What lies around the bookings is broken behind the product's back, and fsck has to name it."""

from flask import Flask

from tests.services.test_fsck import as_kept, breaches, lived_in

ACTIVITY = (
    "INSERT INTO activities (id, name, slug, organisation_id, kind, region, place, description, starts_at, ends_at,"
    " places, team_id) VALUES ({id}, 'Day', 'day-{id}', 1, 'contest', '', '', '', '2026-03-0{day} 08:00:00+00',"
    " '2026-03-0{day} 09:00:00+00', {places}, 1); INSERT INTO enrolments (activity_id, user_id, state, enrolled_at,"
    " joined_team) VALUES ({id}, 1, 'enrolled', '2026-03-01 12:00:00+00', {lent}), ({id}, 2, '{second}',"
    " '2026-03-01 12:00:00+00', false)"
)
REPORT = (
    "INSERT INTO outcomes (id, booking_id, team_id, kind, booked_unit_seconds, used_unit_seconds, state, version,"
    " title, results, links, asked_at, submitted_at, decided_at, decided_by, reason) VALUES ({booking}, {booking},"
    " {team}, 'pool', 1, 1, 'published', 1, '{title}', 'x', '[]', '2026-03-02 14:10:00+00', '2026-03-02 14:10:00+00',"
    " '2026-03-02 14:10:00+00', '{by}', '')"
)
OWED = (
    "INSERT INTO attestations (id, booking_id, resource_id, team_id, asked_at, due_at, attested_by, statement)"
    " VALUES ({id}, {booking}, {resource}, {team}, '2026-03-02 14:10:00+00', '2026-03-09 12:00:00+00', '', '')"
)
LIST = (
    "INSERT INTO editions (number, title, state, opens_at, publishes_at, closes_at, quorum, vote_days) VALUES (7, 'x',"
    " '{state}', '2026-02-01 12:00:00+00', '2026-02-20 12:00:00+00', '2026-03-30 12:00:00+00', 1, 30)"
)
MONTHS = (
    "INSERT INTO settlement_months (starts_at, ends_at, last_entry_id, closed_at, closed_by) VALUES"
    " ('2025-11-30 16:00:00+00', '2025-12-31 16:00:00+00', 0, '2026-01-06 12:00:00+00', 'x'),"
    " ('{second}', '2026-02-28 16:00:00+00', 0, '2026-03-06 12:00:00+00', 'x')"
)
TRAINED = (
    'UPDATE resources SET policy = \'{{"requires_course": "safety"}}\' WHERE id = 1; INSERT INTO courses (id, name,'
    " slug, organisation_id, description, created_at) VALUES (9, 'x', 'safety', 1, '', '2026-03-01 12:00:00+00');"
    " INSERT INTO completions (course_id, user_id, completed_at, recorded_by, revoked_at, reason)"
    " SELECT 9, created_by, '2026-03-01 12:00:00+00', 'x', {revoked}, '' FROM bookings WHERE id = 1"
)


def activity(number: int, *, day: int = 4, places: str = "2", second: str = "enrolled", lent: str = "false") -> str:
    return ACTIVITY.format(id=number, day=day, places=places, second=second, lent=lent)


def report(booking: int, *, team: int = 1, title: str = "x", by: str = "x") -> str:
    return REPORT.format(booking=booking, team=team, title=title, by=by)


def owed(number: int, booking: int, resource: int, *, team: int = 1) -> str:
    return OWED.format(id=number, booking=booking, resource=resource, team=team)


KEPT_AROUND = (
    activity(1), activity(2, places="1", second="waiting"), TRAINED.format(revoked="NULL"), report(3), owed(1, 5, 3),
    LIST.format(state="published"), MONTHS.format(second="2025-12-31 16:00:00+00"),
)  # fmt: skip
BROKEN_AROUND = (
    (1, "activities with more people than places: 1", activity(1, places="1")),
    (6, "activities with free places that somebody waits for: 2, 3", activity(2, second="waiting")),
    (6, "activities with free places that somebody waits for: 2, 3", activity(3, places="NULL", second="waiting")),
    (7, "places that lend a team after their activity: ", activity(4, day=1, lent="true")),
    (8, "open bookings whose training was taken back: 1, 2, 6, 8, 9",
     TRAINED.format(revoked="'2026-03-02 12:30:00+00'")),
    (5, "reports that were decided on by nobody: 3", report(3, by="")),
    (5, "reports that say nothing: 4", report(4, title="")),
    (5, "reports of bookings that are not over: 1", report(1)),
    (6, "reports of another team's booking: 5", report(5, team=2)),
    (5, "attestations of windows that are not over: 1", owed(1, 1, 3)),
    (6, "attestations of another team's booking: 2", owed(2, 5, 3, team=2)),
    (6, "attestations of a dataset that was not booked: 3", owed(3, 5, 2)),
    (5, "scenario lists that are behind their clock: 7", LIST.format(state="open")),
    (5, "entries of which an earlier version is missing: 1", "UPDATE scenarios SET version = 2 WHERE id = 1"),
    (5, "months that were closed before the month before them: 2026-01-31T16:00:00Z",
     MONTHS.format(second="2026-01-31 16:00:00+00")),
)  # fmt: skip


def test_what_breaks_the_rules_around_the_bookings_is_found(app: Flask) -> None:
    """Activities, courses, reports, attestations, scenario lists and closed months."""
    lived_in(app)
    assert breaches(app, *(as_kept(app, each) for each in KEPT_AROUND)) == {}
    found = breaches(app, *(as_kept(app, statement) for _, _, statement in BROKEN_AROUND))
    for rule, said, _ in BROKEN_AROUND:
        assert f"{said};" in f"{found[rule]};" or said.endswith(" "), found[rule]
        assert said in found[rule]
