"""The docking board: what is looked for, what is offered, what is proposed, and what would be worth publishing."""

from datetime import datetime, time, timedelta

from flask import Blueprint, flash, render_template, url_for
from flask_babel import gettext as _

from booking import clock
from booking.domain.docking import Demand, DemandState, NewDemand, NewOffer, gaps
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from booking.domain.localtime import local_instant
from booking.domain.permissions import (
    may_decide_any,
    may_offer,
    may_publish_capacity,
    may_see_demand,
    may_withdraw_demand,
)
from booking.domain.refusals import Refused
from booking.forms.docking import DemandForm, OfferForm, words_of
from booking.http.actor import asking, current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.words import read_in, stamp
from booking.queries import docking as questions
from booking.queries.lacks import lacks, weeks_ahead
from booking.queries.names import named
from booking.queries.outlooks import outlooks
from booking.services import docking
from booking.services.matches import best_matches, matches_of
from booking.web import docking_forms as forms
from booking.web.answers import form_page, see
from booking.web.order_forms import LONGEST_IN_ADDRESS, Menu, menu_of, teams_of
from booking.web.paging import asked_page
from booking.web.reasons import in_names

MOST_SHOWN = 20
MOST_POOLS = 12
A_WEEK = timedelta(weeks=1)

bp = Blueprint("docking", __name__, url_prefix="/docking")


@bp.get("")
def index():
    """The board: open demands, supply, proposals; and what demand finds no supply, for everybody."""
    actor, now, session, page = asking(), clock.now(), reading(), asked_page(MOST_SHOWN)
    connection, menu = session.connection(), menu_of(session)
    read_in(menu.zones()[0])
    wanted = questions.Filter(states=(DemandState.OPEN,))
    demands = page.of(questions.demands_listed(connection, actor, wanted, limit=page.limit, offset=page.offset))
    proposals = questions.demands_listed(connection, actor, questions.Filter(proposed=True), limit=MOST_SHOWN)
    weeks = weeks_ahead(now)
    missing = gaps(lacks(connection, weeks.start, weeks.end))
    return render_template(
        "docking/index.html",
        page=demands,
        best={way.demand.id: way for way in best_matches(demands.items, actor=actor, now=now)},
        offers=questions.offers_listed(connection, actor, now, limit=MOST_SHOWN),
        free=_free(connection, menu, now),
        proposals=proposals,
        bookings=questions.booking_states(connection, proposals),
        gaps=missing,
        publish={(gap.week, gap.model): _publish_links(gap, menu, actor, now) for gap in missing},
        may_demand=bool(actor.teams),
        may_offer_any=may_decide_any(actor),
        may_take_back={row.id for row in menu.rows if may_offer(actor, row.organisation_id, row.kind)},
    )


@bp.route("/demands/new", methods=["GET", "POST"])
def new():
    """Say what a team looks for; the button beside a refusal sends this form filled in."""
    actor, now, session = current_actor(), clock.now(), reading()
    menu, own_teams = menu_of(session), teams_of(session, actor)
    form = forms.demand_form(menu, own_teams, now)
    page = {"teams": own_teams, **forms.known_words(menu)}
    if not form.validate_on_submit():
        return form_page("docking/new.html", form, **page)
    try:
        demand = docking.open_demand(_asked(form, menu, session), actor=actor, now=now)
    except (Refused, Problem) as problem:
        form.refuse(in_names(problem, menu.names))
        return form_page("docking/new.html", form, **page)
    flash(_("It stands on the board now; you hear of every proposal."), "success")
    return see(".show", demand_id=demand.id)


@bp.post("/demands/of-entry/<entry_id>")
def new_of_entry(entry_id):
    """Look for what an entry of the wait list waits for."""
    number = parse_id(entry_id, "wait-list entry")
    try:
        demand = docking.open_demand_of_entry(number, actor=current_actor(), now=clock.now())
    except Conflict:
        standing = questions.demand_of_entry(reading().connection(), number)
        return see(".show", demand_id=standing) if standing else see("waitlist.show", entry_id=number)
    flash(_("It stands on the board now; you hear of every proposal."), "success")
    return see(".show", demand_id=demand.id)


