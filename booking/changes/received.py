"""Writes of notices that people receive, and of how they want to be told."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from booking.domain.digests import Preferences
from booking.domain.notices import Way
from booking.models.notices import DigestSetting, NoticePreference, ReceivedNotice

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}

Row = dict[str, Any]


def row(user_id: int, event: str, subject: str, payload: Mapping[str, Any], way: Way, *, now: datetime) -> Row:
    """What `receive` takes: one notice of one person."""
    return {
        "user_id": user_id,
        "event": event,
        "subject": subject,
        "payload": dict(payload),
        "way": way.value,
        "at": now,
    }


def receive(connection: Connection, rows: Sequence[Row]) -> None:
    """Put notices into the lists of their readers."""
    if rows:
        connection.execute(insert(ReceivedNotice).inline(), rows)


def record_read(connection: Connection, user_id: int, notice_ids: Collection[int] | None, now: datetime) -> None:
    """A person has read some notices of theirs, or all."""
    unread = ReceivedNotice.user_id == user_id, ReceivedNotice.read_at.is_(None)
    chosen = update(ReceivedNotice).where(*unread).values(read_at=now)
    if notice_ids is not None:
        chosen = chosen.where(ReceivedNotice.id.in_(sorted(notice_ids)))
    connection.execute(chosen)


def record_digest(connection: Connection, user_id: int, notice_ids: Sequence[int], now: datetime) -> None:
    """A person's summary of these notices has been made."""
    connection.execute(
        update(ReceivedNotice)
        .where(ReceivedNotice.user_id == user_id, ReceivedNotice.id.in_(notice_ids))
        .values(digested_at=now)
    )
    connection.execute(update(DigestSetting).where(DigestSetting.user_id == user_id).values(digested_at=now))


def locked_digest(connection: Connection, user_id: int, hour: int, timezone: str) -> datetime | None:
    """When a person's last summary was made, locked; so that of two who make the next one, the second finds out."""
    first = _INSERT[connection.dialect.name](DigestSetting).values(user_id=user_id, hour=hour, timezone=timezone)
    connection.execute(first.on_conflict_do_nothing())
    chosen = select(DigestSetting.digested_at).where(DigestSetting.user_id == user_id).with_for_update()
    return connection.scalar(chosen)


def set_preferences(connection: Connection, user_id: int, wanted: Preferences) -> None:
    """How a person wants to be told from now on; the events that are not said stay as they were."""
    insert_setting = _INSERT[connection.dialect.name](DigestSetting)
    values = {"hour": wanted.hour, "timezone": wanted.timezone}
    connection.execute(
        insert_setting.values(user_id=user_id, **values).on_conflict_do_update(index_elements=["user_id"], set_=values)
    )
    set_ways(connection, user_id, wanted.ways)


def set_ways(connection: Connection, user_id: int, ways: Mapping[str, Way]) -> None:
    """How a person wants to be told of some events."""
    if not ways:
        return
    insert_way = _INSERT[connection.dialect.name](NoticePreference)
    again = insert_way.on_conflict_do_update(index_elements=["user_id", "event"], set_={"way": insert_way.excluded.way})
    connection.execute(
        again, [{"user_id": user_id, "event": event, "way": way.value} for event, way in sorted(ways.items())]
    )


def stop_digests(connection: Connection, user_id: int) -> None:
    """What a person wanted in summaries stands only in the page from now on, what waits for one included."""
    connection.execute(
        update(NoticePreference)
        .where(NoticePreference.user_id == user_id, NoticePreference.way == Way.DIGEST.value)
        .values(way=Way.PAGE.value)
    )
    connection.execute(
        update(ReceivedNotice)
        .where(
            ReceivedNotice.user_id == user_id,
            ReceivedNotice.way == Way.DIGEST.value,
            ReceivedNotice.digested_at.is_(None),
        )
        .values(way=Way.PAGE.value)
    )


def forget(connection: Connection, before: datetime) -> int:
    """Take notices of before then out of the lists; how many there were."""
    return connection.execute(delete(ReceivedNotice).where(ReceivedNotice.at < before)).rowcount
