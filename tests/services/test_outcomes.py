"""Teams are asked once what came of a booking; what they report is read by those who decide, then by everybody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.db import db
from booking.domain.errors import Forbidden, IllegalMove, Invalid, NotFound, Stale
from booking.domain.outcomes import OutcomeState
from booking.domain.permissions import VISITOR
from booking.models.audit import AuditEntry
from booking.models.notices import ReceivedNotice
from booking.queries.outcomes import Wanted, cases, find_outcome
from booking.services.outbox import address_notices
from booking.services.outcomes import ask_due, review_outcome, submit_outcome
from tests.support.lives import NOW
from tests.support.outcomes import REPORT, asked, submitted, used
from tests.support.world import World

Worlds = Callable[..., World]


def told(event: str) -> set[int]:
    """Who has a notice of an event."""
    address_notices(NOW)
    return set(db.session.scalars(select(ReceivedNotice.user_id).where(ReceivedNotice.event == event)))


def test_the_team_is_asked_once_after_the_end_with_the_hours_filled_in(a_world: Worlds) -> None:
    world = a_world()
    outcome_id = asked(world, NOW)
    assert ask_due(NOW).items == ask_due(NOW + timedelta(days=1)).items == 0
    assert told("outcome_asked") == {world.lead.user_id, world.member.user_id}
    outcome = find_outcome(db.session.connection(), outcome_id, world.member)
    assert (outcome.kind, outcome.booked_unit_seconds, outcome.report.used_unit_seconds) == ("pool", 57_600, 57_600)
    assert [place.slug for place in outcome.places] == [World.FACILITY]
    for actor in (world.rival, VISITOR, world.people["reviewer"], world.people["owner"]):
        with pytest.raises(NotFound):
            find_outcome(db.session.connection(), outcome_id, actor)


def test_who_ended_long_ago_is_asked_no_more(a_world: Worlds) -> None:
    used(a_world(), NOW)
    assert ask_due(NOW + timedelta(days=14)).items == 0


def test_a_report_is_reviewed_comes_back_and_becomes_a_case(a_world: Worlds) -> None:
    world = a_world()
    outcome_id, reviewer, owner = asked(world, NOW), world.people["reviewer"], world.people["owner"]
    with pytest.raises(NotFound):
        submit_outcome(outcome_id, REPORT, actor=world.rival, now=NOW)
    with pytest.raises(Invalid, match="had 16 hours"):
        submit_outcome(outcome_id, replace(REPORT, used_unit_seconds=57_601), actor=world.lead, now=NOW)
    first = submit_outcome(outcome_id, REPORT, actor=world.lead, now=NOW, version=1)
    assert (first.state, first.report) == (OutcomeState.SUBMITTED, REPORT)
    assert told("outcome_submitted") == {reviewer.user_id, owner.user_id}
    with pytest.raises(IllegalMove):
        submit_outcome(outcome_id, REPORT, actor=world.lead, now=NOW)

    for actor, error in ((world.lead, Forbidden), (world.rival, NotFound), (world.operator, NotFound)):
        with pytest.raises(error):
            review_outcome(outcome_id, "publish", actor=actor, now=NOW)
    returned = review_outcome(outcome_id, "return", actor=owner, now=NOW, reason="Which crossings?")
    assert (returned.state, returned.reason, returned.decided_by) == ("returned", "Which crossings?", owner.email)
    with pytest.raises(IllegalMove):
        review_outcome(outcome_id, "publish", actor=reviewer, now=NOW)
    again = submit_outcome(outcome_id, replace(REPORT, results="All of them."), actor=world.member, now=NOW)
    assert (again.reason, again.decided_at) == ("", None)
    with pytest.raises(Stale):
        review_outcome(outcome_id, "publish", actor=reviewer, now=NOW, version=first.version)

    assert cases(db.session.connection(), Wanted()) == []
    review_outcome(outcome_id, "publish", actor=reviewer, now=NOW, version=again.version)
    connection = db.session.connection()
    assert find_outcome(connection, outcome_id, VISITOR).report.results == "All of them."
    right, wrong = ("traffic", "team", "north-centre", "Beijing"), ("x", "rival-team", "south-centre", "Guangdong")
    for scenario, team, facility, region in (right, wrong):
        found = [
            len(cases(connection, wanted))
            for wanted in (
                Wanted(scenario=scenario), Wanted(team=team), Wanted(facility=facility), Wanted(regions=[region])
            )
        ]  # fmt: skip
        assert found == [int(scenario == "traffic")] * 4
    assert told("outcome_published") == {world.lead.user_id, world.member.user_id}

    review_outcome(outcome_id, "decline", actor=reviewer, now=NOW, reason="The paper was withdrawn.")
    assert cases(db.session.connection(), Wanted()) == []
    acts = db.session.scalars(select(AuditEntry.act).where(AuditEntry.subject == f"outcome:{outcome_id}"))
    assert list(acts.all()) == [f"outcome.{verb}" for verb in ("submit", "return", "submit", "publish", "decline")]


def test_nobody_decides_on_the_report_of_an_own_team(a_world: Worlds) -> None:
    world = a_world()
    outcome_id = submitted(world, NOW)
    partial = replace(world.people["reviewer"], teams={world.team: "member"})
    with pytest.raises(Forbidden, match="nobody on one of an own team"):
        review_outcome(outcome_id, "publish", actor=partial, now=NOW)
