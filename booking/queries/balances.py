"""Questions about grants and the ledger as people read them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, Select, and_, false, literal, or_, select
from sqlalchemy.orm import Session, aliased

from booking.domain.errors import NotFound
from booking.domain.grants import Balance, LedgerLine, Scope
from booking.domain.ledger import Entry, Grant, Line
from booking.domain.permissions import OWNER_OF, Actor, may_grant, may_see_balance, may_see_grant
from booking.domain.refunds import still_charged
from booking.models.facilities import Facility
from booking.models.grants import Grant as GrantRow
from booking.models.grants import LedgerEntry
from booking.models.organisations import Organisation
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.teams import Team
from booking.queries.grants import read_grants

Issuer = aliased(Organisation)
GRANTS = (
    select(
        GrantRow.id,
        GrantRow.team_id,
        GrantRow.timezone,
        GrantRow.reason,
        GrantRow.created_at,
        GrantRow.expired_at,
        GrantRow.eligible_kinds,
        GrantRow.eligible_regions,
        GrantRow.organisation_id.label("issuer_id"),
        Team.slug.label("team"),
        Team.name.label("team_name"),
        Resource.slug.label("resource"),
        Resource.name.label("resource_name"),
        Resource.kind.label("resource_kind"),
        Resource.organisation_id.label("resource_owner"),
        Facility.slug.label("facility"),
        Facility.name.label("facility_name"),
        Facility.organisation_id.label("facility_owner"),
        Issuer.slug.label("issuer"),
        Issuer.name.label("issuer_name"),
    )
    .join(Team, Team.id == GrantRow.team_id)
    .outerjoin(Resource, Resource.id == GrantRow.resource_id)
    .outerjoin(Facility, Facility.id == GrantRow.facility_id)
    .outerjoin(Issuer, Issuer.id == GrantRow.organisation_id)
)
LEDGER = select(
    LedgerEntry.id,
    LedgerEntry.grant_id,
    LedgerEntry.booking_id,
    LedgerEntry.kind,
    LedgerEntry.unit_seconds,
    LedgerEntry.at,
    LedgerEntry.by,
    LedgerEntry.reason,
)


@dataclass(frozen=True, slots=True)
class Visible:
    """Which grants somebody may see: all, those of some teams, those on what some organisations own, by kind."""

    all: bool = False
    teams: Collection[int] = ()
    owned: Mapping[str, Collection[int]] = field(default_factory=dict)

    @staticmethod
    def to(actor: Actor) -> "Visible":
        """What the actor may see: funders all, members their teams', owners those on what is theirs."""
        owned = {kind: actor.organisations(role) for kind, role in OWNER_OF.items()}
        return Visible(all=may_grant(actor, None), teams=actor.teams.keys(), owned=owned)

    @property
    def owners(self) -> frozenset[int]:
        """The organisations that somebody owns anything for."""
        return frozenset(one for organisations in self.owned.values() for one in organisations)

    def resources(self) -> ColumnElement[bool]:
        """The resources that are somebody's own."""
        return or_(
            false(),
            *(
                and_(Resource.kind == kind, Resource.organisation_id.in_(organisations))
                for kind, organisations in self.owned.items()
            ),
        )

    def condition(self) -> ColumnElement[bool]:
        """The same as a condition on grants that are joined with what they are for."""
        return or_(GrantRow.team_id.in_(self.teams), Facility.organisation_id.in_(self.owners), self.resources())


@dataclass(frozen=True, slots=True)
class Grantable:
    """Something that can be granted on: a `facility`, a `pool` or a `dataset`."""

    noun: str
    slug: str
    name: str


def balances_of(session: Session, team_id: int) -> list[Balance]:
    """All grants of a team, the one that ends first at the top."""
    found = _balances(session, GRANTS.where(GrantRow.team_id == team_id))
    return sorted(found, key=lambda balance: (balance.grant.window.end, balance.id))


def visible_balances_of(session: Session, team_id: int, actor: Actor) -> list[Balance]:
    """The grants of a team that the actor may see; NotFound for those whom none of them concerns."""
    found = [
        one for one in balances_of(session, team_id) if may_see_grant(actor, team_id, one.owner_id, one.owner_kind)
    ]
    if not found and not may_see_balance(actor, team_id):
        raise NotFound("team")
    return found


def visible_balance(session: Session, grant_id: int, actor: Actor) -> Balance:
    """One grant; NotFound where there is none that the actor may see."""
    found = balance_of(session, grant_id)
    if not may_see_grant(actor, found.team_id, found.owner_id, found.owner_kind):
        raise NotFound("grant")
    return found


def balance_of(session: Session, grant_id: int) -> Balance:
    """One grant; NotFound where there is none."""
    found = _balances(session, GRANTS.where(GrantRow.id == grant_id))
    if not found:
        raise NotFound("grant")
    return found[0]


def balances_listed(
    session: Session, visible: Visible, *, team: str = "", before: int | None = None, limit: int, offset: int = 0
) -> list[Balance]:
    """Grants that may be seen, the newest first, from the one before `before`; of one team where it is named."""
    chosen = GRANTS.order_by(GrantRow.id.desc()).limit(limit).offset(offset)
    if not visible.all:
        chosen = chosen.where(visible.condition())
    if team:
        chosen = chosen.where(Team.slug == team)
    if before is not None:
        chosen = chosen.where(GrantRow.id < before)
    return _balances(session, chosen)


