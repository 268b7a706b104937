"""Use case of preparing a replay: teams that ask in turn, with quota that does not bind."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.changes.grants import Posting, post
from booking.db import transaction
from booking.domain.amounts import MOST_UNIT_SECONDS
from booking.domain.ledger import Entry, Line
from booking.domain.permissions import Actor
from booking.domain.windows import Window
from booking.models.grants import Grant
from booking.models.organisations import Organisation
from booking.models.scenarios import Scenario
from booking.models.teams import Membership, Team
from booking.models.users import User
from booking.queries.grants import lock_grants
from booking.services.holdings import SYSTEM

SLUG = "replay"
MARGIN = timedelta(days=1)


def prepare_teams(number: int, window: Window, *, now: datetime) -> list[tuple[int, Actor]]:
    """The teams `replay-1` to `replay-<number>` with a lead of each, approved and with quota around a window.

    The leads are accounts that nobody can open and no mail is sent to.
    """
    around = Window(window.start - MARGIN, max(window.end, now) + MARGIN)
    with transaction() as session:
        scenario_id, organisation_id = _scenario(session, now)
        slugs = [f"{SLUG}-{turn}" for turn in range(1, number + 1)]
        return [_team(session, slug, scenario_id, organisation_id, around, now) for slug in slugs]


def _scenario(session: Session, now: datetime) -> tuple[int, int]:
    """The scenario that the teams are approved for, and the organisation behind them."""
    organisation = session.scalars(select(Organisation).where(Organisation.slug == SLUG)).one_or_none()
    if organisation is None:
        organisation = Organisation(
            name="Recorded workloads", slug=SLUG, kind="intermediary", region="–", created_at=now
        )
        session.add(organisation)
        session.flush()
    scenario = session.scalars(select(Scenario).where(Scenario.slug == SLUG)).one_or_none()
    if scenario is None:
        scenario = Scenario(
            name="Replay of recorded workloads", slug=SLUG, organisation_id=organisation.id, category="research",
            region="–", description="Teams that ask for what a real cluster was asked for.",
        )  # fmt: skip
        session.add(scenario)
        session.flush()
    return scenario.id, organisation.id


def _team(
    session: Session, slug: str, scenario_id: int, organisation_id: int, around: Window, now: datetime
) -> tuple[int, Actor]:
    lead = _lead(session, slug, now)
    team = session.scalars(select(Team).where(Team.slug == slug).with_for_update()).one_or_none()
    if team is None:
        team = Team(
            name=slug, slug=slug, scenario_id=scenario_id, organisation_id=organisation_id, state="approved",
            applied_at=now, decided_at=now, approved_until=around.end,
        )  # fmt: skip
        session.add(team)
        session.flush()
    if session.get(Membership, (team.id, lead.id)) is None:
        session.add(Membership(team_id=team.id, user_id=lead.id, role="lead", joined_at=now))
    if team.state != "suspended":
        team.state = "approved"
        team.approved_until = max(team.approved_until or around.end, around.end)
    _grant(session, team.id, around, now)
    return team.id, Actor(lead.id, lead.email, lead.name, teams={team.id: "lead"})


def _lead(session: Session, slug: str, now: datetime) -> User:
    email = f"{slug}@localhost"
    user = session.scalars(select(User).where(User.email == email)).one_or_none()
    if user is None:
        user = User(
            email=email, name=slug, password_hash="", session_key=secrets.token_hex(16), active=False, created_at=now
        )
        session.add(user)
        session.flush()
    return user


def _grant(session: Session, team_id: int, around: Window, now: datetime) -> None:
    """Quota that covers the window: what a replay before has left, or a new grant."""
    connection = session.connection()
    for grant in lock_grants(connection, [team_id])[team_id]:
        covers = grant.window.start <= around.start and around.end <= grant.window.end
        if grant.kind == "pool" and grant.cap is None and covers and grant.left > MOST_UNIT_SECONDS // 2:
            return
    row = Grant(
        team_id=team_id, kind="pool", starts_at=around.start, ends_at=around.end, amount=0, created_at=now,
        reason="replay",
    )  # fmt: skip
    session.add(row)
    session.flush()
    post(connection, [Posting(Entry.GRANT, Line(row.id, None, MOST_UNIT_SECONDS), now, SYSTEM, "replay")])
