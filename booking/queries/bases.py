"""What bookings of datasets rest on: terms in force, who has accepted them, the permits of teams, and what they owe."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from booking.domain.bases import Basis
from booking.domain.permits import PermitState, Sensitivity
from booking.domain.terms import TermsVersion, in_force
from booking.models.attestations import Attestation
from booking.models.permits import Permit
from booking.models.rows import AnyRow
from booking.models.terms import TermsAcceptance
from booking.models.terms import TermsVersion as TermsRow

VERSIONS = (
    select(TermsRow.resource_id, TermsRow.number, TermsRow.effective_at, TermsRow.urgent)
    .where(TermsRow.resource_id.in_(bindparam("dataset_ids", expanding=True)))
    .order_by(TermsRow.resource_id, TermsRow.number)
)
ACCEPTED = (
    select(TermsAcceptance.user_id, TermsRow.resource_id, func.max(TermsRow.number).label("number"))
    .join(TermsRow, TermsRow.id == TermsAcceptance.terms_version_id)
    .where(
        TermsRow.resource_id.in_(bindparam("dataset_ids", expanding=True)),
        TermsAcceptance.user_id.in_(bindparam("user_ids", expanding=True)),
    )
    .group_by(TermsAcceptance.user_id, TermsRow.resource_id)
)
PERMITTED = (
    select(Permit.team_id, Permit.resource_id, func.max(Permit.until).label("until"))
    .where(
        Permit.resource_id.in_(bindparam("dataset_ids", expanding=True)),
        Permit.team_id.in_(bindparam("team_ids", expanding=True)),
        Permit.state == PermitState.GRANTED.value,
    )
    .group_by(Permit.team_id, Permit.resource_id)
)

OWED = (
    select(Attestation.team_id, Attestation.resource_id, func.min(Attestation.due_at).label("due_at"))
    .where(
        Attestation.resource_id.in_(bindparam("dataset_ids", expanding=True)),
        Attestation.team_id.in_(bindparam("team_ids", expanding=True)),
        Attestation.attested_at.is_(None),
    )
    .group_by(Attestation.team_id, Attestation.resource_id)
)


@dataclass
class Bases:
    """The bases of some datasets for some people and teams; pools have none."""

    versions: dict[int, list[TermsVersion]] = field(default_factory=dict)
    accepted: dict[tuple[int, int], int] = field(default_factory=dict)
    restricted: frozenset[int] = frozenset()
    permitted: dict[tuple[int, int], datetime] = field(default_factory=dict)
    owed: dict[tuple[int, int], datetime] = field(default_factory=dict)

    def of(self, dataset_ids: Collection[int], *, team_id: int, user_id: int, now: datetime) -> dict[int, Basis]:
        """By dataset that asks for anything, what it asks for and what of it there is."""
        asking = {
            one for one in dataset_ids if one in self.restricted or one in self.versions or (team_id, one) in self.owed
        }
        return {one: self._basis(one, team_id, user_id, now) for one in asking}

    def _basis(self, dataset_id: int, team_id: int, user_id: int, now: datetime) -> Basis:
        terms = in_force(self.versions.get(dataset_id, ()), now)
        due = self.owed.get((team_id, dataset_id))
        return Basis(
            terms=terms.number if terms else 0,
            accepted=self.accepted.get((user_id, dataset_id), 0),
            needs_permit=dataset_id in self.restricted,
            permitted_until=self.permitted.get((team_id, dataset_id)),
            late_since=due if due is not None and due <= now else None,
        )


def bases_of(
    connection: Connection, rows: Sequence[AnyRow], *, team_ids: Collection[int], user_ids: Collection[int]
) -> Bases:
    """Read what the datasets among `rows` ask for; nothing is asked of the database where there is none."""
    datasets = sorted(row.id for row in rows if row.kind == "dataset")
    if not datasets:
        return Bases()
    found = Bases(
        versions=versions_of(connection, datasets),
        restricted=frozenset(
            row.id for row in rows if row.kind == "dataset" and row.sensitivity == Sensitivity.RESTRICTED
        ),
    )
    if found.versions:
        found.accepted = accepted_by(connection, sorted(found.versions), user_ids)
    if found.restricted:
        found.permitted = permitted_until(connection, sorted(found.restricted), team_ids)
    deleted_after = sorted(row.id for row in rows if row.kind == "dataset" and row.deletion_days is not None)
    if deleted_after:
        wanted = {"dataset_ids": deleted_after, "team_ids": sorted(set(team_ids))}
        owed = connection.execute(OWED, wanted)
        found.owed = {(row.team_id, row.resource_id): row.due_at for row in owed}
    return found


def versions_of(connection: Connection, dataset_ids: Collection[int]) -> dict[int, list[TermsVersion]]:
    """The versions of each dataset's terms without their texts, in their order; datasets without terms are left out."""
    found: defaultdict[int, list[TermsVersion]] = defaultdict(list)
    for row in connection.execute(VERSIONS, {"dataset_ids": list(dataset_ids)}):
        found[row.resource_id].append(TermsVersion(row.number, row.effective_at, row.urgent))
    return dict(found)


def accepted_by(
    connection: Connection, dataset_ids: Collection[int], user_ids: Collection[int]
) -> dict[tuple[int, int], int]:
    """By person and dataset, the highest version that was accepted."""
    wanted = {"dataset_ids": list(dataset_ids), "user_ids": sorted(set(user_ids))}
    return {(row.user_id, row.resource_id): row.number for row in connection.execute(ACCEPTED, wanted)}


def permitted_until(
    connection: Connection, dataset_ids: Collection[int], team_ids: Collection[int]
) -> dict[tuple[int, int], datetime]:
    """By team and dataset, when the last of its permits ends."""
    wanted = {"dataset_ids": list(dataset_ids), "team_ids": sorted(set(team_ids))}
    return {(row.team_id, row.resource_id): row.until for row in connection.execute(PERMITTED, wanted)}
