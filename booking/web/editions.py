"""Scenario lists: all of them, one with its entries and what changed since the last, and announcing the next."""

from datetime import timedelta

from flask import Blueprint, Response, flash, render_template, url_for
from flask_babel import gettext as _

from booking import clock
from booking.domain.editions import EditionState
from booking.domain.entries import Listed, differences
from booking.domain.errors import Conflict, Forbidden, Invalid
from booking.domain.localtime import to_local
from booking.domain.permissions import Role, may_administer, may_edit_lists
from booking.forms.base import SelectChoice
from booking.forms.editions import EditionForm
from booking.http.actor import asking, current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.words import read_in
from booking.queries import editions as questions
from booking.queries.facilities import timezones
from booking.queries.scenarios import entries_of, published_entries
from booking.services.editions import announce_edition
from booking.web.answers import form_page, see
from booking.web.paging import asked_page
from booking.web.scenarios import FIELDS

MOST_IN_FEED = 50
A_MONTH = timedelta(days=30)

bp = Blueprint("editions", __name__, url_prefix="/editions")


@bp.get("")
def index():
    """Every scenario list, the newest first."""
    _read_here()
    page = asked_page()
    found = questions.editions(reading(), limit=page.limit, offset=page.offset)
    return render_template("editions/index.html", page=page.of(found), may_announce=may_edit_lists(asking()))


@bp.route("/new", methods=["GET", "POST"])
def new():
    """Announce the next list."""
    actor, now = current_actor(), clock.now()
    if not may_edit_lists(actor):
        raise Forbidden("Only administrators announce scenario lists.")
    form = _form(now)
    if not form.validate_on_submit():
        return form_page("editions/new.html", form)
    try:
        made = announce_edition(form.edition(), actor=actor, now=now)
    except (Invalid, Conflict) as problem:
        form.refuse(problem)
        return form_page("editions/new.html", form)
    flash(_("The list is announced; it goes on by itself at its times."), "success")
    return see("editions.show", number=made.number)


@bp.get("/<number>")
def show(number):
    """One list: its times and rule, its entries, and what changed since the one before."""
    _read_here()
    actor, now, session = asking(), clock.now(), reading()
    edition = questions.find_edition(session, parse_id(number, "scenario list"))
    entries = entries_of(session, edition.id, actor=actor, now=now)
    before = published_entries(session, edition.number - 1, now)
    return render_template(
        "editions/show.html",
        edition=edition,
        published=[one for one in entries if one.is_public(now)],
        others=[one for one in entries if not one.is_public(now)],
        has_before=bool(before),
        changes=differences(_listed(before), _listed(one for one in entries if one.is_public(now))),
        fields=FIELDS,
        may_enter=_is_owner(actor) and edition.times.opens_at <= now < edition.times.closes_at,
    )


@bp.get("/feed.atom")
def feed():
    """The published lists as Atom, the newest first."""
    found = [
        one
        for one in questions.editions(reading(), limit=MOST_IN_FEED)
        if one.state in (EditionState.PUBLISHED, EditionState.CLOSED)
    ]
    updated = max((one.times.publishes_at for one in found), default=None)
    here = url_for("editions.feed", _external=True)
    text = render_template("editions/feed.atom.xml", editions=found, updated=updated or clock.now(), here=here)
    return Response(text, mimetype="application/atom+xml")


def _listed(entries) -> list[Listed]:
    return [one.listed for one in entries]


def _is_owner(actor) -> bool:
    return may_administer(actor) or bool(actor.organisations(Role.SCENARIO_OWNER))


def _form(now) -> EditionForm:
    """The form of a list, which begins with usual times and the usual rule."""
    zones = timezones(reading())
    read_in(zones[0])
    start = to_local(now, zones[0]).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    form = EditionForm(
        opens_at=start, publishes_at=start + A_MONTH, closes_at=start + 6 * A_MONTH, quorum=1, vote_days=30
    )
    form.zone.choices = [SelectChoice(zone) for zone in zones]
    return form


def _read_here() -> None:
    """Instants are read in the zone of most facilities."""
    read_in(timezones(reading())[0])
