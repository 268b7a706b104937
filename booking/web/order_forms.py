"""The forms by which windows are asked for: what can be chosen in them, what they begin with, and what was meant."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from secrets import token_urlsafe

from flask import request, url_for
from flask_babel import gettext as _

from booking.domain.localtime import to_local
from booking.domain.orders import Claim, Order
from booking.domain.permissions import may_decide_any
from booking.domain.texts import clean_text
from booking.domain.windows import Window, ceil_to_grid
from booking.forms.base import SelectChoice
from booking.forms.bookings import ROWS, BookingForm, ChangeForm, CounterOfferForm
from booking.forms.series import SeriesForm
from booking.forms.times import say
from booking.http.words import read_in, stamp
from booking.queries import teams
from booking.queries.catalogue import bookable
from booking.queries.names import named
from booking.web.paging import asked_instant

USUAL_HOURS = "4"
USUAL_GRID = 15
LONGEST_IN_ADDRESS = 300


@dataclass(frozen=True)
class Menu:
    """What can be chosen in the rows of a form: rows of queries/catalogue.py."""

    rows: list

    @cached_property
    def by_slug(self):
        return {row.slug: row for row in self.rows}

    @cached_property
    def by_id(self):
        return {row.id: row for row in self.rows}

    @cached_property
    def names(self):
        """Names by slug."""
        return {row.slug: row.name for row in self.rows}

    def zones(self) -> list[str]:
        """The zones of all places, that of most resources first, and UTC."""
        counted = Counter(row.timezone for row in self.rows if row.timezone)
        return [*(zone for zone, _times in counted.most_common() if zone != "UTC"), "UTC"]

    def zone_of(self, slugs) -> str:
        """The zone of the first of some resources that is at a place; of most, where none is."""
        known = (self.by_slug[slug].timezone for slug in slugs if slug in self.by_slug)
        return next((zone for zone in known if zone), self.zones()[0])

    def choices(self, kind: str = "") -> list[SelectChoice]:
        """What one row offers: nothing, or anything of a kind, by place."""
        nothing = SelectChoice("", _("none"))
        return [nothing, *(_choice(row) for row in self.rows if kind in ("", row.kind))]

    def spread(self, wanted):
        """Slugs and units as the rows of a form: the first pool, the first dataset, then all others."""
        rows = [{}, {}]
        for slug, units in wanted:
            place = 0 if self.by_slug[slug].kind == "pool" else 1
            if rows[place]:
                rows.append({"resource": slug, "units": units})
            else:
                rows[place] = {"resource": slug, "units": units}
        return rows + [{}] * (ROWS - len(rows))


def menu_of(session, more=()) -> Menu:
    """Everything that can be booked now, and the resources of the ids `more`."""
    return Menu(bookable(session, more))


def booking_form(menu: Menu, own_teams, actor, now) -> SeriesForm:
    """The form for a new booking, which begins with what the link says."""
    form = SeriesForm(data=_from_address(menu, own_teams, now) if request.method == "GET" else None)
    _offer(form, menu)
    form.team.choices = [SelectChoice(team.slug, team.name) for team in own_teams]
    if len(own_teams) != 1 or may_decide_any(actor):
        form.team.choices.insert(0, SelectChoice("", _("Choose a team")))
    if not form.once.data:
        form.once.data = new_word()
    return form


def new_word() -> str:
    """What makes one booking of a button that is pressed twice."""
    return token_urlsafe(16)


def change_form(menu: Menu, booking) -> ChangeForm:
    """The form for another window or other units, which begins with the booking as it is, or as the link says."""
    claims = _claims_in_address(menu) or [(claim.resource, claim.units) for claim in booking.claims]
    zone = menu.zone_of([slug for slug, _units in claims])
    begins = {
        "claims": menu.spread(claims),
        "zone": zone,
        "starts_at": to_local(asked_instant("starts_at") or booking.window.start, zone),
        "ends_at": to_local(asked_instant("ends_at") or booking.window.end, zone),
        "version": booking.version,
    }
    form = ChangeForm(data=begins if request.method == "GET" else None, standing=booking.window)
    _offer(form, menu)
    return form


def counter_offer_form(menu: Menu, booking) -> CounterOfferForm:
    """The form for what is offered instead, which begins with the booking as it was asked for."""
    zone = menu.zone_of([claim.resource for claim in booking.claims])
    begins = {
        "claims": menu.spread([(claim.resource, claim.units) for claim in booking.claims]),
        "zone": zone,
        "starts_at": to_local(booking.window.start, zone),
        "ends_at": to_local(booking.window.end, zone),
    }
    form = CounterOfferForm(data=begins if request.method == "GET" else None, standing=booking.window)
    _offer(form, menu)
    return form


def teams_of(session, actor):
    """The actor's own teams, by name."""
    own = teams.teams_by_id(session.connection(), actor.teams).values()
    return sorted(own, key=lambda team: team.name)


