"""Use cases of scenarios: their owners publish them."""

from datetime import datetime

from booking.changes import audit
from booking.db import transaction
from booking.domain.errors import Forbidden
from booking.domain.permissions import Actor, may_publish_scenario
from booking.domain.scenarios import NewScenario, Scenario
from booking.models.scenarios import Scenario as ScenarioRow
from booking.queries.organisations import find_organisation
from booking.queries.scenarios import find_scenario
from booking.services.slugged import add_unless_taken


def publish_scenario(new: NewScenario, *, actor: Actor, now: datetime) -> Scenario:
    """Put a scenario on the list at once, so that teams can apply for it; Conflict where its slug is taken."""
    new = new.checked()
    with transaction() as session:
        organisation = find_organisation(session, new.organisation)
        if not may_publish_scenario(actor, organisation.id):
            raise Forbidden("Only scenario owners of %(organisation)s publish its scenarios.",
                            numbers={"organisation": organisation.name})  # fmt: skip
        row = ScenarioRow(
            name=new.name,
            slug=new.slug,
            organisation_id=organisation.id,
            category=new.category.value,
            region=new.region,
            description=new.description,
            published_at=now,
        )
        add_unless_taken(session, row, "scenario")
        details = {"name": new.name, "organisation": organisation.slug, "category": new.category.value}
        audit.record(
            session.connection(), by=actor.email, act="scenario.publish", subject=f"scenario:{new.slug}",
            details=details, now=now,
        )  # fmt: skip
        return find_scenario(session, new.slug, actor=actor, now=now)