@bp.get("/demands/<demand_id>")
def show(demand_id):
    """One demand: what could serve it and why, its proposal, and what can be done with it."""
    return _show_page(_visible(demand_id))


@bp.post("/demands/<demand_id>/withdraw")
def withdraw(demand_id):
    """Look for it no longer."""
    demand = _visible(demand_id)
    try:
        docking.withdraw_demand(demand.id, actor=current_actor(), now=clock.now())
    except Conflict as problem:
        return _show_page(_visible(demand_id), problem), 409
    flash(_("Your team looks for this no longer."), "success")
    return see(".index")


@bp.route("/demands/<demand_id>/propose", methods=["GET", "POST"])
def propose(demand_id):
    """Hold a window of what one looks after for a demand."""
    demand, actor, now, session = _visible(demand_id), current_actor(), clock.now(), reading()
    menu = menu_of(session)
    own = [row for row in menu.rows if _serves(row, demand) and may_offer(actor, row.organisation_id, row.kind)]
    if not own:
        raise Forbidden("You look after nothing that this demand could be served with.")
    form = forms.proposal_form(Menu(own), demand)
    if not form.validate_on_submit():
        return form_page("docking/propose.html", form, demand=demand)
    try:
        booking = docking.propose(
            demand.id,
            form.resource.data,
            units=form.units.data,
            window=form.window,
            hold_until=form.until,
            reason=form.reason.data or "",
            actor=actor,
            now=now,
        )
    except (Refused, Problem) as problem:
        form.refuse(in_names(problem, menu.names))
        return form_page("docking/propose.html", form, demand=demand)
    flash(_("It is held for the team, which is told until when to answer."), "success")
    return see("bookings.show", booking_id=booking.id)


@bp.route("/offers/new", methods=["GET", "POST"])
def new_offer():
    """Offer what one looks after to everybody, some or one team."""
    actor, now, session = current_actor(), clock.now(), reading()
    own = [row for row in menu_of(session).rows if may_offer(actor, row.organisation_id, row.kind)]
    if not own:
        raise Forbidden("You look after nothing that could be offered.")
    menu = Menu(own)
    form = forms.offer_form(session, menu, now)
    if not form.validate_on_submit():
        return form_page("docking/new_offer.html", form)
    try:
        docking.open_offer(_offered(form, menu, session), actor=actor, now=now)
    except (Invalid, Conflict) as problem:
        form.refuse(problem)
        return form_page("docking/new_offer.html", form)
    flash(_("The offer stands on the board now."), "success")
    return see(".index")


@bp.post("/offers/<offer_id>/withdraw")
def withdraw_offer(offer_id):
    """Take an offer back."""
    number = parse_id(offer_id, "offer")
    try:
        docking.withdraw_offer(number, actor=current_actor(), now=clock.now())
        flash(_("The offer is taken back; what was booked of it stays."), "success")
    except Conflict:
        flash(_("This offer has been taken back already."), "warning")
    return see(".index")


def _free(connection, menu: Menu, now: datetime):
    """The pools with the most units free now, each with its outlook."""
    pools = [row for row in menu.rows if row.kind == "pool"]
    found = outlooks(connection, pools, now)
    shown = sorted(pools, key=lambda row: (-found[row.id].now.free, row.name))[:MOST_POOLS]
    return [(row, found[row.id]) for row in shown]


