"""Use cases of the gateway: list what is open, begin a download, look again while it runs, write down what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from booking.changes import bookings as changes
from booking.connectors.stores import Store
from booking.db import db, transaction
from booking.domain.bookings import Booking
from booking.domain.errors import Conflict, Forbidden
from booking.domain.files import StoredFile, clean_path
from booking.domain.gateway import LAST_MINUTES, SLICE_BYTES, Entrance, Pass, expired, volume_exceeded
from booking.domain.jobs import JobResult, each
from booking.domain.lifecycle import State
from booking.domain.ranges import Part
from booking.models.gateway import DataAccess
from booking.queries import bookings, gateway
from booking.queries.resources import keep_resource
from booking.services import holdings

LOST_AFTER = timedelta(minutes=5)
IN_FRONT = "in_front"
"""Why a download has no course of its own in the log: a server in front sends it, slice by slice."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that may be fetched now: by which pass, where it is, and until when."""

    given: Pass
    entrance: Entrance
    store: Store
    file: StoredFile
    path: str
    ends: datetime | None

    def fits_in_front(self, part: Part, now: datetime) -> bool:
        """Whether a server in front may send this part by itself: a slice, and not in the last minutes."""
        late = self.ends is not None and self.ends - now <= LAST_MINUTES
        return self.store.on_disk(self.file.path) and part.length <= SLICE_BYTES and not late


@dataclass(frozen=True, slots=True)
class Shelf:
    """The files of one dataset as somebody sees them: the pass for their addresses, or why they are closed."""

    given: Pass
    entrance: Entrance
    shut: Forbidden | None
    files: tuple[StoredFile, ...] = ()


def look_at_files(given: Pass, stores: Mapping[str, Store], *, now: datetime, after: str = "", limit: int) -> Shelf:
    """The files of a dataset that are open to somebody now, with a pass for their addresses; nothing is written."""
    with db.engine.connect() as connection:
        entrance = gateway.entrance_of(connection, given, now)
    shut = entrance.shut(now)
    if shut is not None:
        return Shelf(given, entrance, shut)
    store = _store(entrance, stores)
    files = store.files(entrance.stock.folder, after=after, limit=limit)
    return Shelf(replace(given, until=entrance.address_ends(now)), entrance, None, tuple(files))


def open_file(given: Pass, path: str, stores: Mapping[str, Store], *, now: datetime) -> Opened:
    """A file, where the pass opens it at this moment. Forbidden says why not, which the log keeps; NotFound."""
    plain = clean_path(path)
    with db.engine.connect() as connection:
        entrance = gateway.entrance_of(connection, given, now)
    shut = expired(given, now) or entrance.shut(now)
    if shut is not None:
        _log_refusal(given, entrance.booking, plain, shut, now)
        raise shut
    store = _store(entrance, stores)
    folder = entrance.stock.folder
    file = store.find(f"{folder}/{plain}" if folder else plain)
    return Opened(given, entrance, store, file, plain, entrance.ends())


def begin_download(opened: Opened, part: Part, status: int, *, now: datetime, in_front: bool = False) -> int:
    """Write down that a part is about to be sent; the number of the line in the log.

    Whether it may is judged once more, under the lock of the booking, with the volume that its downloads have taken
    together. The first download of a booking counts as its check-in.
    """
    given = opened.given
    refused: Forbidden | None
    with transaction() as session:
        connection = session.connection()
        held = holdings.locked(session, given.booking_id) if _waits_for_check_in(opened.entrance.booking) else None
        if given.booking_id and held is None:
            keep_resource(connection, given.dataset_id)
            bookings.lock_booking(connection, given.booking_id)
        entrance = gateway.entrance_of(connection, given, now)
        refused = entrance.shut(now) or _beyond_volume(connection, entrance, part)
        if refused is None:
            if held is not None:
                _check_in(held, given, now)
            if in_front:
                return _written_in_front(connection, opened, part, status, now)
            return _written(connection, _line(opened, part, status, now))
    _log_refusal(given, opened.entrance.booking, opened.path, refused, now)
    raise refused


def go_on(access_id: int, given: Pass, sent: int, *, now: datetime) -> datetime | None:
    """Write down how much has been sent, and look again: until when it stays open. Forbidden where it is closed."""
    with transaction() as session:
        connection = session.connection()
        its = update(DataAccess).where(DataAccess.id == access_id)
        connection.execute(its.values(sent=sent, seen_at=now))
        entrance = gateway.entrance_of(connection, given, now)
        shut = entrance.shut(now)
    if shut is not None:
        raise shut
    return entrance.ends()


