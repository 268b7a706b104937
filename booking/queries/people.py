"""Questions of administrators about accounts and roles."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from booking.domain.accounts import HeldRole, Person
from booking.domain.errors import NotFound
from booking.domain.permissions import Role
from booking.models.organisations import Organisation
from booking.models.users import Role as RoleRow
from booking.models.users import User


def people(session: Session, *, q: str = "", limit: int, offset: int = 0) -> Sequence[Person]:
    """Accounts in the order of their addresses; `q` is looked for in address and name."""
    return _people(session, _named(q).offset(offset).limit(limit))


def people_after(session: Session, email: str, *, q: str = "", limit: int) -> Sequence[Person]:
    """The same from behind an address on."""
    return _people(session, _named(q).where(User.email > email).limit(limit))


def _named(q: str) -> Select[User]:
    wanted = select(User).order_by(User.email)
    if q:
        wanted = wanted.where(or_(User.email.icontains(q, autoescape=True), User.name.icontains(q, autoescape=True)))
    return wanted


def _people(session: Session, wanted: Select[User]) -> Sequence[Person]:
    found = session.scalars(wanted).all()
    roles = _roles_of(session, [user.id for user in found])
    return [_person(user, roles[user.id]) for user in found]


def person(session: Session, user_id: int) -> Person:
    """One account; NotFound where there is none."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("account")
    return _person(user, _roles_of(session, [user_id])[user_id])


def other_administrators(session: Session, user_id: int) -> int:
    """How many accounts besides this one can administer."""
    counted = select(func.count()).select_from(RoleRow).join(User, User.id == RoleRow.user_id)
    others = counted.where(RoleRow.role == Role.ADMINISTRATOR, User.active, User.id != user_id)
    return session.scalars(others).one()


def _roles_of(session: Session, user_ids: Collection[int]) -> defaultdict[int, list[HeldRole]]:
    held = (
        select(RoleRow, Organisation.name)
        .outerjoin(Organisation, Organisation.id == RoleRow.organisation_id)
        .where(RoleRow.user_id.in_(user_ids))
        .order_by(RoleRow.role, Organisation.name)
    )
    roles: defaultdict[int, list[HeldRole]] = defaultdict(list)
    for row, organisation in session.execute(held):
        department = row.department or ""
        roles[row.user_id].append(HeldRole(row.id, Role(row.role), organisation or "", department, row.deputy))
    return roles


def _person(user: User, roles: list[HeldRole]) -> Person:
    return Person(user.id, user.email, user.name, user.active, user.created_at, user.confirmed_at, tuple(roles))
