"""What people see of things that a team has with a dataset: its own team and the dataset's stewards."""

from sqlalchemy import ColumnElement, false, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from booking.domain.permissions import Actor, Role, may_administer
from booking.models.resources import Resource


def of_team_or_steward(actor: Actor, team_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Rows of the actor's teams, and of datasets (joined as Resource) that the actor looks after."""
    if may_administer(actor):
        return true()
    own = team_id.in_(sorted(actor.teams)) if actor.teams else false()
    return or_(own, Resource.organisation_id.in_(actor.organisations(Role.STEWARD)))
