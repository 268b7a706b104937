"""What notices of grants, of the wait list and of the docking board are about, by the thing that they tell of."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.domain.notices import Line, Notice
from booking.domain.windows import Window
from booking.models.docking import DockingDemand
from booking.models.facilities import Facility
from booking.models.grants import Grant
from booking.models.resources import Resource
from booking.models.teams import Team
from booking.models.waitlist import WaitlistEntry


def grants_told(session: Session, ids: Collection[int]) -> dict[int, tuple[int, Notice]]:
    """By grant: its team, and the notice of its end without an event."""
    chosen = (
        select(Grant, Team.name, Team.slug, Resource.name, Facility.name)
        .join(Team, Team.id == Grant.team_id)
        .outerjoin(Resource, Resource.id == Grant.resource_id)
        .outerjoin(Facility, Facility.id == Grant.facility_id)
        .where(Grant.id.in_(ids))
    )
    return {
        grant.id: (
            grant.team_id,
            Notice(
                event="",
                about=str(grant.id),
                team=team,
                team_slug=slug,
                window=Window(grant.starts_at, grant.ends_at),
                timezone=grant.timezone,
                scope=grant.kind or resource or facility,
                left_unit_seconds=grant.amount - grant.held - grant.charged,
            ),
        )
        for grant, team, slug, resource, facility in session.execute(chosen)
    }


def entries_told(session: Session, ids: Collection[int]) -> dict[int, tuple[int, Notice]]:
    """By wait-list entry: its team, and the notice of its end without an event; the window is what it waited within."""
    chosen = (
        select(WaitlistEntry, Team.name, Team.slug, Resource.kind, Resource.name, Facility.timezone)
        .join(Team, Team.id == WaitlistEntry.team_id)
        .outerjoin(Resource, Resource.id == WaitlistEntry.resource_id)
        .outerjoin(Facility, Facility.id == Resource.facility_id)
        .where(WaitlistEntry.id.in_(ids))
    )
    return {
        entry.id: (
            entry.team_id,
            Notice(
                event="",
                about=str(entry.id),
                team=team,
                team_slug=slug,
                lines=(Line(entry.units, kind or "pool", resource or entry.gpu_model or ""),),
                window=Window(entry.earliest, entry.latest),
                timezone=zone or "UTC",
            ),
        )
        for entry, team, slug, kind, resource, zone in session.execute(chosen)
    }


def demands_told(session: Session, ids: Collection[int]) -> dict[int, tuple[int, Notice]]:
    """By demand of the docking board: its team, and the notice of its end without an event."""
    chosen = (
        select(DockingDemand, Team.name, Team.slug, Resource.name)
        .join(Team, Team.id == DockingDemand.team_id)
        .outerjoin(Resource, Resource.id == DockingDemand.dataset_id)
        .where(DockingDemand.id.in_(ids))
    )
    return {
        demand.id: (
            demand.team_id,
            Notice(
                event="",
                about=str(demand.id),
                team=team,
                team_slug=slug,
                lines=(
                    Line(demand.units, "pool", " / ".join(demand.gpu_models))
                    if demand.gpu_models
                    else Line(demand.units, "dataset", dataset or ""),
                ),
                window=Window(demand.earliest, demand.latest),
            ),
        )
        for demand, team, slug, dataset in session.execute(chosen)
    }
