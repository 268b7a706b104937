"""What is said to single persons of the activities they take part in and the courses they complete."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from booking.domain.notices import Audience, Notice, Reader
from booking.domain.outbox import Item
from booking.domain.windows import Window
from booking.models.activities import Activity, Enrolment
from booking.models.courses import Completion, Course
from booking.models.rows import AnyRow
from booking.models.users import User
from booking.queries.readings import Event, Reading

When = Callable[[AnyRow], Window | None]

_PERSON = (User.name.label("person"), User.email, User.language, User.id.label("user_id"))
_REACHABLE = (User.active, User.confirmed_at.is_not(None))


def of_enrolments(session: Session, events: Sequence[Event]) -> dict[int, list[Reading]]:
    """By item: the person whose part in an activity has changed."""
    chosen = (
        select(Enrolment.id, Activity.slug, Activity.name, Activity.starts_at, Activity.ends_at, *_PERSON)
        .join(Activity, Activity.id == Enrolment.activity_id)
        .join(User, User.id == Enrolment.user_id)
    )
    rows = _rows(session, chosen.where(Enrolment.id.in_([number for _, number in events]), *_REACHABLE), events)
    return _told(events, rows, lambda row: Window(row.starts_at, row.ends_at))


def of_completions(session: Session, events: Sequence[Event]) -> dict[int, list[Reading]]:
    """By item: the person whose completion of a course was noted or taken back."""
    chosen = (
        select(Completion.id, Course.slug, Course.name, *_PERSON)
        .join(Course, Course.id == Completion.course_id)
        .join(User, User.id == Completion.user_id)
    )
    rows = _rows(session, chosen.where(Completion.id.in_([number for _, number in events]), *_REACHABLE), events)
    return _told(events, rows, lambda _row: None)


def _rows(session: Session, chosen: Select[*tuple[Any, ...]], events: Sequence[Event]) -> dict[int, AnyRow]:
    return {row.id: row for row in session.execute(chosen)} if events else {}


def _told(events: Iterable[Event], rows: dict[int, AnyRow], window: When) -> dict[int, list[Reading]]:
    return {item.id: [_reading(item, rows[number], window)] for item, number in events if number in rows}


def _reading(item: Item, row: AnyRow, window: When) -> Reading:
    reader = Reader(row.person, row.email, row.language, Audience.PERSON, row.user_id)
    notice = Notice(item.event, about=row.slug, scenario=row.name, reason=str(item.payload.get("reason") or ""))
    return reader, replace(notice, window=window(row))
