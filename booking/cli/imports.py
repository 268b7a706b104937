"""The commands that import what others have written down: node lists, descriptions of datasets, use of clusters."""

import sys
from dataclasses import dataclass

import click
from flask.cli import with_appcontext

from booking import clock
from booking.cli import files
from booking.cli.progress import progress
from booking.db import db
from booking.domain.capacity import NOTHING, Change
from booking.domain.capacity_changes import NewChange
from booking.domain.croissant import read_croissant
from booking.domain.displacements import Resolution, Resolutions
from booking.domain.errors import Conflict, Problem
from booking.domain.facilities import FacilityWords, NewFacility
from booking.domain.listings import NewPool
from booking.domain.nodes import IMPORTED, POLICY, Model, adjustments, offered_from, pool_slug, read_nodes
from booking.domain.organisations import NewOrganisation, OrganisationKind
from booking.domain.usage import read_usage
from booking.queries.imports import dataset_described, facility_exists, free_slug, listed_gpus, pools_by_slug
from booking.services import capacity, facilities, imports, organisations, pools
from booking.services.server import server_actor
from booking.services.usage import post_usage

LATER = Resolutions(otherwise=Resolution.LATER)
"""Whom fewer GPUs displace stands as displaced until the operators decide."""

dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")


@click.group("import")
def group():
    """Bring in what others have written down."""


@group.command("nodes")
@click.argument("file")
@click.option("--facility", default=IMPORTED, show_default=True, help="Whose machines these are.")
@dry_run
@with_appcontext
def nodes(file, facility, dry_run):
    """Publish the GPUs of a node list (sn,cpu_milli,memory_mib,gpu,model), one pool for each model."""
    listed = files.read(file, read_nodes)
    files.say_bad_lines(file, listed.bad)
    if not listed.models:
        files.say_bad(file, "lists no GPUs; nothing was changed")
        sys.exit(1)
    now = clock.now()
    if not dry_run:
        _make_facility(facility, now)
    elif not _exists(facility):
        _must_be_known(facility)
    plans = list(_plans(facility, listed, now))
    with progress("pools", len(plans)) as advance:
        done = [_carried_out(file, plan, now, dry_run, advance) for plan in plans]
    click.echo(f"{listed.gpus} GPUs of {len(listed.models)} models{' (nothing was done)' if dry_run else ''}")
    if listed.bad or not all(done):
        sys.exit(1)


@dataclass(frozen=True)
class Plan:
    """What a list asks of one pool."""

    facility: str
    slug: str
    model: Model
    is_new: bool
    changes: tuple


def _plans(facility, listed, now):
    """Every model of the list, and every pool of an earlier list that this one has nothing for."""
    window = offered_from(now)
    with db.engine.connect() as connection:
        offers, known = listed_gpus(connection, facility), pools_by_slug(connection, facility)
    gone = set(offers)
    for model in listed.models:
        slug = pool_slug(facility, model)
        gone.discard(slug)
        changes = _to_come(adjustments(offers.get(slug, NOTHING), model.gpus, window), now)
        yield Plan(facility, slug, model, slug not in known, changes)
    for slug in sorted(gone):
        changes = _to_come(adjustments(offers[slug], 0, window), now)
        yield Plan(facility, slug, Model(slug, slug, 0, 0), False, changes)


def _to_come(changes, now):
    """What was offered earlier today stays on record."""
    return tuple(change for change in changes if change.kind is Change.SUPPLY or change.end > now)


def _carried_out(file, plan, now, dry_run, advance):
    """Whether the pool offers now what the list says; what stands in the way is said."""
    try:
        if not dry_run:
            _carry_out(plan, now)
    except Problem as problem:
        files.say_bad(file, f"{plan.slug}: {problem}")
        return False
    finally:
        advance()
    done = "new" if plan.is_new else ("adjusted" if plan.changes else "unchanged")
    click.echo(f"{plan.slug}: {plan.model.gpus} GPUs, {plan.model.nodes} nodes ({done})")
    return True


def _carry_out(plan, now):
    actor = server_actor(now=now)
    if plan.is_new:
        new = NewPool(plan.facility, plan.model.name, plan.slug, plan.model.name, None, policy=POLICY)
        pools.create_pool(new, actor=actor, now=now)
    for change in plan.changes:
        units = change.units if change.kind is Change.SUPPLY else -change.units
        published = NewChange(units, change.start, change.end, change.reason)
        capacity.add_capacity(plan.slug, published, actor=actor, now=now, resolutions=LATER)


def _exists(facility):
    with db.engine.connect() as connection:
        return facility_exists(connection, facility)


def _must_be_known(facility):
    if facility != IMPORTED:
        click.echo(f"There is no facility {facility!r}.", err=True)
        sys.exit(1)


def _make_facility(facility, now):
    """The facility of lists that name none comes into being with the first of them."""
    if _exists(facility):
        return
    _must_be_known(facility)
    actor = server_actor(now=now)
    try:
        owner = NewOrganisation("Imported", IMPORTED, OrganisationKind.INTERMEDIARY, "–")
        organisations.create_organisation(owner, actor=actor, now=now)
    except Conflict:
        pass  # an import of datasets came first
    words = FacilityWords("Imported machines", "–", "UTC")
    facilities.create_facility(NewFacility(IMPORTED, IMPORTED, words), actor=actor, now=now)


@group.command("croissant")
@click.argument("file", nargs=-1, required=True)
@dry_run
@with_appcontext
def croissant(file, dry_run):
    """Publish datasets by their descriptions in Croissant JSON-LD; nothing that a file names is fetched."""
    now = clock.now()
    with progress("files", len(file)) as advance:
        answers = [_import_dataset(path, now, dry_run, advance) for path in file]
    if not all(answers):
        sys.exit(1)


def _import_dataset(path, now, dry_run, advance):
    """Whether the file became a dataset; what is wrong with it is said."""
    try:
        described = read_croissant(files.content_of(path))
        done = _what_would_be(described) if dry_run else _what_is_done(described, now)
    except Problem as error:
        for each in (error, *getattr(error, "others", ())):
            files.say_bad(path, f"{each.field}: {each}" if each.field else each)
        return False
    finally:
        advance()
    click.echo(f"{path}: {described.name} → {done}")
    return True


def _what_is_done(described, now):
    done = imports.import_dataset(described, actor=server_actor(now=now), now=now)
    return f"{done.slug} ({'new' if done.is_new else 'updated'})"


def _what_would_be(described):
    session = db.session()
    found = dataset_described(session, described)
    return f"{found.slug} (would be updated)" if found else f"{free_slug(session, described)} (would be new)"


@group.command("usage")
@click.argument("file")
@with_appcontext
def usage(file):
    """Post what jobs have used (cluster,job,account,login,reservation,gpus,started_at,seconds); a row counts once."""
    rows, bad = files.read(file, read_usage)
    files.say_bad_lines(file, bad)
    now = clock.now()
    actor, posted, well = server_actor(now=now), 0, not bad
    for name in sorted({cluster for cluster, _ in rows}):
        try:
            done = post_usage(name, [row for of, row in rows if of == name], actor=actor, now=now)
        except Problem as problem:
            files.say_bad(file, f"{name}: {problem}")
            well = False
            continue
        for one in done.doubtful[: files.MOST_SAID]:
            files.say_bad(file, one)
        posted += done.rows
        well = well and not done.doubtful
    click.echo(f"{posted} rows")
    if not well:
        sys.exit(1)
