"""The docking board: demands, proposals that become bookings, offers, and what of it is told to whom."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from booking.db import db, transaction
from booking.domain.docking import Demand, DemandState, Source, gaps
from booking.domain.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from booking.domain.lifecycle import State
from booking.domain.permissions import VISITOR, Actor
from booking.domain.refusals import Code, Refused
from booking.domain.windows import Window
from booking.models.audit import AuditEntry
from booking.models.outbox import OutboxItem
from booking.models.teams import Team
from booking.queries import docking as questions
from booking.queries.lacks import lacks
from booking.services import due_bookings
from booking.services.booking_moves import accept_booking, cancel_booking, decline_booking
from booking.services.docking import (
    close_ended,
    open_demand_of_entry,
    withdraw_demand,
    withdraw_offer,
)
from booking.services.matches import best_matches, matches_of
from booking.services.outbox import address_notices
from tests.support import docking, waiting
from tests.support.docking import demand, offer, proposal
from tests.support.lives import NOW, Totals, at, book, events, found, levels, totals, window
from tests.support.processes import application, meet, together
from tests.support.world import World, build_world

Worlds = Callable[..., World]


def test_a_proposal_is_an_offer_held_for_the_team_and_fulfils_the_demand_once_it_is_taken(a_world: Worlds) -> None:
    world = a_world(policy={"auto_approve_unit_hours": 0})
    wanted = demand(world, dataset_id=world.dataset)
    offered = proposal(world, wanted.id, units=6)
    assert (offered.state, offered.team_id, offered.hold_until) == (State.OFFERED, world.team, at(24))
    assert {claim.resource_id: claim.units for claim in offered.claims} == {world.pool: 6, world.dataset: 1}
    assert levels(world.pool, window(20, 30)).changes == ((at(24), 6), (at(26), 0))
    assert (docking.found(wanted.id).state, events(offered.id)) == (DemandState.MATCHED, ["offered"])
    with pytest.raises(Conflict, match=f"booking {offered.id}"):
        proposal(world, wanted.id, 26, 28)
    with pytest.raises(Conflict):
        withdraw_demand(wanted.id, actor=world.lead, now=at(1))

    taken = accept_booking(offered.id, actor=world.member, now=at(1))
    assert taken.state is State.CONFIRMED
    fulfilled = docking.found(wanted.id)
    assert (fulfilled.state, fulfilled.booking_id, fulfilled.closed_at) == (DemandState.FULFILLED, offered.id, at(1))
    with pytest.raises(IllegalMove):
        proposal(world, wanted.id, 26, 28)


@pytest.mark.parametrize("end", ["declined", "expired"])
def test_a_demand_is_open_again_when_its_proposal_is_not_taken(a_world: Worlds, end: str) -> None:
    world = a_world()
    wanted = demand(world)
    offered = proposal(world, wanted.id, hold_until=at(3))
    if end == "declined":
        decline_booking(offered.id, actor=world.lead, now=at(2))
    else:
        due_bookings.expire_due(at(3))
    assert found(offered.id).state == end
    assert (docking.found(wanted.id).state, docking.found(wanted.id).booking_id) == (DemandState.OPEN, None)
    assert totals(world.pool_grant) == Totals(0, 0)
    assert proposal(world, wanted.id, 26, 28, now=at(4)).state is State.OFFERED


def test_a_demand_is_open_again_when_another_owner_says_no(a_world: Worlds) -> None:
    world = a_world(dataset_policy={"auto_approve_unit_hours": 0})
    wanted = demand(world, dataset_id=world.dataset)
    offered = proposal(world, wanted.id)
    assert accept_booking(offered.id, actor=world.lead, now=at(1)).state is State.PENDING
    assert docking.found(wanted.id).state is DemandState.FULFILLED
    decline_booking(offered.id, actor=world.steward, now=at(2))
    assert docking.found(wanted.id).state is DemandState.OPEN


def test_a_proposal_is_judged_like_a_request_and_changes_nothing_where_it_is_refused(a_world: Worlds) -> None:
    world = a_world(units=8)
    wanted = demand(world)
    for window_, units, code in ((24.1, 8, Code.OFF_GRID), (24, 8, Code.CAPACITY_EXCEEDED)):
        if code is Code.CAPACITY_EXCEEDED:
            book(world, units=1)
        with pytest.raises(Refused) as caught:
            proposal(world, wanted.id, window_, 26, units)
        assert [refusal.code for refusal in caught.value.refusals] == [code]
    with pytest.raises(Invalid):
        proposal(world, wanted.id, 20, 26)
    for actor, error in ((world.rival, NotFound), (world.lead, Forbidden), (world.people["other_operator"], Forbidden)):
        with pytest.raises(error):
            proposal(world, wanted.id, actor=actor)
    assert docking.found(wanted.id) == wanted


def test_who_waits_for_the_same_comes_before_a_proposal(a_world: Worlds) -> None:
    world = a_world(units=8)
    taken = waiting.take(world)
    entry = waiting.join(world, team_id=world.rival_team)
    wanted = demand(world)
    cancel_booking(taken.id, actor=world.lead, now=at(0.5))
    with pytest.raises(Refused):
        proposal(world, wanted.id, now=at(1))
    assert waiting.offer_of(entry.id).state is State.OFFERED
    assert docking.found(wanted.id) == wanted


def test_what_is_waited_for_becomes_a_demand_once(a_world: Worlds) -> None:
    world = a_world(units=8)
    waiting.take(world)
    entry = waiting.join(world, dataset_id=world.dataset)
    made = open_demand_of_entry(entry.id, actor=world.member, now=at(1))
    assert (made.asked.gpu_models, made.asked.dataset_id, made.entry_id) == (("A100",), world.dataset, entry.id)
    with pytest.raises(Conflict):
        open_demand_of_entry(entry.id, actor=world.member, now=at(1))
    with pytest.raises(NotFound):
        open_demand_of_entry(entry.id, actor=world.rival, now=at(1))


def test_a_demand_is_its_teams_alone_and_a_known_model_is_written_as_known(a_world: Worlds) -> None:
    world = a_world()
    made = demand(world, gpu_models=("a100", "B300"))
    assert made.asked.gpu_models == ("A100", "B300")
    with pytest.raises(Refused):
        demand(world, by=world.rival)
    for actor, error in ((world.rival, NotFound), (world.member, Forbidden), (world.operator, Forbidden)):
        with pytest.raises(error):
            withdraw_demand(made.id, actor=actor, now=at(1))
    withdraw_demand(made.id, actor=world.lead, now=at(1), reason="no need")
    with pytest.raises(IllegalMove):
        withdraw_demand(made.id, actor=world.lead, now=at(1))
    with db.engine.connect() as connection:
        acts = list(connection.scalars(select(AuditEntry.act).where(AuditEntry.subject == f"demand:{made.id}")))
        seen = {name: ids(connection, actor) for name, actor in world.people.items()}
    assert acts == ["demand.open", "demand.withdraw"]
    assert {name for name, own in seen.items() if own} == {
        "lead", "member", "operator", "other_operator", "steward", "admin"
    }  # fmt: skip


def ids(connection: object, actor: Actor) -> list[int]:
    return [one.id for one in questions.demands_listed(connection, actor, questions.Filter(), limit=9)]  # type: ignore[arg-type]


def test_what_nobody_served_in_time_ends_and_its_team_is_told(a_world: Worlds) -> None:
    world = a_world()
    past, later, lost = demand(world), demand(world, 4, span=(24, 60)), demand(world, team_id=world.rival_team, units=1)
    with transaction() as session:
        session.execute(update(Team).where(Team.id == world.rival_team).values(approved_until=at(5)))
    assert close_ended(at(6)).items == 1
    assert docking.found(lost.id).reason == "the team has lost its standing"
    assert close_ended(at(28)).items == 0
    assert close_ended(at(28.25)).items == 1
    assert (docking.found(past.id).state, docking.found(later.id).state) == (DemandState.EXPIRED, DemandState.OPEN)
    address_notices(at(28.25))
    with db.engine.connect() as connection:
        told = connection.scalars(select(OutboxItem.destination).where(OutboxItem.event == "demand_expired"))
        assert {"mail:lead@example.org", "mail:rival@example.org"} <= set(told)


def test_an_offer_is_seen_by_those_it_is_for_and_its_owner(a_world: Worlds) -> None:
    world = a_world()
    everybody, some, one = offer(world), offer(world, region="Guangdong", kind="university"), offer(
        world, team_id=world.team, note="for you"
    )  # fmt: skip
    offer(world, region="Guangdong", kind="institute")

    def seen(actor: Actor, now: float = 1) -> set[int]:
        with db.engine.connect() as connection:
            return {each.id for each in questions.offers_listed(connection, actor, at(now), limit=9)}

    assert seen(VISITOR) == seen(world.people["other_operator"]) == {everybody.id}
    assert seen(world.rival) == {everybody.id, some.id}
    assert seen(world.lead) == {everybody.id, one.id}
    assert len(seen(world.operator)) == len(seen(world.admin)) == 4
    assert seen(world.operator, 20) == set()

    for actor, error in ((world.rival, NotFound), (world.lead, Forbidden)):
        with pytest.raises(error):
            withdraw_offer(one.id, actor=actor, now=at(1))
    withdraw_offer(one.id, actor=world.operator, now=at(1))
    with pytest.raises(Conflict):
        withdraw_offer(one.id, actor=world.operator, now=at(1))
    assert seen(world.lead) == {everybody.id}
    with pytest.raises(Forbidden):
        offer(world, by=world.people["other_operator"])
    with db.engine.connect() as connection:
        about = connection.scalars(select(OutboxItem.subject).where(OutboxItem.event == "directed_offer"))
        assert list(about) == [f"team:{world.team}"]


def test_what_was_refused_is_waited_for_and_looked_for_counts_once_until_it_is_met(a_world: Worlds) -> None:
    world = a_world(units=8)
    waiting.take(world, rival=True)
    week = Window(NOW, at(24 * 7))

    def sources() -> list[Source]:
        with db.engine.connect() as connection:
            return sorted(lack.source for lack in lacks(connection, week.start, week.end))

    def counted() -> list[tuple[str, int, int]]:
        with db.engine.connect() as connection:
            return [(gap.model, gap.wishes, gap.unit_seconds) for gap in gaps(lacks(connection, week.start, week.end))]

    with pytest.raises(Refused):
        waiting.take(world)
    waiting.join(world)
    wanted = demand(world, span=(24, 26))
    demand(world, 2, gpu_models=("H100", "A100"))
    assert sources() == [Source.DEMAND, Source.DEMAND, Source.REFUSED, Source.WAITING]
    assert counted() == [("A100", 1, 8 * 7200), ("H100", 1, 2 * 7200)]
    elsewhere = {"resource": World.OTHER_POOL, "actor": world.people["other_operator"]}
    accept_booking(proposal(world, wanted.id, **elsewhere).id, actor=world.lead, now=at(1))
    assert counted() == [("H100", 1, 2 * 7200)]


def test_each_way_to_serve_a_demand_has_its_score_and_all_together_get_the_best(a_world: Worlds) -> None:
    world = a_world(units=12)
    flexible = demand(world, 8, gpu_models=("A100", "H100"))
    picky = demand(world, 8, team_id=world.rival_team)
    small = demand(world, 4, team_id=world.rival_team)

    def ways(one: Demand, actor: Actor) -> list[tuple[str, int]]:
        return [(way.row.slug, way.match.score) for way in matches_of(one, actor=actor, now=NOW)]

    assert ways(flexible, world.lead) == [(World.POOL, 95), (World.OTHER_POOL, 85)]
    assert ways(flexible, world.operator) == ways(flexible, world.lead)
    offer(world, 4, team_id=world.team)
    offer(world, team_id=world.rival_team, span=window(26, 48))
    assert ways(flexible, world.operator)[0] == (World.POOL, 95)
    assert ways(small, world.operator) == [(World.POOL, 95)]

    together_ = best_matches([flexible, picky, small], actor=world.operator, now=NOW)
    assert {(way.demand.id, way.row.slug) for way in together_} == {
        (flexible.id, World.OTHER_POOL), (picky.id, World.POOL), (small.id, World.POOL)
    }  # fmt: skip
    book(world, 24, 30, units=10)
    assert ways(picky, world.rival) == []
    assert ways(flexible, world.lead) == [(World.OTHER_POOL, 85)]
    seats = demand(world, 2, gpu_models=(), dataset_id=world.dataset)
    assert [way.row.slug for way in matches_of(seats, actor=world.lead, now=NOW)] == [World.DATASET]


def propose_at_once(database_url: str, world: World, demand_id: int) -> str:
    with application(database_url):
        own = {"resource": World.OTHER_POOL, "actor": world.people["other_operator"]} if meet() else {}
        try:
            return proposal(world, demand_id, units=2, now=NOW, **own).state
        except Conflict as conflict:
            return conflict.code


def test_of_two_operators_who_propose_at_once_one_does(app: object, database_url: str) -> None:
    world = build_world(app)  # type: ignore[arg-type]
    with app.app_context():  # type: ignore[attr-defined]
        wanted = [demand(world, units).id for units in (2, 3, 4)]
    for demand_id in wanted:
        assert sorted(together(propose_at_once, database_url, world, demand_id)) == ["conflict", "offered"]
