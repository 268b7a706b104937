"""Use cases of people about the notices that they receive: read them, choose how to be told, stop mail by its link."""

from collections.abc import Collection
from datetime import datetime, timedelta

from booking.changes import received as changes
from booking.changes.outbox import row, tell_all
from booking.db import db, transaction
from booking.domain.digests import MOST_PARTS, Preferences, is_digest_due
from booking.domain.jobs import JobResult, each
from booking.domain.notices import Notice, Way, payload_of, summary_of
from booking.domain.outbox import mail_to
from booking.domain.permissions import Actor
from booking.domain.stop_links import DIGEST, read_stop_token
from booking.queries import received as questions
from booking.queries.received import Waiting

KEPT = timedelta(days=180)


def read_notices(notice_ids: Collection[int] | None, *, actor: Actor, now: datetime) -> int:
    """Note that the actor has read some notices of theirs, or all (None); how many are left unread."""
    with transaction() as session:
        changes.record_read(session.connection(), actor.user_id, notice_ids, now)
        return questions.unread_count(session, actor.user_id)


def choose_ways(wanted: Preferences, *, actor: Actor) -> Preferences:
    """Let the actor be told so from now on; Invalid names what cannot be meant."""
    wanted = wanted.checked()
    with transaction() as session:
        changes.set_preferences(session.connection(), actor.user_id, wanted)
        return questions.preferences_of(session, actor.user_id)


def stop_by_link(token: str, *, secret: str) -> str:
    """Stop the mail that a link came with, whoever opens it; the event, or `digest`. NotFound where it is no link."""
    user_id, event = read_stop_token(token, secret)
    with transaction() as session:
        if event == DIGEST:
            changes.stop_digests(session.connection(), user_id)
        else:
            changes.set_ways(session.connection(), user_id, {event: Way.PAGE})
    return event


def send_test_mail(*, actor: Actor, now: datetime) -> None:
    """Have a mail sent to the actor the way that all mail goes, to see whether it arrives."""
    with transaction() as session:
        reader = questions.reader_of(session, actor.user_id)
        payload = payload_of(reader, Notice("mail_test"))
        subject = f"user:{actor.user_id}"
        tell_all(session.connection(), [row(mail_to(reader.address), subject, "mail_test", payload, now=now)])


def send_digests(now: datetime) -> JobResult:
    """Write the summaries whose hour has come, each once, and forget notices that are half a year old."""
    with db.session() as session:
        todo = [one for one in questions.waiting_for_digest(session) if _is_due(one, one.last, now)]
    result = each(todo, lambda one: _send_digest(one, now))
    with transaction() as session:
        changes.forget(session.connection(), now - KEPT)
    return result


def _is_due(one: Waiting, last: datetime | None, now: datetime) -> bool:
    return is_digest_due(one.hour, one.timezone, oldest=one.oldest, last=last, now=now)


def _send_digest(one: Waiting, now: datetime) -> bool:
    with transaction() as session:
        connection = session.connection()
        last = changes.locked_digest(connection, one.user_id, one.hour, one.timezone)
        notices = questions.undigested(connection, one.user_id)
        if not notices or not _is_due(one, last, now):
            return False
        reader = questions.reader_of(session, one.user_id)
        parts = [(event, payload) for _, event, payload in notices[-MOST_PARTS:]]
        payload = summary_of(reader, parts, len(notices) - len(parts))
        subject = f"digest:{one.user_id}"
        tell_all(connection, [row(mail_to(reader.address), subject, DIGEST, payload, now=now)])
        changes.record_digest(connection, one.user_id, [number for number, *_ in notices], now)
        return True
