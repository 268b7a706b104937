"""Questions about editions of scenario lists."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from booking.domain.editions import Edition, EditionState, Rule, Times
from booking.domain.errors import NotFound
from booking.models.editions import Edition as Row
from booking.models.scenarios import Scenario


def editions(session: Session, *, before: int | None = None, limit: int, offset: int = 0) -> Sequence[Edition]:
    """The editions, the newest number first, from the one before `before` on."""
    wanted = select(Row).order_by(Row.number.desc()).limit(limit).offset(offset)
    if before is not None:
        wanted = wanted.where(Row.number < before)
    return [edition_of(row) for row in session.scalars(wanted)]


def find_edition(session: Session, number: int) -> Edition:
    """The edition of this number; NotFound where there is none."""
    row = session.scalars(select(Row).where(Row.number == number)).one_or_none()
    if row is None:
        raise NotFound("scenario list")
    return edition_of(row)


def last_number(session: Session) -> int:
    """The number of the last edition; 0 before the first."""
    return session.scalar(select(func.max(Row.number))) or 0


def lock_edition(session: Session, edition_id: int) -> Row:
    """An edition's row, locked against others who let it go on; always before its entries."""
    chosen = select(Row).where(Row.id == edition_id).with_for_update(key_share=True)
    return session.scalars(chosen.execution_options(populate_existing=True)).one()


def due_editions(session: Session, now: datetime) -> Sequence[int]:
    """The editions that are not where their times say, and the published ones with entries accepted since."""
    accepted = select(Scenario.id).where(Scenario.edition_id == Row.id, Scenario.state == "accepted")
    due = or_(
        and_(Row.state == "planned", Row.opens_at <= now),
        and_(Row.state.in_(("planned", "open")), Row.publishes_at <= now),
        and_(Row.state != "closed", Row.closes_at <= now),
        and_(Row.state == "published", accepted.exists()),
    )
    return session.scalars(select(Row.id).where(due).order_by(Row.number)).all()


def edition_of(row: Row) -> Edition:
    """The value of a row."""
    return Edition(
        id=row.id,
        number=row.number,
        title=row.title,
        state=EditionState(row.state),
        times=Times(row.opens_at, row.publishes_at, row.closes_at),
        rule=Rule(row.quorum, row.vote_days, row.deputy_days),
    )
