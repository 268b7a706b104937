"""Questions about people: who asks, and with what roles."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from booking.domain.accounts import Account
from booking.domain.permissions import Actor, Role, TeamRole
from booking.models import teams, users
from booking.queries.lent import STILL_IN

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

# One row for each pair of a role and a membership; people have few of both.
_WHO = (
    select(
        users.User.id,
        users.User.email,
        users.User.name,
        users.User.language,
        users.User.session_key,
        users.Role.role,
        users.Role.organisation_id,
        teams.Membership.team_id,
        teams.Membership.role.label("team_role"),
    )
    .select_from(users.User)
    .outerjoin(users.Role, users.Role.user_id == users.User.id)
    .outerjoin(teams.Membership, and_(teams.Membership.user_id == users.User.id, STILL_IN))
    .where(users.User.active)
)
_WHO_BY_ID = _WHO.where(users.User.id == bindparam("user_id"))
_WHO_BY_EMAIL = _WHO.where(users.User.email == bindparam("email"))


def who_is_asked_for() -> Select[*tuple[Any, ...]]:
    """The statement that reads an active person with roles and teams, to be narrowed to one person."""
    return _WHO


def actor_of(rows: Sequence[Any]) -> Actor:
    """The person that the rows of one person tell of."""
    first = rows[0]
    teams_of: dict[int, TeamRole] = {row.team_id: row.team_role for row in rows if row.team_id is not None}
    return Actor(
        user_id=first.id,
        email=first.email,
        name=first.name,
        roles=frozenset((Role(row.role), row.organisation_id) for row in rows if row.role is not None),
        teams=teams_of,
        language=first.language,
    )


def account_of(session: Session, user_id: int, now: datetime) -> Account | None:
    """An active person and the key of their sessions; None when there is no such person (any more)."""
    rows = session.connection().execute(_WHO_BY_ID, {"user_id": user_id, "now": now}).all()
    return Account(actor_of(rows), rows[0].session_key) if rows else None


def actor_by_email(session: Session, email: str, now: datetime = LONG_AGO) -> Actor | None:
    """An active person by e-mail address in lower case; without `now` also in teams that were lent until before it."""
    rows = session.connection().execute(_WHO_BY_EMAIL, {"email": email, "now": now}).all()
    return actor_of(rows) if rows else None


def user_by_email(session: Session, email: str, *, lock: bool = False) -> users.User | None:
    """The account of an address in lower case, active or not."""
    wanted = select(users.User).where(users.User.email == email)
    return session.scalars(wanted.with_for_update() if lock else wanted).one_or_none()


def recent_failures(session: Session, email: str, since: datetime) -> tuple[int, datetime | None]:
    """How many sign-ins for the address failed after `since`, and when the oldest of them was."""
    failures = users.SignInFailure
    asked = select(func.count(), func.min(failures.at)).where(failures.email == email, failures.at > since)
    count, oldest = session.execute(asked).one()
    return count, oldest
