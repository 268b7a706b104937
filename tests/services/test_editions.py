"""Scenario lists and their entries, from the draft to the close, by the clock."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.domain.editions import Edition, NewEdition, Rule, Times
from booking.domain.entries import Category, Content
from booking.domain.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from booking.domain.permissions import VISITOR
from booking.domain.scenarios import NewEntry, Scenario
from booking.domain.teams import Application
from booking.models.audit import AuditEntry
from booking.models.outbox import OutboxItem
from booking.queries.editions import find_edition
from booking.queries.scenarios import find_scenario, published_entries, versions_of
from booking.services.editions import announce_edition, keep_times
from booking.services.scenarios import change_entry, draft_entry, review_entry, submit_entry
from booking.services.teams import apply_for_team
from tests.support.world import World, build_world

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SAYS = Content("Harbour checks", Category.ECONOMY, "Beijing", "Containers", gpu_hours=500)


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    world = build_world(app)
    with app.app_context():
        yield world


def announced(world: World, *, opens: int = 0, publishes: int = 10, closes: int = 30) -> Edition:
    times = Times(*(NOW + day * DAY for day in (opens, publishes, closes)))
    return announce_edition(NewEdition("Spring list", times, Rule(2)), actor=world.admin, now=NOW)


def drafted(world: World, number: int, slug: str = "harbour", **more: str) -> Scenario:
    entry = NewEntry(slug, World.NORTH, SAYS, **more)
    return draft_entry(number, entry, actor=world.people["owner"], now=NOW)


def accepted(world: World, number: int, slug: str = "harbour", *, now: datetime = NOW, **more: str) -> None:
    owner, reviewer = world.people["owner"], world.people["reviewer"]
    draft_entry(number, NewEntry(slug, World.NORTH, SAYS, **more), actor=owner, now=now)
    submit_entry(slug, actor=owner, now=now)
    review_entry(slug, "accept", actor=reviewer, now=now)


def told(scenario_id: int) -> list[str]:
    chosen = select(OutboxItem.event).where(OutboxItem.subject == f"scenario:{scenario_id}").order_by(OutboxItem.id)
    return list(db.session.scalars(chosen))


def test_a_list_is_published_and_closed_at_its_times_once_however_long_nobody_looked(world: World) -> None:
    edition = announced(world, opens=1)
    assert (edition.number, edition.state) == (1, "planned")
    with pytest.raises(Conflict) as raised:
        drafted(world, 1)
    assert raised.value.code == "edition_not_open"

    accepted(world, 1, now=NOW + DAY)
    draft_entry(1, NewEntry("late", World.NORTH, SAYS), actor=world.people["owner"], now=NOW + DAY)
    with pytest.raises(NotFound):
        find_scenario(db.session(), "harbour", actor=VISITOR, now=NOW + 9 * DAY)

    assert keep_times(NOW + 10 * DAY).items == 1
    found = find_scenario(db.session(), "harbour", actor=VISITOR, now=NOW + 10 * DAY)
    assert (found.state, found.published_at) == ("published", NOW + 10 * DAY)
    assert keep_times(NOW + 10 * DAY).items == 0

    assert keep_times(NOW + 90 * DAY).items == 1
    assert find_edition(db.session(), 1).state == "closed"
    assert [one.slug for one in published_entries(db.session(), 1, NOW + 90 * DAY)] == ["harbour"]
    assert told(found.id) == ["entry_submitted", "entry_accepted", "entry_published", "entry_closed"]
    log = db.session.scalars(select(AuditEntry.act).where(AuditEntry.subject == "edition:1").order_by(AuditEntry.id))
    assert list(log) == ["edition.announce", "edition.open", "edition.published", "edition.closed"]

    with pytest.raises(Conflict) as raised:
        submit_entry("late", actor=world.people["owner"], now=NOW + 90 * DAY)
    assert raised.value.code == "edition_closed"


def test_what_is_accepted_after_the_list_is_out_is_published_by_the_next_run(world: World) -> None:
    announced(world)
    keep_times(NOW + 10 * DAY)
    accepted(world, 1, now=NOW + 11 * DAY)
    keep_times(NOW + 11 * DAY)
    assert [one.slug for one in published_entries(db.session(), 1, NOW + 11 * DAY)] == ["harbour"]


def test_a_published_entry_is_never_altered_silently(world: World) -> None:
    announced(world, publishes=0)
    accepted(world, 1)
    keep_times(NOW)
    owner = world.people["owner"]
    changed = change_entry(
        "harbour", replace(SAYS, gpu_hours=900), actor=owner, now=NOW + DAY, reason="more containers"
    )
    assert (changed.version, changed.content.gpu_hours) == (2, 900)
    assert change_entry("harbour", changed.content, actor=owner, now=NOW + 2 * DAY).version == 2

    before = versions_of(db.session(), changed.id)
    assert [(one.number, one.content, one.reason) for one in before] == [(1, SAYS, "more containers")]
    log = select(AuditEntry.details).where(AuditEntry.act == "scenario.change")
    assert db.session.scalars(log).one()["changed"] == ["gpu_hours"]


def test_teams_apply_until_the_list_closes_and_hear_when_it_did(world: World) -> None:
    announced(world, publishes=0)
    accepted(world, 1)
    keep_times(NOW)
    entry = find_scenario(db.session(), "harbour", actor=VISITOR, now=NOW)
    usual = {"scenario_id": entry.id, "organisation_id": world.south, "lead": "stranger@example.org"}
    asked = Application(name="Cranes", slug="cranes", **usual)
    assert apply_for_team(asked, actor=world.member, now=NOW + 30 * DAY - timedelta(seconds=1)).state == "applied"

    # Nobody has looked at the list since: the clock closes it, not the scheduler.
    with pytest.raises(Conflict, match="2026-04-01") as raised:
        apply_for_team(replace(asked, slug="ropes"), actor=world.member, now=NOW + 30 * DAY)
    assert (raised.value.code, raised.value.field) == ("edition_closed", "scenario")


def test_an_entry_goes_back_with_questions_and_comes_again(world: World) -> None:
    announced(world)
    entry = drafted(world, 1)
    owner, reviewer = world.people["owner"], world.people["reviewer"]
    submit_entry("harbour", actor=owner, now=NOW)
    with pytest.raises(IllegalMove, match="submitted"):
        change_entry("harbour", replace(SAYS, name="x"), actor=owner, now=NOW)
    with pytest.raises(Invalid) as raised:
        review_entry("harbour", "return", actor=reviewer, now=NOW)
    assert raised.value.field == "reason"
    returned = review_entry("harbour", "return", actor=reviewer, now=NOW, reason="Which harbour?")
    assert (returned.state, returned.reason) == ("returned", "Which harbour?")
    change_entry("harbour", replace(SAYS, description="Tianjin"), actor=owner, now=NOW)
    assert submit_entry("harbour", actor=owner, now=NOW).version == 1
    assert told(entry.id) == ["entry_submitted", "entry_returned", "entry_submitted"]


def test_each_verb_is_for_some_people_only(world: World, subtests: pytest.Subtests) -> None:
    announced(world)
    drafted(world, 1)
    people = world.people
    new = NewEdition("x", Times(NOW, NOW + DAY, NOW + 2 * DAY))
    attempts = {
        "strangers do not hear of a draft": (NotFound, lambda: submit_entry("harbour", actor=people["rival"], now=NOW)),
        "a reviewer does not hand it in": (
            Forbidden,
            lambda: submit_entry("harbour", actor=people["reviewer"], now=NOW),
        ),
        "an owner does not accept": (
            Forbidden,
            lambda: review_entry("harbour", "accept", actor=people["owner"], now=NOW),
        ),
        "a funder drafts nothing": (
            Forbidden,
            lambda: draft_entry(1, NewEntry("x", World.NORTH, SAYS), actor=people["funder"], now=NOW),
        ),
        "an owner drafts for no other": (
            Forbidden,
            lambda: draft_entry(1, NewEntry("x", World.SOUTH, SAYS), actor=people["owner"], now=NOW),
        ),
        "a reviewer announces no list": (Forbidden, lambda: announce_edition(new, actor=people["reviewer"], now=NOW)),
        "an entry continues one that is there": (Invalid, lambda: drafted(world, 1, "y", continues="harbour")),
    }
    for sentence, (error, attempt) in attempts.items():
        with subtests.test(sentence), pytest.raises(error):
            attempt()
