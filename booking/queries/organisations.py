"""Questions about organisations."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.domain.errors import NotFound
from booking.domain.organisations import Organisation
from booking.models.organisations import Organisation as OrganisationRow
from booking.models.rows import AnyRow

READ = select(
    OrganisationRow.id, OrganisationRow.slug, OrganisationRow.name, OrganisationRow.kind, OrganisationRow.region
)


def find_organisation(session: Session, slug: str) -> Organisation:
    """The organisation of this slug; NotFound where there is none."""
    row = session.execute(READ.where(OrganisationRow.slug == slug)).one_or_none()
    if row is None:
        raise NotFound("organisation")
    return _organisation(row)


def operated(session: Session, ids: frozenset[int] | None) -> Sequence[Organisation]:
    """The organisations that somebody looks after, by name; None stands for all."""
    wanted = READ if ids is None else READ.where(OrganisationRow.id.in_(ids))
    rows = session.execute(wanted.order_by(OrganisationRow.name, OrganisationRow.id))
    return [_organisation(row) for row in rows]


def organisations(session: Session, *, after: str | None = None, limit: int | None = None) -> Sequence[Organisation]:
    """Organisations in the order of their slugs, those behind `after` first."""
    wanted = READ.order_by(OrganisationRow.slug).limit(limit)
    if after is not None:
        wanted = wanted.where(OrganisationRow.slug > after)
    return [_organisation(row) for row in session.execute(wanted)]


def _organisation(row: AnyRow) -> Organisation:
    return Organisation(row.id, row.slug, row.name, row.kind, row.region)
