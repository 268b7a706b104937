"""What services that publish something share inside their transactions: adding a row whose slug must be free."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.domain.errors import Conflict


def add_unless_taken(session: Session, row: Any, what: str) -> None:
    """Add a row and give it its id; Conflict where something of its kind has the slug already."""
    table = type(row)
    taken = session.scalar(select(table.id).where(table.slug == row.slug)) is not None
    if not taken:
        session.add(row)
        try:
            session.flush()
        except IntegrityError:
            taken = True  # somebody took it at the same moment
    if taken:
        said = {"what": what, "slug": row.slug}
        raise Conflict(
            "There is a %(what)s “%(slug)s” already. Take another short name.", said, code="slug_taken", field="slug"
        )
