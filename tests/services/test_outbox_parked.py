"""What operators can do about items that do not go out, on both databases."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.domain.errors import Forbidden, IllegalMove, Invalid, NotFound
from booking.domain.outbox import Permanent
from booking.models.audit import AuditEntry
from booking.services.outbox import deliver_due, note_parked, retry_parked
from tests.support.outbox import ANA, NOW, Postman, items, write
from tests.support.world import World, build_world


@pytest.fixture(autouse=True)
def _in_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


def parked_item() -> int:
    write(ANA)
    deliver_due(NOW, mail=Postman({ANA: Permanent("550 no such mailbox")}))
    return items()[0].id


def test_an_operator_has_a_parked_item_tried_again(world: World):
    item_id = parked_item()
    postman = Postman()

    retry_parked(item_id, actor=world.operator, now=NOW)
    deliver_due(NOW, mail=postman)

    assert postman.addresses == [ANA]
    audit = db.session.scalars(select(AuditEntry)).one()
    assert (audit.by, audit.act, audit.subject) == ("operator@example.org", "outbox.retry", f"outbox:{item_id}")


def test_an_operator_notes_what_is_known_of_a_parked_item_and_it_stays(world: World):
    item_id = parked_item()

    note_parked(item_id, " has left the company ", actor=world.operator, now=NOW)

    (item,) = items()
    assert (item.state, item.note) == ("parked", "has left the company")


def test_only_a_parked_item_can_be_tried_again_by_hand(world: World):
    write(ANA)

    with pytest.raises(IllegalMove, match="waiting"):
        retry_parked(items()[0].id, actor=world.operator, now=NOW)


def test_a_member_has_no_business_in_the_outbox(world: World):
    item_id = parked_item()

    for act in (
        lambda: retry_parked(item_id, actor=world.lead, now=NOW),
        lambda: note_parked(item_id, "x", actor=world.lead, now=NOW),
    ):
        with pytest.raises(Forbidden):
            act()


def test_an_item_that_does_not_exist_is_not_found_and_a_long_note_refused(world: World):
    with pytest.raises(NotFound):
        retry_parked(4711, actor=world.operator, now=NOW)
    with pytest.raises(Invalid, match="500"):
        note_parked(parked_item(), "x" * 501, actor=world.operator, now=NOW)
