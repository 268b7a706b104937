"""The wait list: what one's teams wait for, one entry by itself, joining, and who waits for what one looks after."""

from datetime import timedelta

from flask import Blueprint, flash, render_template, request
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import Conflict, Invalid, NotFound
from booking.domain.localtime import to_local
from booking.domain.permissions import may_leave_waitlist, may_prioritise, may_see_entry
from booking.domain.queues import Priority
from booking.domain.refusals import Refused
from booking.domain.texts import clean_text
from booking.domain.waitlist import STANDING, Entry, EntryState, Wish
from booking.domain.windows import ceil_to_grid
from booking.forms.base import SelectChoice
from booking.forms.waitlist import PriorityForm, WaitForm
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.regions import region_name
from booking.http.words import read_in
from booking.queries import agendas, catalogue
from booking.queries import waitlist as questions
from booking.queries.names import named
from booking.services import waitlist
from booking.web.answers import form_page, see
from booking.web.order_forms import USUAL_GRID, USUAL_HOURS, Menu, menu_of, teams_of
from booking.web.owned import owned
from booking.web.paging import asked_instant, asked_page
from booking.web.reasons import in_names

LOOK_AHEAD = timedelta(days=7)
OVER = frozenset(EntryState) - STANDING

bp = Blueprint("waitlist", __name__, url_prefix="/waitlist")


@bp.get("")
def index():
    """What one's teams wait for and where they stand; or what is over."""
    actor, now, page = current_actor(), clock.now(), asked_page()
    over = request.args.get("show") == "over"
    wanted = questions.Filter(states=OVER if over else STANDING, own=True)
    connection = reading().connection()
    shown = page.of(questions.entries_listed(connection, actor, wanted, limit=page.limit, offset=page.offset))
    return render_template(
        "waitlist/index.html",
        page=shown,
        show="over" if over else "standing",
        places=_places(connection, shown.items),
        standings=questions.standings(connection, shown.items, now),
    )


@bp.route("/new", methods=["GET", "POST"])
def new():
    """Wait for what cannot be booked now."""
    actor, now, session = current_actor(), clock.now(), reading()
    menu, own_teams = menu_of(session), teams_of(session, actor)
    form = _wait_form(session, menu, own_teams, now)
    if not form.validate_on_submit():
        return form_page("waitlist/new.html", form, teams=own_teams)
    try:
        entry = waitlist.join_waitlist(_wish(form, menu, session), actor=actor, now=now)
    except (Refused, Invalid, Conflict) as problem:
        form.refuse(in_names(problem, menu.names))
        return form_page("waitlist/new.html", form, teams=own_teams)
    return _joined(entry)


@bp.get("/<entry_id>")
def show(entry_id):
    """One entry: its place and why, its offer, and what can be done with it."""
    return _show_page(_visible(entry_id))


@bp.post("/<entry_id>/withdraw")
def withdraw(entry_id):
    """Wait no longer."""
    entry = _visible(entry_id)
    try:
        waitlist.withdraw_from_waitlist(entry.id, actor=current_actor(), now=clock.now())
    except Conflict as problem:
        return _show_page(_visible(entry_id), problem), 409
    flash(_("Your team waits for this no longer."), "success")
    return see(".index")


@bp.post("/<entry_id>/rejoin")
def rejoin(entry_id):
    """Wait for the same once more."""
    entry = _visible(entry_id)
    try:
        again = waitlist.rejoin_waitlist(entry.id, actor=current_actor(), now=clock.now())
    except Invalid as problem:
        return _show_page(entry, problem), 422
    except (Conflict, Refused) as problem:
        return _show_page(entry, problem), 409
    return _joined(again)


@bp.post("/<entry_id>/priority")
def prioritise(entry_id):
    """Give an entry its class, as owner of what it waits for."""
    entry, form = _visible(entry_id), PriorityForm()
    if not form.validate_on_submit():
        return _show_page(entry, form=form), 422
    try:
        waitlist.set_priority(entry.id, Priority(form.priority.data), actor=current_actor(), now=clock.now())
    except Conflict as problem:
        return _show_page(_visible(entry_id), problem), 409
    flash(_("The class is set."), "success")
    return see(".show", entry_id=entry.id)


@bp.get("/resources/<slug>")
def queue(slug):
    """Who waits for a resource that one looks after, in the order in which they get what is freed."""
    now, listing, connection = clock.now(), owned(slug), reading().connection()
    queued = questions.queue_of(connection, listing.id, now)
    return render_template(
        "waitlist/queue.html",
        listing=listing,
        queued=queued,
        levels={one.entry.id: one.waiting.level(now) for one in queued},
        places=_places(connection, [one.entry for one in queued]),
    )


