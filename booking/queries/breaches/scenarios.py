"""Do scenario lists follow their clock, and is all that a published entry has ever said still there?"""

from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select

from booking.models.editions import Edition, ScenarioVersion
from booking.models.scenarios import Scenario
from booking.queries.breaches import Check, ask
from booking.queries.breaches.standing import at_present

BEHIND: Select[*tuple[Any, ...]] = (
    select(Edition.number)
    .where(
        or_(
            and_(Edition.state == "planned", Edition.opens_at < bindparam("late")),
            and_(Edition.state.in_(("planned", "open")), Edition.publishes_at < bindparam("late")),
            and_(Edition.state != "closed", Edition.closes_at < bindparam("late")),
        )
    )
    .order_by(Edition.number)
)
VERSIONS = (
    select(ScenarioVersion.scenario_id, func.count().label("kept"))
    .group_by(ScenarioVersion.scenario_id)
    .subquery()
)  # fmt: skip
ALTERED_SILENTLY: Select[*tuple[Any, ...]] = (
    select(Scenario.id)
    .outerjoin(VERSIONS, VERSIONS.c.scenario_id == Scenario.id)
    .where(Scenario.version != func.coalesce(VERSIONS.c.kept, 0) + 1)
    .order_by(Scenario.id)
)

CHECKS = (
    Check(5, "scenario lists that are behind their clock", at_present(BEHIND)),
    Check(5, "entries of which an earlier version is missing", ask(ALTERED_SILENTLY)),
)
