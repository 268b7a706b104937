"""Questions about notices that people have received, and about how they want to be told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, literal_column, select
from sqlalchemy.orm import Session

from booking.domain.digests import USUAL_HOUR, Preferences
from booking.domain.errors import NotFound
from booking.domain.notices import Audience, Part, Reader, Way, part_of
from booking.models.notices import DigestSetting, NoticePreference, ReceivedNotice
from booking.models.rows import AnyRow
from booking.models.users import User
from booking.queries.facilities import timezones

# Partial indexes answer only to their own words.
_UNDIGESTED = (ReceivedNotice.way == literal_column("'digest'"), ReceivedNotice.digested_at.is_(None))
_UNREAD = ReceivedNotice.read_at.is_(None)


@dataclass(frozen=True, slots=True)
class Received:
    """One notice of a person."""

    id: int
    part: Part
    way: Way
    at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A person for whom a summary waits: when the first of its notices was, and when and where it is made."""

    user_id: int
    oldest: datetime
    hour: int
    timezone: str
    last: datetime | None


def received(
    session: Session, user_id: int, *, unread: bool = False, before: int | None = None, limit: int, offset: int = 0
) -> Sequence[Received]:
    """The notices of a person, the newest first, from the one before `before` on."""
    chosen = _columns().where(ReceivedNotice.user_id == user_id).order_by(ReceivedNotice.id.desc())
    if unread:
        chosen = chosen.where(_UNREAD)
    if before is not None:
        chosen = chosen.where(ReceivedNotice.id < before)
    return [_received(row) for row in session.execute(chosen.limit(limit).offset(offset))]


def find_received(session: Session, user_id: int, notice_id: int) -> Received:
    """One notice of a person; NotFound where it is somebody else's."""
    chosen = _columns().where(ReceivedNotice.user_id == user_id, ReceivedNotice.id == notice_id)
    row = session.execute(chosen).one_or_none()
    if row is None:
        raise NotFound("notice")
    return _received(row)


def unread_count(session: Session, user_id: int) -> int:
    """How many notices a person has not read."""
    return session.scalar(select(func.count()).where(ReceivedNotice.user_id == user_id, _UNREAD)) or 0


def ways_of(session: Session, user_ids: Collection[int]) -> dict[tuple[int, str], Way]:
    """By person and event: how they want to be told, where they said so."""
    chosen = select(NoticePreference.user_id, NoticePreference.event, NoticePreference.way)
    rows = session.execute(chosen.where(NoticePreference.user_id.in_(sorted(user_ids))))
    return {(row.user_id, row.event): Way(row.way) for row in rows}


def preferences_of(session: Session, user_id: int) -> Preferences:
    """How a person wants to be told; the zone is that of most facilities where they never said."""
    own = session.execute(
        select(DigestSetting.hour, DigestSetting.timezone).where(DigestSetting.user_id == user_id)
    ).one_or_none()
    ways = {event: way for (_, event), way in ways_of(session, [user_id]).items()}
    if own is None:
        return Preferences(USUAL_HOUR, timezones(session)[0], ways)
    return Preferences(own.hour, own.timezone, ways)


def waiting_for_digest(session: Session) -> list[Waiting]:
    """Everybody whom a summary is to be made for, sooner or later, and can reach."""
    usual = timezones(session)[0]
    chosen = (
        select(
            ReceivedNotice.user_id,
            func.min(ReceivedNotice.at).label("oldest"),
            DigestSetting.hour,
            DigestSetting.timezone,
            DigestSetting.digested_at,
        )
        .join(User, User.id == ReceivedNotice.user_id)
        .outerjoin(DigestSetting, DigestSetting.user_id == ReceivedNotice.user_id)
        .where(*_UNDIGESTED, User.active, User.confirmed_at.is_not(None))
        .group_by(ReceivedNotice.user_id, DigestSetting.hour, DigestSetting.timezone, DigestSetting.digested_at)
        .order_by(ReceivedNotice.user_id)
    )
    return [
        Waiting(
            row.user_id,
            row.oldest,
            USUAL_HOUR if row.hour is None else row.hour,
            row.timezone or usual,
            row.digested_at,
        )
        for row in session.execute(chosen)
    ]


def undigested(connection: Connection, user_id: int) -> Sequence[tuple[int, str, Mapping[str, Any]]]:
    """The notices that a person's next summary is made of, oldest first: id, event, payload."""
    chosen = select(ReceivedNotice.id, ReceivedNotice.event, ReceivedNotice.payload)
    rows = connection.execute(chosen.where(ReceivedNotice.user_id == user_id, *_UNDIGESTED).order_by(ReceivedNotice.id))
    return [(row.id, row.event, row.payload) for row in rows]


def reader_of(session: Session, user_id: int) -> Reader:
    """A person as the reader of mail of their own."""
    row = session.execute(select(User.name, User.email, User.language).where(User.id == user_id)).one()
    return Reader(row.name, row.email, row.language, Audience.PERSON, user_id)


def _columns() -> Select[*tuple[Any, ...]]:
    return select(
        ReceivedNotice.id,
        ReceivedNotice.event,
        ReceivedNotice.payload,
        ReceivedNotice.way,
        ReceivedNotice.at,
        ReceivedNotice.read_at,
    )


def _received(row: AnyRow) -> Received:
    return Received(row.id, part_of(row.event, row.payload), Way(row.way), row.at, row.read_at)