def _publish_links(gap, menu: Menu, actor, now: datetime):
    """For who looks after pools of a model: the form that publishes what is missing, filled in, for each of them."""
    own = [
        row
        for row in menu.rows
        if row.gpu_model == gap.model and may_publish_capacity(actor, row.organisation_id, row.kind)
    ]
    links = []
    for row in own:
        start = local_instant(datetime.combine(gap.week, time()), row.timezone or "UTC")
        edges = {"ends_at": stamp(start + A_WEEK)} | ({"starts_at": stamp(start)} if start > now else {})
        links.append((row.name, url_for("capacity.new", slug=row.slug, units=gap.most_units, **edges)))
    return links


def _serves(row, demand: Demand) -> bool:
    """Whether a resource is of the sort that a demand looks for; another model may do as well."""
    if demand.asked.gpu_models:
        return row.kind == "pool"
    return row.id == demand.asked.dataset_id


def _asked(form: DemandForm, menu: Menu, session) -> NewDemand:
    """What was typed, as the service takes it."""
    team_id = named(session.connection(), team=form.team.data).team_id
    if team_id is None:
        raise Invalid("team", "There is no such team.")
    return NewDemand(
        team_id=team_id,
        units=form.units.data,
        seconds=form.seconds,
        span=form.span,
        gpu_models=words_of(form.gpu_models.data),
        dataset_id=menu.by_slug[form.dataset.data].id if form.dataset.data else None,
        regions=words_of(form.regions.data),
        memory_gib=form.memory_gib.data or 0,
        note=form.note.data,
    )


def _offered(form: OfferForm, menu: Menu, session) -> NewOffer:
    team_id = named(session.connection(), team=form.team.data).team_id if form.team.data else None
    return NewOffer(
        resource_id=menu.by_slug[form.resource.data].id,
        units=form.units.data,
        span=form.span,
        until=form.taken_by,
        region=form.region.data or "",
        kind=form.kind.data or "",
        team_id=team_id,
        note=form.note.data or "",
    )


def _visible(demand_id: str) -> Demand:
    """The demand, where the asker may see it."""
    demand = questions.find_demand(reading().connection(), parse_id(demand_id, "demand"))
    if not may_see_demand(current_actor(), demand.asked.team_id):
        raise NotFound("demand")
    return demand


def _show_page(demand: Demand, problem: Exception | None = None) -> str:
    actor, now, session = current_actor(), clock.now(), reading()
    menu, is_open = menu_of(session), demand.state is DemandState.OPEN
    read_in(menu.zones()[0])
    ways = matches_of(demand, actor=actor, now=now) if is_open else []
    in_team = demand.asked.team_id in actor.teams
    own = {row.slug for row in menu.rows if _serves(row, demand) and may_offer(actor, row.organisation_id, row.kind)}
    return render_template(
        "docking/show.html",
        demand=demand,
        problem=problem,
        ways=[(way, _address_of(way, demand, own, in_team)) for way in ways],
        booking=questions.booking_states(session.connection(), [demand]).get(demand.booking_id),
        in_team=in_team,
        may_propose=is_open and bool(own),
        may_withdraw=is_open and may_withdraw_demand(actor, demand.asked.team_id, demand.created_by),
    )


def _address_of(way, demand: Demand, own, in_team: bool) -> tuple[str, str]:
    """What a reader can do with a match: propose it, as its owner; book it, as a member of the team."""
    if way.row.slug in own:
        wanted = {"units": way.match.units, "starts_at": stamp(way.window.start)}
        return _("Propose"), url_for(".propose", demand_id=demand.id, resource=way.row.slug, **wanted)
    if not in_team:
        return "", ""
    slugs = [way.row.slug, *([demand.dataset] if demand.asked.gpu_models and demand.dataset else [])]
    note = demand.asked.note
    return _("Book"), url_for(
        "bookings.new", team=demand.team, resource=slugs, units=[way.match.units, 1][: len(slugs)],
        starts_at=stamp(way.window.start), ends_at=stamp(way.window.end),
        purpose=note if len(note) <= LONGEST_IN_ADDRESS else None,
    )  # fmt: skip
