"""Departments vote on applications: what decides, what the deadline does, and two last votes at once."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.domain.editions import Rule
from booking.domain.errors import Conflict, Forbidden, IllegalMove, Invalid
from booking.domain.permissions import VISITOR, Actor
from booking.domain.teams import Application
from booking.models.audit import AuditEntry
from booking.models.outbox import OutboxItem
from booking.queries.applications import team_by_id
from booking.queries.scenarios import find_scenario
from booking.queries.users import actor_by_email
from booking.queries.votes import ballots_of
from booking.services import teams, users, votes
from booking.services.roles import give_role
from tests.support.editions import publish_entry, published_list
from tests.support.processes import application, meet, together
from tests.support.visitors import PASSWORD
from tests.support.world import World, build_world

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SEATS = {"data": ("Data", False), "law": ("Law", False), "deputy": ("Law", True), "funder": ("Funds", False)}
"""Who else reviews, for which department, and whether as a deputy; the world's own reviewer is in none."""


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    world = build_world(app)
    with app.app_context():
        yield world


def reviewers(world: World) -> dict[str, Actor]:
    for who, (department, deputy) in SEATS.items():
        person = world.people.get(who) or users.add_user(f"{who}@example.org", who.title(), PASSWORD, now=NOW)
        given = {"department": department, "deputy": deputy}
        give_role(person.user_id, "reviewer", **given, actor=world.admin, now=NOW)  # type: ignore[arg-type]
    found = {who: actor_by_email(db.session(), f"{who}@example.org") for who in (*SEATS, "reviewer")}
    return {who: actor for who, actor in found.items() if actor is not None}


def entry(world: World, quorum: int = 2) -> int:
    published_list(world, NOW, rule=Rule(quorum, vote_days=30, deputy_days=20))
    publish_entry(world, 1, "harbour", NOW)
    return find_scenario(db.session(), "harbour", actor=VISITOR, now=NOW).id


def apply(world: World, scenario_id: int, slug: str = "cranes", *, organisation: int = 0) -> int:
    asked = Application("Cranes", slug, scenario_id, organisation or world.south, "stranger@example.org")
    return teams.apply_for_team(asked, actor=world.people["stranger"], now=NOW).id


def told(team_id: int) -> list[str]:
    chosen = select(OutboxItem.event).where(OutboxItem.subject == f"team:{team_id}").order_by(OutboxItem.id)
    return list(db.session.scalars(chosen))


def test_departments_ask_hear_the_answer_and_approve_together(world: World) -> None:
    who = reviewers(world)
    # The funder is of the organisation that owns the entry, so she cannot vote on it.
    team_id = apply(world, entry(world))
    with pytest.raises(Forbidden) as refused:
        teams.approve_team(team_id, actor=who["funder"], now=NOW)
    assert refused.value.code == "conflict_of_interest"

    asked = votes.return_team(team_id, actor=who["reviewer"], now=NOW, reason="Which cranes?")
    assert asked.state == "applied"
    changed = teams.approve_team(team_id, actor=who["reviewer"], now=NOW + DAY)
    assert (changed.state, len(ballots_of(db.session(), [team_id])[team_id].votes)) == ("applied", 1)
    votes.return_team(team_id, actor=who["reviewer"], now=NOW + DAY, reason="Which cranes?")
    returned = votes.return_team(team_id, actor=who["data"], now=NOW + DAY, reason="Whose data?")
    assert (returned.state, returned.reason) == ("returned", "Which cranes?\nData: Whose data?")
    with pytest.raises(IllegalMove, match="returned"):
        teams.approve_team(team_id, actor=who["data"], now=NOW + DAY)

    stranger = world.people["stranger"]
    with pytest.raises(Invalid):
        votes.answer_questions(team_id, " ", actor=stranger, now=NOW + 40 * DAY)
    again = votes.answer_questions(team_id, "Ours", actor=stranger, now=NOW + 40 * DAY)
    ballot = ballots_of(db.session(), [team_id])[team_id]
    assert (again.state, ballot.votes, ballot.decide_by) == ("applied", (), NOW + 70 * DAY)

    until = NOW + 200 * DAY
    teams.approve_team(team_id, actor=who["reviewer"], now=NOW + 41 * DAY)
    approved = teams.approve_team(team_id, actor=who["data"], now=NOW + 41 * DAY, until=until)
    assert (approved.state, approved.standing.approved_until) == ("approved", until)
    with pytest.raises(IllegalMove, match="approved"):
        teams.approve_team(team_id, actor=who["reviewer"], now=NOW + 41 * DAY)
    assert told(team_id) == ["team_applied", "team_returned", "team_applied", "team_approved"]
    log = db.session.scalars(select(AuditEntry.act).where(AuditEntry.subject == "team:cranes"))
    assert Counter(log) == {
        "team.apply": 1, "team.vote": 6, "team.return": 1, "team.answer": 1, "team.approve": 1,
    }  # fmt: skip