def end_download(access_id: int, sent: int, *, now: datetime, why: str = "") -> None:
    """Write down how much was really sent when a download ended, and why where it was cut."""
    with transaction() as session:
        its = update(DataAccess).where(DataAccess.id == access_id)
        session.connection().execute(its.values(sent=sent, seen_at=now, ended_at=now, why=why))


def close_lost_downloads(now: datetime) -> JobResult:
    """Downloads whose process died count with what was last known of them, so that no volume stays taken."""
    with db.engine.connect() as connection:
        todo = gateway.lost_downloads(connection, now - LOST_AFTER)
    return each(todo, lambda access_id: _close_lost(access_id, now))


def _close_lost(access_id: int, now: datetime) -> bool:
    with transaction() as session:
        its = update(DataAccess).where(
            DataAccess.id == access_id, DataAccess.ended_at.is_(None), DataAccess.seen_at < now - LOST_AFTER
        )
        return bool(session.connection().execute(its.values(ended_at=DataAccess.seen_at, why="lost")).rowcount)


def _store(entrance: Entrance, stores: Mapping[str, Store]) -> Store:
    store = stores.get(entrance.stock.root or "")
    if store is None:
        raise Conflict("The place of these files is not set up on this server.", code="store_missing")
    return store


def _waits_for_check_in(booking: Booking | None) -> bool:
    if booking is None or booking.state is not State.CONFIRMED:
        return False
    return booking.check_in_until is not None and booking.checked_in_at is None


def _check_in(held: holdings.Locked, given: Pass, now: datetime) -> None:
    """Somebody is there: the booking becomes active, unless another download was faster."""
    if not _waits_for_check_in(held.booking):
        return
    by = bookings.email_of(held.connection, given.user_id)
    changes.record(
        held.connection, held.booking, State.ACTIVE, now=now, by=by, reason="the first download",
        event="active", checked_in_at=now,
    )  # fmt: skip


def _beyond_volume(connection: Connection, entrance: Entrance, part: Part) -> Forbidden | None:
    booking, most = entrance.booking, entrance.stock.most_bytes
    if booking is None or most is None:
        return None
    return volume_exceeded(most, gateway.bytes_taken(connection, booking.id, entrance.stock.id), part.length)


def _line(opened: Opened, part: Part, status: int, now: datetime) -> dict[str, object]:
    booking = opened.entrance.booking
    return {
        "resource_id": opened.given.dataset_id,
        "booking_id": booking.id if booking else None,
        "team_id": booking.team_id if booking else None,
        "user_id": opened.given.user_id or None,
        "path": opened.path,
        "status": status,
        "why": "",
        "first_byte": part.start,
        "promised": part.length,
        "sent": 0,
        "at": now,
        "seen_at": now,
        "ended_at": None,
    }


def _written(connection: Connection, line: Mapping[str, object]) -> int:
    return int(connection.execute(insert(DataAccess).values(**line).returning(DataAccess.id)).scalar_one())


def _written_in_front(connection: Connection, opened: Opened, part: Part, status: int, now: datetime) -> int:
    """A slice that goes on where the last one ended makes that line longer; others begin one."""
    line = _line(opened, part, status, now)
    same = [DataAccess.__table__.c[name] == line[name] for name in ("resource_id", "booking_id", "user_id", "path")]
    before = (
        select(DataAccess.id)
        .where(*same, DataAccess.why == IN_FRONT, DataAccess.seen_at > now - LOST_AFTER)
        .where(DataAccess.first_byte + DataAccess.sent == part.start)
        .order_by(DataAccess.id.desc())
        .limit(1)
    )
    standing: int | None = connection.scalar(before)
    if standing is None:
        return _written(connection, {**line, "why": IN_FRONT, "sent": part.length, "ended_at": now})
    longer = {"promised": DataAccess.promised + part.length, "sent": DataAccess.sent + part.length}
    connection.execute(update(DataAccess).where(DataAccess.id == standing).values(**longer, seen_at=now, ended_at=now))
    return standing


def _log_refusal(given: Pass, booking: Booking | None, path: str, why: Forbidden, now: datetime) -> None:
    with transaction() as session:
        keep_resource(session.connection(), given.dataset_id)
        line = {
            "resource_id": given.dataset_id,
            "booking_id": booking.id if booking else None,
            "team_id": booking.team_id if booking else None,
            "user_id": given.user_id or None,
            "path": path,
            "status": 403,
            "why": why.code,
            "first_byte": 0,
            "promised": 0,
            "sent": 0,
            "at": now,
            "seen_at": now,
            "ended_at": now,
        }
        session.connection().execute(insert(DataAccess).inline(), line)
