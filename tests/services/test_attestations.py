"""After a window of a dataset that wants it, its deletion is attested; who is late books it no more."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.db import db
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.refusals import Code, Refused
from booking.models.audit import AuditEntry
from booking.models.notices import ReceivedNotice
from booking.queries.attestations import Wanted, attestations_listed
from booking.services.attestations import ask_due, attest, remind_due
from booking.services.outbox import address_notices
from booking.services.resources import change_resource
from tests.support.lives import NOW, book
from tests.support.outcomes import used
from tests.support.world import World

Worlds = Callable[..., World]
A_DAY = timedelta(days=1)


def told(event: str) -> set[int]:
    address_notices(NOW + 10 * A_DAY)
    return set(db.session.scalars(select(ReceivedNotice.user_id).where(ReceivedNotice.event == event)))


def owed(world: World) -> World:
    """A window of the dataset is over, and its deletion is to be attested within three days."""
    change_resource(World.DATASET, {"deletion_days": 3}, actor=world.steward, now=NOW)
    used(world, NOW, seats=1)
    assert ask_due(NOW).items == 1
    return world


def test_who_is_late_is_refused_until_the_deletion_is_attested(a_world: Worlds) -> None:
    world = owed(a_world())
    team, steward = {world.lead.user_id, world.member.user_id}, world.steward.user_id
    assert ask_due(NOW).items == remind_due(NOW).items == 0
    assert told("attestation_asked") == team
    book(world, 24, 26, 8, seats=1)

    late = NOW + 3 * A_DAY
    assert [remind_due(now).items for now in (NOW + A_DAY, NOW + A_DAY, late, late + A_DAY)] == [1, 0, 1, 0]
    assert told("attestation_due") == team
    assert told("attestation_overdue") == {*team, steward}
    with pytest.raises(Refused) as refused:
        book(world, 100, 102, 8, seats=1, now=late)
    assert [(one.code, one.field) for one in refused.value.refusals] == [(Code.NOT_ELIGIBLE, "claims.1.resource")]
    book(world, 100, 102, 8, now=late)

    for actor, error in ((world.steward, Forbidden), (world.rival, NotFound), (world.operator, NotFound)):
        with pytest.raises(error):
            attest(1, "All of it.", actor=actor, now=late)
    with pytest.raises(Invalid):
        attest(1, " ", actor=world.member, now=late)
    given = attest(1, "Everything under /data/team.", actor=world.member, now=late)
    assert (given.attested_by, given.statement) == (world.member.email, "Everything under /data/team.")
    with pytest.raises(Conflict, match=r"already, by member@example\.org"):
        attest(1, "Nothing.", actor=world.lead, now=late)
    assert told("attestation_given") == {steward}
    book(world, 100, 102, 8, seats=1, now=late)
    assert "attestation.give" in db.session.scalars(select(AuditEntry.act)).all()


def test_only_windows_of_data_that_wants_it_are_asked_about_and_only_their_people_see_them(a_world: Worlds) -> None:
    world = a_world()
    used(world, NOW, seats=1)
    assert ask_due(NOW).items == 0
    change_resource(World.DATASET, {"deletion_days": 3}, actor=world.steward, now=NOW)
    assert ask_due(NOW + 31 * A_DAY).items == 0
    assert ask_due(NOW).items == 1
    connection = db.session.connection()
    seen = {
        name for name, actor in world.people.items()
        if attestations_listed(connection, actor, Wanted(given=False), limit=5)
    }  # fmt: skip
    assert seen == {"lead", "member", "steward", "admin"}
    assert attestations_listed(connection, world.lead, Wanted(given=True), limit=5) == []
