"""Use cases of the outbox: address what happened to its readers, deliver it, and look after what was parked."""

import logging
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy.orm import Session

from booking.changes import audit, received
from booking.changes import outbox as changes
from booking.connectors.mail import Mail
from booking.db import transaction
from booking.domain.clusters import cluster_destination
from booking.domain.errors import Forbidden, IllegalMove, Invalid, NotFound
from booking.domain.jobs import JobResult
from booking.domain.notices import Way, is_moot, letter_of, payload_of
from booking.domain.outbox import LEASE, Item, ItemState, Permanent, Unreachable, mail_to, verdict
from booking.domain.permissions import Actor, may_see_jobs
from booking.models.outbox import OutboxItem
from booking.queries import clusters, notices
from booking.queries.outbox import due_mail, due_notices
from booking.queries.readings import Reading
from booking.queries.received import ways_of

logger = logging.getLogger(__name__)

EVENTS_AT_ONCE = 100
LETTERS_A_RUN = 500
LONGEST_NOTE = 500


def address_notices(now: datetime) -> JobResult:
    """Turn what happened into one item of mail for each of its readers, exactly once."""
    result = some = _address_some(now)
    while some != JobResult():
        some = _address_some(now)
        result += some
    return result


def deliver_due(now: datetime, *, mail: Mail | None) -> JobResult:
    """Send the mail that is due, each item by itself and outside of any transaction; without a server, it waits.

    A letter that fails is tried again later, or parked; the run ends early where the server cannot be reached at all.
    """
    result, begun = JobResult(), monotonic()
    if mail is None:
        return result
    for _ in range(LETTERS_A_RUN):
        item = _next_mail(_later(now, begun))
        if item is None:
            break
        failure = _send(mail, item)
        _record(item, failure, _later(now, begun))
        result += JobResult(errors=(_words(item, failure),)) if failure else JobResult(items=1)
        if isinstance(failure, Unreachable):
            break
    return result