def test_the_deadline_declines_where_most_did_and_returns_otherwise_once(world: World) -> None:
    who = reviewers(world)
    scenario_id = entry(world)
    silent, opposed = apply(world, scenario_id), apply(world, scenario_id, "ropes")
    teams.decline_team(opposed, actor=who["reviewer"], now=NOW, reason="No harbour")
    assert votes.decide_due(NOW + 30 * DAY - timedelta(seconds=1)).items == 0
    with pytest.raises(Conflict) as late:
        teams.approve_team(silent, actor=who["reviewer"], now=NOW + 30 * DAY)
    assert late.value.code == "voting_ended"

    assert votes.decide_due(NOW + 90 * DAY).items == 2
    assert votes.decide_due(NOW + 90 * DAY).items == 0
    found = [team_by_id(db.session(), one) for one in (silent, opposed)]
    assert [(one.state, one.reason) for one in found] == [
        ("returned", "too few departments agreed in time"),
        ("declined", "No harbour"),
    ]
    assert told(silent) == ["team_applied", "team_returned"]


def test_a_deputy_steps_in_late_and_an_administrator_decides_at_once(world: World) -> None:
    who = reviewers(world)
    scenario_id = entry(world)
    third = apply(world, scenario_id)
    with pytest.raises(Conflict) as early:
        teams.approve_team(third, actor=who["deputy"], now=NOW + 20 * DAY - timedelta(seconds=1))
    assert early.value.code == "deputies_later"
    teams.approve_team(third, actor=who["deputy"], now=NOW + 20 * DAY)
    assert teams.approve_team(third, actor=who["data"], now=NOW + 20 * DAY).state == "approved"

    third = apply(world, scenario_id, "ropes")
    assert teams.approve_team(third, actor=world.admin, now=NOW).state == "approved"
    with pytest.raises(Forbidden):
        votes.return_team(third, actor=world.people["stranger"], now=NOW, reason="x")


def test_one_reviewer_decides_where_no_list_asks_for_more(world: World) -> None:
    who = reviewers(world)
    team_id = apply(world, world.scenario)
    assert ballots_of(db.session(), [team_id])[team_id].quorum == 1
    with pytest.raises(Invalid) as raised:
        teams.decline_team(team_id, actor=who["reviewer"], now=NOW)
    assert raised.value.field == "reason"
    assert teams.approve_team(team_id, actor=who["reviewer"], now=NOW).state == "approved"


ROUNDS = 5


def vote_at_once(database_url: str, team_ids: list[int], people: list[tuple[Actor, str]]) -> list[str]:
    """What became of the vote of one reviewer in each round."""
    with application(database_url):
        actor, verb = people[meet() % len(people)]
        said = []
        for team_id in team_ids:
            try:
                act = {"approve": teams.approve_team, "decline": teams.decline_team}[verb]
                said.append(str(act(team_id, actor=actor, now=NOW, reason="so be it").state))
            except Conflict as refused:
                said.append(refused.code)
        return said


def test_of_two_last_votes_at_once_one_decides(app: Flask, database_url: str) -> None:
    world = build_world(app)
    with app.app_context():
        who, scenario_id = reviewers(world), world.scenario
        team_ids = [apply(world, scenario_id, f"cranes-{turn}") for turn in range(ROUNDS)]
        db.session.remove()
    people = [(who["reviewer"], "decline"), (who["data"], "decline")]
    answers = together(vote_at_once, database_url, team_ids, people, processes=2)
    for turn, said in enumerate(zip(*answers, strict=True)):
        assert Counter(said) == {"declined": 1, "illegal_move": 1}, f"round {turn}"
    with app.app_context():
        assert [told(team_id) for team_id in team_ids] == [["team_applied", "team_declined"]] * ROUNDS
