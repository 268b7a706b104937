"""Who is in a team, and that somebody always leads it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.permissions import Actor
from booking.domain.refusals import Refused
from booking.domain.windows import Window
from booking.models.audit import AuditEntry
from booking.models.users import User
from booking.queries.applications import team_by_id
from booking.queries.users import actor_by_email
from booking.services import memberships
from booking.services.bookings import request_booking
from tests.support.world import World, build_world

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LATER = Window(NOW + timedelta(hours=1), NOW + timedelta(hours=2))


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    world = build_world(app)
    with app.app_context():
        yield world


def people(world: World) -> dict[str, str]:
    return {member.name: member.role for member in team_by_id(db.session(), world.team).members}


def present(name: str) -> Actor:
    """The person as the next request would see them."""
    actor = actor_by_email(db.session(), f"{name}@example.org")
    assert actor is not None
    db.session.rollback()
    return actor


@pytest.mark.parametrize("who", ["lead", "admin"])
@pytest.mark.parametrize("role", ["member", "lead"])
def test_somebody_with_an_account_is_taken_into_the_team(world: World, who: str, role: str) -> None:
    team = memberships.add_member(
        world.team, " STRANGER@example.org", role, actor=world.people[who], now=NOW  # type: ignore[arg-type]
    )  # fmt: skip
    assert {member.name: member.role for member in team.members} == {
        "Lead": "lead", "Member": "member", "Stranger": role,
    }  # fmt: skip
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.act, entry.subject) == ("team.add_member", "team:team")


def test_a_new_member_books_at_once(world: World) -> None:
    memberships.add_member(world.team, "stranger@example.org", "member", actor=world.lead, now=NOW)
    assert request_booking(world.order(LATER), actor=present("stranger"), now=NOW).team == World.TEAM


NOBODY = ["nobody@example.org", "not an address", ""]


def test_nobody_without_an_account_is_taken_in(world: World, subtests: pytest.Subtests) -> None:
    for email in NOBODY:
        with subtests.test(email=email):
            with pytest.raises(Invalid) as raised:
                memberships.add_member(world.team, email, "member", actor=world.lead, now=NOW)
            assert raised.value.field == "email"


def test_a_person_is_in_a_team_once(world: World) -> None:
    with pytest.raises(Conflict) as raised:
        memberships.add_member(world.team, "member@example.org", "lead", actor=world.lead, now=NOW)
    assert raised.value.field == "email"
    assert people(world)["Member"] == "member"


def test_a_role_is_lead_or_member(world: World) -> None:
    with pytest.raises(Invalid) as raised:
        memberships.add_member(world.team, "stranger@example.org", "boss", actor=world.lead, now=NOW)  # type: ignore[arg-type]
    assert raised.value.field == "role"
    with pytest.raises(Invalid):
        memberships.change_role(world.team, world.member.user_id, "", actor=world.lead, now=NOW)  # type: ignore[arg-type]


VERBS: dict[str, Callable[[World, Actor], object]] = {
    "add": lambda world, actor: memberships.add_member(world.team, "owner@example.org", "lead", actor=actor, now=NOW),
    "remove": lambda world, actor: memberships.remove_member(world.team, world.member.user_id, actor=actor, now=NOW),
    "remove lead": lambda world, actor: memberships.remove_member(world.team, world.lead.user_id, actor=actor, now=NOW),
    "promote": lambda world, actor: memberships.change_role(
        world.team, world.member.user_id, "lead", actor=actor, now=NOW
    ),
    "demote": lambda world, actor: memberships.change_role(
        world.team, world.lead.user_id, "member", actor=actor, now=NOW
    ),
}


NO_LEADS_VERB = ["add", "promote", "demote"]
NO_LEADS_WHO = [
    ("member", Forbidden),
    ("reviewer", Forbidden),
    ("funder", Forbidden),
    ("rival", NotFound),
    ("operator", NotFound),
]


def test_only_a_lead_changes_who_is_in_the_team(world: World, subtests: pytest.Subtests) -> None:
    for verb in NO_LEADS_VERB:
        for who, error in NO_LEADS_WHO:
            with subtests.test(verb=verb, who=who, error=error):
                with pytest.raises(error):
                    VERBS[verb](world, world.people[who])
                assert people(world) == {"Lead": "lead", "Member": "member"}


STRANGERS = [("reviewer", Forbidden), ("rival", NotFound), ("operator", NotFound)]


def test_nobody_else_takes_people_out(world: World, subtests: pytest.Subtests) -> None:
    for who, error in STRANGERS:
        with subtests.test(who=who, error=error):
            with pytest.raises(error):
                VERBS["remove"](world, world.people[who])
            assert people(world) == {"Lead": "lead", "Member": "member"}


def test_whoever_leaves_has_no_rights_from_that_moment(world: World) -> None:
    memberships.remove_member(world.team, world.member.user_id, actor=world.member, now=NOW)

    assert people(world) == {"Lead": "lead"}
    with pytest.raises(Refused) as raised:
        request_booking(world.order(LATER), actor=present("member"), now=NOW)
    assert [refusal.code for refusal in raised.value.refusals] == ["not_a_member"]


def test_one_who_was_taken_out_meanwhile_changes_nothing_any_more(world: World) -> None:
    memberships.change_role(world.team, world.member.user_id, "lead", actor=world.lead, now=NOW)
    memberships.remove_member(world.team, world.lead.user_id, actor=present("member"), now=NOW)

    with pytest.raises(NotFound):
        memberships.add_member(world.team, "stranger@example.org", "member", actor=world.lead, now=NOW)


def test_an_administrator_who_is_a_member_still_administers(world: World) -> None:
    memberships.add_member(world.team, "admin@example.org", "member", actor=world.lead, now=NOW)
    memberships.change_role(world.team, world.member.user_id, "lead", actor=present("admin"), now=NOW)
    assert people(world)["Member"] == "lead"


LAST_LEAD_WHO = ["lead", "admin"]
LAST_LEAD_VERB = ["remove lead", "demote"]


def test_the_last_lead_stays_lead(world: World, subtests: pytest.Subtests) -> None:
    for who in LAST_LEAD_WHO:
        for verb in LAST_LEAD_VERB:
            with subtests.test(who=who, verb=verb):
                with pytest.raises(Conflict, match="without a lead"):
                    VERBS[verb](world, world.people[who])
                assert people(world) == {"Lead": "lead", "Member": "member"}


def test_a_lead_hands_over_and_leaves(world: World) -> None:
    memberships.change_role(world.team, world.member.user_id, "lead", actor=world.lead, now=NOW)
    memberships.remove_member(world.team, world.lead.user_id, actor=world.lead, now=NOW)
    assert people(world) == {"Member": "lead"}


def test_a_closed_account_leads_nothing(world: World) -> None:
    memberships.change_role(world.team, world.member.user_id, "lead", actor=world.lead, now=NOW)
    db.session.get_one(User, world.member.user_id).active = False
    db.session.commit()
    with pytest.raises(Conflict, match="without a lead"):
        memberships.remove_member(world.team, world.lead.user_id, actor=world.lead, now=NOW)


def test_a_lead_of_one_team_is_nothing_in_another(world: World) -> None:
    with pytest.raises(NotFound):
        memberships.remove_member(world.team, world.member.user_id, actor=world.rival, now=NOW)
    with pytest.raises(NotFound):
        memberships.remove_member(world.team, world.rival.user_id, actor=world.lead, now=NOW)


def test_two_leads_who_leave_at_once_leave_one_behind(world: World, app: Flask) -> None:
    memberships.change_role(world.team, world.member.user_id, "lead", actor=world.lead, now=NOW)
    both = [world.lead, replace(world.member, teams={world.team: "lead"})]
    db.session.remove()
    refused: list[str] = []
    together = threading.Barrier(len(both))

    def leave(actor: Actor) -> None:
        with app.app_context():
            together.wait()
            try:
                memberships.remove_member(world.team, actor.user_id, actor=actor, now=NOW)
            except Conflict as conflict:
                refused.append(conflict.message)

    threads = [threading.Thread(target=leave, args=[actor]) for actor in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert list(people(world).values()) == ["lead"]
