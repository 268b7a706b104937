"""Writes on teams that several verbs share."""

from datetime import datetime

from sqlalchemy import Connection, update

from booking.models.teams import Team


def suspend_auto_approval(connection: Connection, team_id: int, *, until: datetime) -> None:
    """Every booking of the team waits for its owners until then."""
    connection.execute(update(Team).where(Team.id == team_id).values(strikes_until=until))