def _wait_form(session, menu: Menu, own_teams, now) -> WaitForm:
    """The form, which begins with what the link says."""
    form = WaitForm(data=_from_address(menu, own_teams, now) if request.method == "GET" else None)
    nothing = SelectChoice("", _("none"))
    form.team.choices = [SelectChoice(team.slug, team.name) for team in own_teams]
    form.resource.choices = menu.choices()
    form.gpu_model.choices = [nothing, *(SelectChoice(model) for model in catalogue.gpu_models(session))]
    regions = sorted({row.region for row in menu.rows if row.kind == "pool" and row.region})
    form.region.choices = [
        SelectChoice("", _("any region")),
        *(SelectChoice(region, region_name(region)) for region in regions),
    ]
    form.dataset.choices = menu.choices("dataset")
    form.zone.choices = [SelectChoice(zone) for zone in menu.zones()]
    read_in(form.zone.data if form.zone.data in menu.zones() else menu.zones()[0])
    return form


def _from_address(menu: Menu, own_teams, now):
    asked = request.args
    zone = menu.zone_of([slug for slug in (asked.get("resource", ""),) if slug in menu.by_slug])
    start = asked_instant("earliest") or ceil_to_grid(now, USUAL_GRID)
    end = asked_instant("latest") or start + LOOK_AHEAD
    plain = {name: asked.get(name, "") for name in ("resource", "gpu_model", "dataset", "purpose", "max_hours")}
    return plain | {
        "team": asked.get("team", "") or (own_teams[0].slug if own_teams else ""),
        "units": asked.get("units", 1, type=int),
        "hours": asked.get("hours", USUAL_HOURS),
        "zone": zone,
        "earliest": to_local(start, zone),
        "latest": to_local(end, zone),
    }


def _wish(form: WaitForm, menu: Menu, session) -> Wish:
    """What was typed, as the service takes it."""
    team_id = named(session.connection(), team=form.team.data).team_id
    if team_id is None:
        raise Invalid("team", "There is no such team.")
    slugs = {"resource_id": form.resource.data, "dataset_id": form.dataset.data}
    return Wish(
        team_id=team_id,
        units=form.units.data,
        min_seconds=form.min_seconds,
        max_seconds=form.max_seconds,
        span=form.span,
        gpu_model=form.gpu_model.data or "",
        region=form.region.data or "",
        purpose=clean_text(form.purpose.data or "", "purpose"),
        take_automatically=form.take_automatically.data,
        **{name: menu.by_slug[slug].id for name, slug in slugs.items() if slug},
    )


def _joined(entry: Entry):
    if entry.state is EntryState.WAITING:
        flash(_("Your team is on the wait list."), "success")
        return see(".show", entry_id=entry.id)
    flash(_("It was free, and your team was first in line."), "success")
    return see("bookings.show", booking_id=entry.booking_id)


def _visible(entry_id: str) -> Entry:
    """The entry, where the asker may see it."""
    actor, connection = current_actor(), reading().connection()
    entry = questions.find_entry(connection, parse_id(entry_id, "wait-list entry"))
    owners = [(row.organisation_id, row.kind) for row in questions.waited_for(connection, entry.id)]
    if not may_see_entry(actor, entry.wish.team_id, owners):
        raise NotFound("wait-list entry")
    return entry


def _show_page(entry: Entry, problem: Exception | None = None, form: PriorityForm | None = None) -> str:
    actor, connection = current_actor(), reading().connection()
    waited_for = questions.waited_for(connection, entry.id)
    places = _places(connection, [entry])
    if entry.wish.resource_id is not None:
        read_in(places[entry.wish.resource_id].timezone)
    standings = questions.standings(connection, [entry], clock.now()).get(entry.id, [])
    own = {row.id for row in waited_for if may_prioritise(actor, row.organisation_id, row.kind)}
    known = next((one.place.priority for one in standings if one.resource_id in own), Priority.NORMAL)
    waits, in_team = entry.state is EntryState.WAITING, entry.wish.team_id in actor.teams
    names = {row.slug: row.name for row in waited_for}
    return render_template(
        "waitlist/show.html",
        entry=entry,
        places=places,
        standings=standings,
        problem=in_names(problem, names) if problem else None,
        form=form or PriorityForm(formdata=None, priority=known.value),
        may_leave=waits and may_leave_waitlist(actor, entry.wish.team_id, entry.created_by),
        may_look=waits and in_team,
        may_rejoin=entry.closed_at is not None and in_team,
        may_prioritise=waits and bool(own),
    )


def _places(connection, entries):
    """The names and zones of what entries name, by id."""
    wishes = [entry.wish for entry in entries]
    named_ids = {each for wish in wishes for each in (wish.resource_id, wish.dataset_id) if each is not None}
    return agendas.places(connection, named_ids) if named_ids else {}
