"""Who hears of permits for datasets and of their terms: in the page, by mail, in both languages, and once."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from booking.connectors.letters import Letterhead, write
from booking.db import db, transaction
from booking.domain.notices import letter_of
from booking.domain.terms import NewTerms
from booking.models.notices import ReceivedNotice
from booking.models.resources import Resource
from booking.models.users import User
from booking.queries.outbox import due_mail
from booking.services import permits, terms
from booking.services.outbox import address_notices
from tests.support.lives import NOW, at, book
from tests.support.world import World

Worlds = Callable[..., World]
HEAD = Letterhead("Booking <booking@example.org>", "https://site.example", "en")


def told(event: str, now: datetime) -> set[int]:
    """Who has been told of an event by now."""
    address_notices(now)
    return set(db.session.scalars(select(ReceivedNotice.user_id).where(ReceivedNotice.event == event)))


def test_permits_are_told_to_stewards_when_asked_for_and_to_teams_when_they_come_and_go(a_world: Worlds) -> None:
    world = a_world()
    team, steward, rival = {world.lead.user_id, world.member.user_id}, world.steward, world.rival
    asked = permits.ask_for_permit(World.DATASET, world.team, "crossings", actor=world.lead, now=NOW)
    assert told("permit_asked", NOW) == {steward.user_id}
    permits.grant_permit(asked.id, at(48), actor=steward, now=NOW)
    assert told("permit_granted", NOW) == team

    # Another one goes on when the first ends: nothing has ended for the team until the last does.
    permits.give_permit(World.DATASET, world.team, "crossings", at(72), actor=steward, now=NOW)
    given = permits.give_permit(World.DATASET, world.rival_team, "signals", at(99), actor=steward, now=NOW)
    assert told("permit_granted", NOW) == {*team, rival.user_id}
    assert [permits.note_ends(at(hours)).items for hours in (47.9, 48, 48, 71.9)] == [0, 1, 0, 0]
    assert told("permit_expired", at(71)) == set()
    assert [permits.note_ends(at(hours)).items for hours in (72, 73)] == [1, 0]
    assert told("permit_expired", at(73)) == team

    permits.withdraw_permit(given.id, actor=steward, now=at(73), reason="misused")
    assert told("permit_withdrawn", at(73)) == {rival.user_id}
    wish = permits.ask_for_permit(World.DATASET, world.team, "crossings", actor=world.lead, now=at(73))
    permits.decline_permit(wish.id, actor=steward, now=at(73), reason="not for that")
    assert told("permit_declined", at(73)) == team

    permits.give_permit(World.DATASET, world.rival_team, "signals", at(99), actor=steward, now=at(73))
    assert [permits.note_ends(at(hours)).items for hours in (99 + 7 * 24, 999)] == [1, 0]
    assert told("permit_expired", at(999)) == team, "that is no news any more"


def test_new_terms_are_told_to_the_teams_that_use_the_data_each_in_their_language(a_world: Worlds) -> None:
    world = a_world()
    with transaction() as session:
        session.get_one(User, world.member.user_id).language = "zh"
    terms.publish_terms(World.DATASET, NewTerms("Cite us."), actor=world.steward, now=NOW)
    assert told("terms_published", NOW) == set(), "nobody uses it yet"

    terms.accept_terms(World.DATASET, 1, actor=world.lead, now=NOW)
    book(world, 24, 26, seats=1)
    with transaction() as session:
        session.get_one(Resource, world.dataset).sensitivity = "restricted"
    permits.give_permit(World.DATASET, world.rival_team, "signals", at(99), actor=world.steward, now=NOW)
    permits.give_permit(World.DATASET, world.team, "signals", at(99), actor=world.steward, now=NOW)
    address_notices(NOW)
    urgent = NewTerms("Cite us.\nDelete it.", effective_at=at(12), urgent=True)
    terms.publish_terms(World.DATASET, urgent, actor=world.steward, now=at(1))
    assert told("terms_urgent", at(1)) == {world.lead.user_id, world.member.user_id, world.rival.user_id}

    written = {item.destination: write(letter_of(item), HEAD) for item in due_mail(db.session(), at(1), limit=100)
               if item.event == "terms_urgent"}  # fmt: skip
    lead, member = written["mail:lead@example.org"], written["mail:member@example.org"]
    assert lead["Subject"] == "New terms of “Radar pictures” that count at once"
    assert member["Subject"] == "“Radar pictures”的新条款立即生效"
    for letter in (lead, member):
        text = letter.get_body(("plain",)).get_content()
        assert f"https://site.example/datasets/{World.DATASET}/terms" in text
        assert "2026-03-03 04:00 (Asia/Shanghai, UTC+08:00)" in text
    assert lead.get_body(("plain",)).get_content().count("You get this mail because you are in the team Team.") == 1
