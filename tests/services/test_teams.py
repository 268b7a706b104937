"""Applying for a team, and deciding on it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.domain.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from booking.domain.permissions import VISITOR
from booking.domain.teams import Application, Team
from booking.models.audit import AuditEntry
from booking.models.outbox import OutboxItem
from booking.models.scenarios import Scenario
from booking.models.users import User
from booking.queries.applications import team_by_id
from booking.queries.users import actor_by_email
from booking.services import teams
from tests.support.world import World, build_world

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    world = build_world(app)
    with app.app_context():
        yield world


def application(world: World, **changed: object) -> Application:
    usual = {
        "name": "Night buses",
        "slug": "night-buses",
        "scenario_id": world.scenario,
        "organisation_id": world.south,
        "lead": "stranger@example.org",
    }
    return Application(**{**usual, **changed})  # type: ignore[arg-type]


def applied(world: World, **changed: object) -> Team:
    return teams.apply_for_team(application(world, **changed), actor=world.member, now=NOW)


def told(team_id: int) -> list[str]:
    chosen = select(OutboxItem.event).where(OutboxItem.subject == f"team:{team_id}").order_by(OutboxItem.id)
    return list(db.session.scalars(chosen))


def test_a_team_that_was_applied_for_waits_with_its_lead_in_it_and_reviewers_hear_of_it(world: World) -> None:
    team = applied(world, lead=" Stranger@Example.org ")

    assert (team.state, team.slug, team.scenario, team.organisation) == ("applied", "night-buses", "traffic", "south")
    assert [(member.email, member.role) for member in team.members] == [("stranger@example.org", "lead")]
    assert team.applied_by == world.member.user_id
    assert told(team.id) == ["team_applied"]
    actor = actor_by_email(db.session(), "stranger@example.org")
    assert actor is not None
    assert actor.teams == {team.id: "lead"}


def test_an_application_is_in_the_audit_log(world: World) -> None:
    applied(world)
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.by, entry.act, entry.subject) == ("member@example.org", "team.apply", "team:night-buses")


NO_LEADS = ["nobody@example.org", "no address", "", "closed@example.org", "unsure@example.org"]


def test_the_lead_has_an_account_that_can_be_used(world: World, subtests: pytest.Subtests) -> None:
    usual = {"name": "x", "password_hash": "x", "session_key": "x", "created_at": NOW}
    db.session.add(User(email="closed@example.org", active=False, confirmed_at=NOW, **usual))
    db.session.add(User(email="unsure@example.org", active=True, **usual))
    db.session.commit()
    for lead in NO_LEADS:
        with subtests.test(lead=lead):
            with pytest.raises(Invalid) as raised:
                applied(world, lead=lead)
            assert raised.value.field == "lead"
            assert told(1) == []


def test_a_slug_is_taken_once(world: World) -> None:
    with pytest.raises(Conflict) as raised:
        applied(world, slug=World.TEAM)
    assert raised.value.field == "slug"


@pytest.mark.parametrize(("field", "value"), [("slug", "Night Buses"), ("slug", "12"), ("name", " "), ("name", "a\0b")])
def test_names_that_cannot_be_kept_are_refused_beside_their_field(world: World, field: str, value: str) -> None:
    with pytest.raises(Invalid) as raised:
        applied(world, **{field: value})
    assert raised.value.field == field


@pytest.mark.parametrize("published_at", [None, NOW + timedelta(seconds=1)])
def test_nobody_applies_for_a_scenario_that_is_not_published_yet(world: World, published_at: datetime | None) -> None:
    db.session.get_one(Scenario, world.scenario).published_at = published_at
    db.session.commit()
    with pytest.raises(NotFound):
        applied(world)


def test_visitors_do_not_apply(world: World) -> None:
    with pytest.raises(Forbidden):
        teams.apply_for_team(application(world), actor=VISITOR, now=NOW)


@pytest.mark.parametrize("who", ["reviewer", "admin"])
def test_a_team_is_approved_until_a_date(world: World, who: str) -> None:
    team = applied(world)
    until = NOW + 30 * DAY
    approved = teams.approve_team(team.id, actor=world.people[who], now=NOW, until=until, reason="fine")

    assert (approved.state, approved.standing.approved_until, approved.reason) == ("approved", until, "fine")
    assert approved.decided_at == NOW
    assert told(team.id) == ["team_applied", "team_approved"]


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (NOW, datetime(2027, 3, 2, 8, 0, tzinfo=UTC)),
        (datetime(2028, 2, 29, 8, 0, tzinfo=UTC), datetime(2029, 2, 28, 8, 0, tzinfo=UTC)),
    ],
)
def test_a_team_is_approved_for_a_year_where_nobody_says(world: World, now: datetime, until: datetime) -> None:
    approved = teams.approve_team(applied(world).id, actor=world.people["reviewer"], now=now)
    assert approved.standing.approved_until == until


@pytest.mark.parametrize("until", [NOW, NOW - DAY, NOW + 200 * 366 * DAY])
def test_an_approval_ends_in_a_future_that_somebody_will_see(world: World, until: datetime) -> None:
    team = applied(world)
    with pytest.raises(Invalid) as raised:
        teams.approve_team(team.id, actor=world.people["reviewer"], now=NOW, until=until)
    assert raised.value.field == "until"
    assert team_by_id(db.session(), team.id).state == "applied"


def test_an_approved_team_gets_another_end(world: World) -> None:
    approved = teams.approve_team(world.team, actor=world.people["reviewer"], now=NOW, until=NOW + DAY)
    assert (approved.state, approved.standing.approved_until) == ("approved", NOW + DAY)


def test_a_declined_team_can_still_be_approved_and_says_why_it_was_declined(world: World) -> None:
    reviewer = world.people["reviewer"]
    team = applied(world)
    declined = teams.decline_team(team.id, actor=reviewer, now=NOW, reason="no data")
    assert (declined.state, declined.reason) == ("declined", "no data")
    assert teams.approve_team(team.id, actor=reviewer, now=NOW).state == "approved"
    assert told(team.id) == ["team_applied", "team_declined", "team_approved"]


def test_a_suspended_team_has_no_access_from_then_on_and_gets_it_back(world: World) -> None:
    reviewer = world.people["reviewer"]
    suspended = teams.suspend_team(world.team, actor=reviewer, now=NOW, reason="unpaid")
    assert (suspended.state, suspended.reason, suspended.standing.suspended_at) == ("suspended", "unpaid", NOW)
    assert not suspended.standing.has_access(NOW)

    back = teams.reinstate_team(world.team, actor=reviewer, now=NOW + DAY, reason="paid")
    assert (back.state, back.standing.suspended_at) == ("approved", None)
    assert back.standing.has_access(NOW + DAY)
    assert told(world.team) == ["team_suspended", "team_approved"]


def test_a_team_whose_approval_ended_while_it_was_suspended_comes_back_as_expired(world: World) -> None:
    reviewer = world.people["reviewer"]
    teams.approve_team(world.team, actor=reviewer, now=NOW, until=NOW + DAY)
    teams.suspend_team(world.team, actor=reviewer, now=NOW)
    assert teams.reinstate_team(world.team, actor=reviewer, now=NOW + DAY).state == "expired"


EACH_STATE = ["applied", "approved", "declined", "suspended", "expired"]
EACH_VERB = ["approve", "decline", "suspend", "reinstate"]


def test_each_verb_is_for_some_states_only(world: World, subtests: pytest.Subtests) -> None:
    for state in EACH_STATE:
        for verb in EACH_VERB:
            with subtests.test(state=state, verb=verb):
                reviewer = world.people["reviewer"]
                legal = {
                    ("applied", "approve"), ("applied", "decline"), ("approved", "approve"), ("approved", "suspend"),
                    ("declined", "approve"), ("suspended", "reinstate"), ("expired", "approve"),
                }  # fmt: skip
                row = teams.lock_team(db.session(), world.team)
                row.state, row.suspended_at = state, NOW if state == "suspended" else None
                db.session.commit()

                act = getattr(teams, f"{verb}_team")
                if (state, verb) in legal:
                    act(world.team, actor=reviewer, now=NOW, reason="so be it")
                else:
                    with pytest.raises(IllegalMove, match=state):
                        act(world.team, actor=reviewer, now=NOW)


OTHERS_VERB = ["approve", "decline", "suspend", "reinstate"]
OTHERS_WHO = [
    ("lead", Forbidden),
    ("member", Forbidden),
    ("funder", Forbidden),
    ("rival", NotFound),
    ("operator", NotFound),
    ("steward", NotFound),
    ("owner", NotFound),
    ("stranger", NotFound),
]


def test_others_do_not_decide_and_strangers_do_not_even_know(world: World, subtests: pytest.Subtests) -> None:
    for verb in OTHERS_VERB:
        for who, error in OTHERS_WHO:
            with subtests.test(verb=verb, who=who, error=error):
                with pytest.raises(error):
                    getattr(teams, f"{verb}_team")(world.team, actor=world.people[who], now=NOW)
                assert team_by_id(db.session(), world.team).state == "approved"


def test_a_team_that_does_not_exist_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        teams.approve_team(999, actor=world.admin, now=NOW)


def test_a_reason_that_cannot_be_kept_leaves_the_team_as_it_was(world: World) -> None:
    with pytest.raises(Invalid) as raised:
        teams.suspend_team(world.team, actor=world.admin, now=NOW, reason="a\0b")
    assert raised.value.field == "reason"
    assert team_by_id(db.session(), world.team).state == "approved"
    assert told(world.team) == []