def team_said(session, form: BookingForm) -> int | None:
    """The id of the team that the form names; None where there is none, which is said beside the field."""
    team_id = named(session.connection(), team=form.team_said).team_id
    if team_id is None:
        say(form.other_team, _("There is no team of this name. Its short name stands in the address of its page."))
    return team_id


def order_of(form: BookingForm, menu: Menu, team_id: int) -> Order:
    """What was typed, as the evaluator takes it."""
    return Order(team_id, form.window, claims_of(form, menu), clean_text(form.purpose.data or "", "purpose"))


def claims_of(form, menu: Menu) -> tuple[Claim, ...]:
    """The rows that are filled in."""
    least = form.least_units()
    return tuple(Claim(menu.by_slug[slug].id, units, least.get(slug)) for slug, units in form.claimed())


def order_address(menu: Menu, *, team: str, window: Window, claims, purpose: str = "") -> str:
    """The address of the form for a new booking, filled in."""
    return url_for(
        "bookings.new",
        team=team,
        resource=[menu.by_id[claim.resource_id].slug for claim in claims],
        units=[claim.units for claim in claims],
        starts_at=stamp(window.start),
        ends_at=stamp(window.end),
        purpose=purpose if len(purpose) <= LONGEST_IN_ADDRESS else None,
    )


def change_address(menu: Menu, booking_id: int, window: Window, claims) -> str:
    """The address of the form for a change of a booking, filled in."""
    return url_for(
        "bookings.edit",
        booking_id=booking_id,
        resource=[menu.by_id[claim.resource_id].slug for claim in claims],
        units=[claim.units for claim in claims],
        starts_at=stamp(window.start),
        ends_at=stamp(window.end),
    )


def _offer(form, menu: Menu) -> None:
    anything = menu.choices()
    chosen = [menu.choices("pool"), menu.choices("dataset")] + [anything] * (len(form.claims.entries) - 2)
    form.offer(chosen, menu.zones())
    names = ((_("Pool"), _("GPUs")), (_("Dataset"), _("Seats")))
    for entry, (resource, units) in zip(form.claims.entries, names, strict=False):
        entry.form.resource.label.text, entry.form.units.label.text = resource, units
    read_in(form.zone.data if form.zone.data in menu.zones() else menu.zones()[0])


def _from_address(menu: Menu, own_teams, now):
    asked = request.args
    wanted = _claims_in_address(menu)
    slugs = [slug for slug, _units in wanted]
    zone = menu.zone_of(slugs)
    grid = menu.by_slug[slugs[0]].grid_minutes if slugs else USUAL_GRID
    start, end = asked_instant("starts_at"), asked_instant("ends_at")
    begins = {
        "claims": menu.spread(wanted),
        "zone": zone,
        "starts_at": to_local(start or ceil_to_grid(now, grid), zone),
        "team": asked.get("team", "") or (own_teams[0].slug if len(own_teams) == 1 else ""),
        "purpose": asked.get("purpose", ""),
    }
    return begins | ({"ends_at": to_local(end, zone)} if end else {"hours": asked.get("hours", USUAL_HOURS)})


def _claims_in_address(menu: Menu) -> list[tuple[str, int | None]]:
    """Slugs and units that the address names, those alone that can be chosen."""
    units = request.args.getlist("units")
    slugs = [slug for slug in dict.fromkeys(request.args.getlist("resource")) if slug in menu.by_slug]
    return [(slug, _number(units[index]) if index < len(units) else 1) for index, slug in enumerate(slugs)]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _choice(row) -> SelectChoice:
    label = f"{row.name} ({row.gpu_model})" if row.gpu_model else row.name
    return SelectChoice(row.slug, label, optgroup=row.facility_name or row.owner_name)
