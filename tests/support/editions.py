"""Scenario lists for tests, by the same services as everybody's."""

from dataclasses import replace
from datetime import datetime, timedelta

from booking.db import db
from booking.domain.editions import Edition, NewEdition, Rule, Times
from booking.domain.entries import Category, Content
from booking.domain.scenarios import NewEntry
from booking.domain.teams import Application
from booking.queries.scenarios import find_scenario
from booking.services.editions import announce_edition, keep_times
from booking.services.scenarios import change_entry, draft_entry, review_entry, submit_entry
from booking.services.teams import apply_for_team, approve_team
from booking.services.votes import return_team
from tests.support.world import World

DAY = timedelta(days=1)
BY_ONE = Rule()
SAYS = Content(
    "Harbour checks", Category.ECONOMY, "Beijing", "Containers\nwithout queues.", field="customs", gpu_hours=500,
    gpu_models=("A100",), skills=("vision",), contact="Ms Li", links=("https://example.org/plan.pdf",),
)  # fmt: skip


def published_list(world: World, now: datetime, *, rule: Rule = BY_ONE, days: int = 60) -> Edition:
    """A list that is published at once, and closes so many days later."""
    return announce_edition(
        NewEdition("Spring list", Times(now, now, now + days * DAY), rule), actor=world.admin, now=now
    )


def publish_entry(
    world: World, number: int, slug: str, now: datetime, content: Content = SAYS, goes_on: str = ""
) -> None:
    """An entry of a published list."""
    owner = world.people["owner"]
    draft_entry(number, NewEntry(slug, World.NORTH, content, goes_on), actor=owner, now=now)
    submit_entry(slug, actor=owner, now=now)
    review_entry(slug, "accept", actor=world.people["reviewer"], now=now)
    keep_times(now)


def publish_lists(world: World, now: datetime) -> None:
    """Two lists: entries that went on, are gone, new, changed since, handed in, a draft; and two teams that apply."""
    owner = world.people["owner"]
    for quorum in (1, 2):
        published_list(world, now, rule=Rule(quorum, 30, 20))
    for slug in ("harbour", "mines"):
        publish_entry(world, 1, slug, now)
    publish_entry(world, 2, "harbour-2", now, replace(SAYS, gpu_hours=900), "harbour")
    publish_entry(world, 2, "fields", now)
    change_entry("harbour-2", replace(SAYS, gpu_hours=950), actor=owner, now=now, reason="More cranes")
    for slug in ("ropes", "cranes"):
        draft_entry(2, NewEntry(slug, World.NORTH, SAYS), actor=owner, now=now)
    submit_entry("cranes", actor=owner, now=now)
    fields = find_scenario(db.session(), "fields", actor=world.admin, now=now).id
    for slug in ("tractors", "ploughs"):
        asked = Application(slug.title(), slug, fields, world.south, "lead@example.org")
        team_id = apply_for_team(asked, actor=world.lead, now=now).id
        approve_team(team_id, actor=world.people["reviewer"], now=now, reason="A good plan")
    return_team(team_id, actor=world.admin, now=now, reason="Which fields?")