def retry_parked(item_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a parked item be tried again at once, with all its attempts before it."""
    with transaction() as session:
        item = _parked(session.get(OutboxItem, item_id, with_for_update=True, populate_existing=True), actor, "retry")

        item.state, item.due_at, item.attempts = ItemState.WAITING.value, now, 0
        _write_down(session, "outbox.retry", item_id, actor, now)


def note_parked(item_id: int, note: str, *, actor: Actor, now: datetime) -> None:
    """Write beside a parked item what is known of it, for the next operator who wonders."""
    with transaction() as session:
        item = _parked(session.get(OutboxItem, item_id, with_for_update=True, populate_existing=True), actor, "note")
        if len(note) > LONGEST_NOTE:
            raise Invalid("note", "A note has at most %(most)s characters.", {"most": LONGEST_NOTE})

        item.note = note.strip() or None
        _write_down(session, "outbox.note", item_id, actor, now, note=item.note)


def _address_some(now: datetime) -> JobResult:
    """Address a few events in one transaction: their mail is there when they are done with, or neither is."""
    with transaction() as session:
        items = due_notices(session, now, EVENTS_AT_ONCE)
        readings = notices.readings(session, items) if items else {}

        known = [item for item in items if item.id in readings]
        told = _told(session, [(item, reading) for item in known for reading in readings[item.id]])
        changes.tell_all(
            session.connection(), [_mail(item, reading, now) for item, reading, way in told if way is Way.MAIL]
        )
        received.receive(session.connection(), [_received(*one, now) for one in told])
        changes.tell_all(session.connection(), _for_clusters(session, known, now))
        changes.record_addressed(session, known, now)
        strange = [item for item in items if item.id not in readings]
        for item in strange:
            error = Permanent(f"{item.subject} does not exist")
            changes.record_failure(session, item, verdict(error, item.attempts + 1, now), str(error))

    return JobResult(len(known), tuple(f"{item.event}: {item.subject} does not exist" for item in strange))


def _told(session: Session, each: Sequence[tuple[Item, Reading]]) -> list[tuple[Item, Reading, Way]]:
    """Each notice with the way in which its reader wants to hear of such a thing."""
    ways = ways_of(session, {reader.user_id for _, (reader, _notice) in each}) if each else {}
    return [(item, reading, ways.get((reading[0].user_id, item.event), Way.MAIL)) for item, reading in each]


def _received(item: Item, reading: Reading, way: Way, now: datetime) -> received.Row:
    reader, notice = reading
    payload = {"audience": reader.audience.value} | notice.as_mapping()
    return received.row(reader.user_id, item.event, item.subject, payload, way, now=now)


def _for_clusters(session: Session, items: list[Item], now: datetime) -> list[changes.Row]:
    """What clusters have to hear of: every move of a booking of their pools, and of every team."""
    connection = session.connection()
    names = clusters.names(connection)
    if not names:
        return []
    concerned = clusters.clusters_of_bookings(connection, {item.booking_id for item in items if item.booking_id})
    rows = []
    for item in items:
        of_team = names if item.subject.startswith("team:") else ()
        for name in sorted(concerned[item.booking_id]) if item.booking_id else of_team:
            destination = cluster_destination(name)
            stable_id = str(uuid.uuid5(uuid.UUID(item.stable_id), destination))
            rows.append(
                changes.row(destination, item.subject, item.event, {}, now=now, booking_id=item.booking_id,
                            stable_id=stable_id)
            )  # fmt: skip
    return rows


def _mail(item: Item, reading: Reading, now: datetime) -> changes.Row:
    reader, notice = reading
    return changes.row(
        mail_to(reader.address),
        item.subject,
        item.event,
        payload_of(reader, notice),
        now=now,
        booking_id=item.booking_id,
        stable_id=str(uuid.uuid5(uuid.UUID(item.stable_id), reader.address)),
    )


def _next_mail(now: datetime) -> Item | None:
    """Lease the item that has been due longest, and drop from the way what nobody needs to hear any more."""
    with transaction() as session:
        while items := due_mail(session, now, limit=1):
            item = items[0]
            if item.event != "reminder" or not is_moot(item.event, notices.state_of(session, item.booking_id)):
                return changes.lease(session, item, now + LEASE)
            changes.record_delivery(session, item, now, "not sent: the booking will not take place")
    return None


def _send(mail: Mail, item: Item) -> Exception | None:
    """What went wrong, if anything did.

    A letter that cannot even be written is a fault of ours: it waits like any other, parked in the end for all to see.
    """
    try:
        mail.send(letter_of(item))
    except Exception as error:
        logger.warning("mail for %s about %s not sent", item.destination, item.subject, exc_info=True)
        return error
    return None


def _record(item: Item, failure: Exception | None, now: datetime) -> None:
    with transaction() as session:
        if failure is None:
            changes.record_delivery(session, item, now)
        else:
            follows = verdict(failure, item.attempts + 1, now)
            changes.record_failure(session, item, follows, str(failure) or type(failure).__name__)


def _words(item: Item, failure: Exception) -> str:
    return f"{item.destination}, {item.subject}: {failure}"


def _later(now: datetime, begun: float) -> datetime:
    """The time by now: a run may be a long one, and leases and pauses count from when they begin."""
    return now + timedelta(seconds=monotonic() - begun)


def _write_down(session: Session, act: str, item_id: int, actor: Actor, now: datetime, **details: Any) -> None:
    audit.record(session.connection(), by=actor.email, act=act, subject=f"outbox:{item_id}", details=details, now=now)


def _parked(item: OutboxItem | None, actor: Actor, verb: str) -> OutboxItem:
    if not may_see_jobs(actor):
        raise Forbidden("Only those who look after resources see jobs and outbox.")
    if item is None:
        raise NotFound("outbox item")
    if item.state != ItemState.PARKED:
        raise IllegalMove(item.state, verb)
    return item