def ledger_of(session: Session, grant_ids: Collection[int], *, after: int = 0, limit: int) -> list[LedgerLine]:
    """The ledger of some grants, oldest first, from the entry after `after`."""
    chosen = LEDGER.where(LedgerEntry.grant_id.in_(sorted(grant_ids)), LedgerEntry.id > after)
    return _lines(session, chosen.order_by(LedgerEntry.id).limit(limit))


def newest_ledger_of(session: Session, grant_ids: Collection[int], *, limit: int, offset: int = 0) -> list[LedgerLine]:
    """The ledger of some grants, newest first."""
    chosen = LEDGER.where(LedgerEntry.grant_id.in_(sorted(grant_ids))).order_by(LedgerEntry.id.desc())
    return _lines(session, chosen.limit(limit).offset(offset))


def _lines(session: Session, chosen: Select[*tuple[object, ...]]) -> list[LedgerLine]:
    return [
        LedgerLine(
            id=row.id,
            grant_id=row.grant_id,
            booking_id=row.booking_id,
            kind=Entry(row.kind),
            unit_seconds=row.unit_seconds,
            at=row.at,
            by=row.by,
            reason=row.reason,
        )
        for row in session.execute(chosen)
    ]


def grantable(session: Session, visible: Visible) -> list[Grantable]:
    """What somebody can grant on, where that is not a whole kind: facilities, then pools, then datasets, by name."""
    places = select(literal("facility").label("noun"), Facility.slug, Facility.name)
    things = select(Resource.kind.label("noun"), Resource.slug, Resource.name).where(Resource.state == "published")
    if not visible.all:
        places = places.where(Facility.organisation_id.in_(visible.owners))
        things = things.where(visible.resources())
    rows = [
        *session.execute(places.order_by(Facility.name, Facility.slug)),
        *session.execute(things.order_by(Resource.kind.desc(), Resource.name, Resource.slug)),
    ]
    return [Grantable(row.noun, row.slug, row.name) for row in rows]


def charged_by(connection: Connection, booking_id: int) -> dict[int, tuple[Line, ...]]:
    """What a booking was charged and not given back yet, by resource, in the order in which it was charged."""
    chosen = (
        select(
            LedgerEntry.resource_id,
            LedgerEntry.kind,
            LedgerEntry.grant_id,
            LedgerEntry.period_start,
            LedgerEntry.unit_seconds,
        )
        .where(LedgerEntry.booking_id == booking_id)
        .order_by(LedgerEntry.id)
    )
    entries: defaultdict[int, list[tuple[Entry, Line]]] = defaultdict(list)
    for row in connection.execute(chosen):
        if row.resource_id is not None:
            line = Line(row.grant_id, row.period_start, row.unit_seconds)
            entries[row.resource_id].append((Entry(row.kind), line))
    return {resource_id: still_charged(own) for resource_id, own in entries.items()}


def organisation_of(session: Session, team_id: int) -> tuple[str, str]:
    """Kind and region of the organisation that a team belongs to; NotFound where there is no such team."""
    chosen = select(Organisation.kind, Organisation.region).join(Team, Team.organisation_id == Organisation.id)
    row = session.execute(chosen.where(Team.id == team_id)).one_or_none()
    if row is None:
        raise NotFound("team")
    return row.kind, row.region


def owner_of(session: Session, scope: Scope) -> tuple[int | None, str | None]:
    """The organisation that owns what a scope names, and the resource's kind; NotFound where there is no such thing."""
    if scope.resource_id is not None:
        row = session.execute(
            select(Resource.organisation_id, Resource.kind).where(Resource.id == scope.resource_id)
        ).one_or_none()
        if row is None:
            raise NotFound("resource")
        return row.organisation_id, row.kind
    if scope.facility_id is not None:
        owner = session.scalar(select(Facility.organisation_id).where(Facility.id == scope.facility_id))
        if owner is None:
            raise NotFound("facility")
        return owner, None
    return None, None


def _balances(session: Session, chosen: Select[*tuple[object, ...]]) -> list[Balance]:
    rows = session.execute(chosen).all()
    grants = _grants(session, {row.team_id for row in rows}) if rows else {}
    return [_balance(row, grants[row.id]) for row in rows if row.id in grants]


def _grants(session: Session, team_ids: Iterable[int]) -> dict[int, Grant]:
    by_team = read_grants(session.connection(), team_ids)
    return {grant.id: grant for own in by_team.values() for grant in own}


def _balance(row: AnyRow, grant: Grant) -> Balance:
    return Balance(
        grant=grant,
        team_id=row.team_id,
        team=row.team,
        team_name=row.team_name,
        timezone=row.timezone,
        reason=row.reason,
        created_at=row.created_at,
        expired_at=row.expired_at,
        resource=row.resource,
        resource_name=row.resource_name,
        facility=row.facility,
        facility_name=row.facility_name,
        owner_id=row.resource_owner or row.facility_owner,
        owner_kind=row.resource_kind,
        issuer_id=row.issuer_id,
        issuer=row.issuer,
        issuer_name=row.issuer_name,
        eligible_kinds=None if row.eligible_kinds is None else tuple(row.eligible_kinds),
        eligible_regions=None if row.eligible_regions is None else tuple(row.eligible_regions),
    )
