"""Warnings of ends: each once, in time, and again when the end was put off."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from booking.db import db, transaction
from booking.domain.jobs import JobResult
from booking.models.grants import Grant
from booking.models.outbox import OutboxItem
from booking.models.teams import Team
from booking.services.notices import warn_of_ending_approvals, warn_of_ending_grants
from tests.domain.examples import at
from tests.support.processes import application, meet, together
from tests.support.world import World, build_world

END = at(day=60)
FORTNIGHT = timedelta(days=14)


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    """A world whose approvals and four grants end on one day."""
    world = build_world(app, until=END)
    with app.app_context():
        yield world


def told(event: str) -> list[str]:
    chosen = select(OutboxItem.subject).where(OutboxItem.event == event).order_by(OutboxItem.id)
    return list(db.session.scalars(chosen))


def test_a_team_is_warned_of_each_grant_a_fortnight_before_it_ends_and_once(world: World):
    assert warn_of_ending_grants(END - FORTNIGHT - timedelta(seconds=1)) == JobResult()
    assert warn_of_ending_grants(END - FORTNIGHT) == JobResult(items=4)
    assert warn_of_ending_grants(END - FORTNIGHT) == JobResult()
    assert warn_of_ending_grants(END - timedelta(days=1)) == JobResult()

    assert told("grant_ending")[0] == f"grant:{world.pool_grant}"
    assert len(told("grant_ending")) == 4


def test_a_team_is_warned_of_the_end_of_its_approval_and_again_when_that_was_put_off(world: World):
    assert warn_of_ending_approvals(END - FORTNIGHT) == JobResult(items=2)
    with transaction() as session:
        session.execute(update(Team).values(approved_until=END + timedelta(days=90)))

    assert warn_of_ending_approvals(END - FORTNIGHT) == JobResult()
    assert warn_of_ending_approvals(END + timedelta(days=80)) == JobResult(items=2)

    assert told("team_ending").count(f"team:{world.team}") == 2


def test_nobody_is_warned_of_what_has_ended_or_is_not_in_force(world: World):
    with transaction() as session:
        session.execute(update(Team).values(state="declined"))
        session.execute(update(Grant).values(expired_at=END - FORTNIGHT))

    assert warn_of_ending_approvals(END - timedelta(days=1)) == JobResult()
    assert warn_of_ending_grants(END - timedelta(days=1)) == JobResult()
    assert warn_of_ending_grants(END) == JobResult()


def warn(database_url: str) -> int:
    with application(database_url):
        meet()
        return warn_of_ending_grants(END - FORTNIGHT).items


def test_of_two_processes_that_warn_at_once_one_does(world: World, database_url: str):
    assert sum(together(warn, database_url)) == 4

    assert len(told("grant_ending")) == 4
