"""The command that adds demo data, through the same services as everybody's."""

import sys
from contextlib import suppress
from datetime import timedelta

import click
from flask.cli import with_appcontext

from booking import clock
from booking.cli import (
    demo_bookings,
    demo_data,
    demo_docking,
    demo_gatherings,
    demo_lists,
    demo_market,
    demo_outcomes,
)
from booking.cli import demo_content as content
from booking.db import db
from booking.domain.capacity_changes import NewChange
from booking.domain.errors import Conflict, Invalid
from booking.domain.grants import NewGrant, Scope
from booking.domain.teams import Application, TeamState
from booking.domain.terms import NewTerms
from booking.domain.windows import Window
from booking.queries import demo as known
from booking.queries.applications import find_team
from booking.queries.organisations import find_organisation
from booking.queries.scenarios import find_scenario
from booking.queries.users import actor_by_email
from booking.services import (
    capacity,
    datasets,
    facilities,
    grants,
    memberships,
    organisations,
    pools,
    roles,
    teams,
    terms,
    users,
)
from booking.services.server import server_actor

A_YEAR = timedelta(days=365)
QUOTA_HOURS = {"pool": 100_000, "dataset": 1_000}


@click.command("demo")
@click.option("--force", is_flag=True, help="Add it beside the accounts of other people, whatever they think of it.")
@with_appcontext
def command(force):
    """Add demo data, as often as one likes; prints the accounts, all of which have a password that everybody knows."""
    _must_be_alone(force)
    now = clock.now()
    year = _year(now)
    actor = server_actor(now=now)
    _add_organisations(actor, now)
    _add_people(actor, now)
    _add_offers(actor, year, now)
    demo_lists.add_lists(actor, now)
    for group in content.TEAMS:
        _apply(group, actor, now)
        _approve(group, actor, now)
        _add_quota(group, year, now)
    _apply(content.APPLICANT, actor, now)
    demo_gatherings.add_gatherings(actor, now)
    demo_market.add_market(content.FUNDER, _since(year, content.PAST), actor=actor)
    demo_bookings.add_past(now)
    demo_bookings.add_plans(now)
    demo_docking.add_board(now)
    demo_data.add_speech(_since(year, content.PAST).start, now, actor=actor)
    demo_outcomes.add_cases(now)
    _print_accounts()


def _must_be_alone(force):
    """Accounts whose password is public are no neighbours for real ones, unless they were here first."""
    session = db.session()
    there = set(content.PROMISED) <= known.known_accounts(session, content.PROMISED)
    others = known.accounts_besides(session, [person.email for person in content.PEOPLE])
    if others and not there and not force:
        click.echo(
            f"This database holds {others} other account{'s' if others > 1 else ''}. The demo adds an administrator"
            " whose password everybody knows; say --force if you want that.",
            err=True,
        )
        sys.exit(1)


def _year(now):
    """From yesterday 00:00 UTC for a year."""
    yesterday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    return Window(yesterday, yesterday + A_YEAR)


def _since(year, days):
    """The year, begun so many days earlier."""
    return Window(year.start - timedelta(days=days), year.end)


def _add_organisations(actor, now):
    for organisation in content.ORGANISATIONS:
        with suppress(Conflict):
            organisations.create_organisation(organisation, actor=actor, now=now)


def _add_people(actor, now):
    there = known.known_accounts(db.session(), [person.email for person in content.PEOPLE])
    for person in content.PEOPLE:
        if person.email not in there:
            users.add_user(person.email, person.name, content.PASSWORD, now=now)
        if person.role:
            user_id = _actor(person.email).user_id
            with suppress(Conflict):
                given = {"organisation": person.organisation, "department": person.department}
                roles.give_role(user_id, person.role, **given, actor=actor, now=now)


def _actor(email):
    return actor_by_email(db.session(), email)


def _add_offers(actor, year, now):
    """Facilities, pools with their capacity, and datasets."""
    for facility in content.FACILITIES:
        with suppress(Conflict):
            facilities.create_facility(facility, actor=actor, now=now)
    for pool, units, days in content.POOLS:
        with suppress(Conflict):
            pools.create_pool(pool, actor=actor, now=now)
        if not known.offers_anything(db.session(), pool.slug):
            offered = _since(year, days)
            supply = NewChange(units, offered.start, offered.end, "demo")
            capacity.add_capacity(pool.slug, supply, actor=actor, now=now)
    for dataset in content.DATASETS:
        with suppress(Conflict):
            datasets.create_dataset(dataset, actor=actor, now=now)
    for slug, text in content.TERMS.items():
        with suppress(Invalid):  # it says so already
            terms.publish_terms(slug, NewTerms(text), actor=actor, now=now)


def _apply(group, actor, now):
    """A team that asks to be approved."""
    session = db.session()
    scenario = find_scenario(session, group.scenario, actor=actor, now=now)
    organisation = find_organisation(session, group.organisation)
    with suppress(Conflict):
        application = Application(group.name, group.slug, scenario.id, organisation.id, group.lead)
        teams.apply_for_team(application, actor=_actor(group.lead), now=now)


def _approve(group, actor, now):
    """The reviewer's word on it, and its people."""
    team_id = known.team_id(db.session(), group.slug)
    if find_team(db.session(), group.slug).state is TeamState.APPLIED:
        teams.approve_team(team_id, actor=_actor(content.REVIEWER), now=now)
    for email in group.members:
        with suppress(Conflict):
            memberships.add_member(team_id, email, "member", actor=actor, now=now)


def _add_quota(group, year, now):
    team_id = known.team_id(db.session(), group.slug)
    valid = _since(year, group.days)
    for kind in sorted(QUOTA_HOURS.keys() - known.granted_kinds(db.session(), team_id)):
        new = NewGrant(team_id, Scope(kind=kind), QUOTA_HOURS[kind] * 3600, valid, reason="demo")
        grants.create_grant(new, actor=_actor(content.FUNDER), now=valid.start if group.days else now)


def _print_accounts():
    width = max(len(person.email) for person in content.PEOPLE)
    click.echo(f"Accounts (password {content.PASSWORD}):")
    for person in content.PEOPLE:
        click.echo(f"  {person.email:<{width}}  {person.shown_as}")
