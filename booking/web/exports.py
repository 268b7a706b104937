"""Lists that people take away as CSV; who may see the page may have its list."""

import json

from flask import Blueprint, request

from booking import clock
from booking.domain.csv_rows import Cell
from booking.domain.docking import gaps
from booking.domain.errors import Forbidden
from booking.domain.permissions import Role, may_administer
from booking.domain.refused_wishes import by_code
from booking.domain.refused_wishes import unmet as unmet_demand
from booking.domain.settlements import name_of
from booking.http.actor import current_actor
from booking.http.csv_answers import AT_ONCE, csv_answer, every
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries import audit as log
from booking.queries import utilisation as questions
from booking.queries.agendas import team_names
from booking.queries.applications import find_team
from booking.queries.balances import ledger_of, visible_balances_of
from booking.queries.booking_lists import Sight, Wanted, bookings_listed
from booking.queries.editions import find_edition
from booking.queries.lacks import lacks, weeks_ahead
from booking.queries.people import people_after
from booking.queries.scenarios import published_entries
from booking.web.lists import asked_by, asked_log, asked_utilisation, asked_words
from booking.web.paging import asked_instant
from booking.web.settlements import asked_settlement
from booking.web.utilisation import lines_by

bp = Blueprint("exports", __name__, url_prefix="/exports")

BOOKINGS = (
    "booking", "team", "team_name", "state", "starts_at", "ends_at", "resource", "units", "unit_seconds", "purpose",
    "created_at", "ended_at", "version",
)  # fmt: skip
LEDGER = ("entry", "grant", "booking", "kind", "unit_seconds", "at", "by", "reason")
PEOPLE = ("account", "email", "name", "state", "roles", "created_at", "confirmed_at")
SUMS = ("key", "name", "published", "booked", "checked_in", "no_show", "measured", "measured_of")
HOURS = ("weekday", "hour", "published", "booked")
REFUSALS = ("code", "wishes", "times", "unit_seconds")
GAPS = ("week", "gpu_model", "wishes", "unit_seconds", "most_units", "refused", "waiting", "demanded")
SETTLEMENT = (
    "month", "closed_at", "operator", "funder", "team", "resource", "subsidy_percent", "cents_per_unit_hour", "booked",
    "measured", "refunded", "cents", "subsidy_cents", "own_cents",
)  # fmt: skip
UNMET = ("week", "model", "wishes", "unit_seconds")
ENTRIES = (
    "scenario", "name", "organisation", "category", "field", "region", "gpu_hours", "gpu_models", "datasets", "skills",
    "contact", "links", "state", "version", "published_at", "description",
)  # fmt: skip
LOG = ("entry", "at", "by", "act", "subject", "details", "previous", "hash")


@bp.get("/bookings.csv")
def bookings():
    """The bookings that the asker may see, a line for each claim, the newest first."""
    actor = current_actor()
    owners = actor.organisations(Role.OPERATOR) | actor.organisations(Role.STEWARD)
    sight = Sight(actor.teams.keys(), owners, may_administer(actor))
    wanted = Wanted(asked_words("team"), asked_words("resource"), (), asked_instant("since"), asked_instant("until"))

    def page(last):
        return bookings_listed(reading().connection(), sight, wanted, before=last and last.id, limit=AT_ONCE)

    names: dict[int, str] = {}

    def lines(booking) -> list[tuple[Cell, ...]]:
        if booking.team_id not in names:
            names.update(team_names(reading().connection(), [booking.team_id]))
        return [
            (
                booking.id, booking.team, names[booking.team_id], booking.state.value, booking.window.start,
                booking.window.end, claim.resource, claim.units, claim.units * booking.window.seconds,
                booking.purpose, booking.created_at, booking.ended_at, booking.version,
            )
            for claim in booking.claims
        ]  # fmt: skip

    return csv_answer("bookings", BOOKINGS, (line for booking in every(page) for line in lines(booking)))


@bp.get("/ledger.csv")
def ledger():
    """The ledger of the grants of one team that the asker may see, oldest first."""
    actor, session = current_actor(), reading()
    team = find_team(session, request.args.get("team", ""))
    grants = [one.id for one in visible_balances_of(session, team.id, actor)]

    def page(last):
        return ledger_of(reading(), grants, after=last.id if last else 0, limit=AT_ONCE)

    rows = (
        (one.id, one.grant_id, one.booking_id, one.kind.value, one.unit_seconds, one.at, one.by, one.reason)
        for one in every(page)
    )
    return csv_answer(f"ledger-{team.slug}", LEDGER, rows)


@bp.get("/people.csv")
def people():
    """Every account with its roles, for administrators."""
    _only_administrators()
    q = asked_words()

    def page(last):
        return people_after(reading(), last.email if last else "", q=q, limit=AT_ONCE)

    rows = (
        (one.id, one.email, one.name, one.state, _roles(one), one.created_at, one.confirmed_at) for one in every(page)
    )
    return csv_answer("people", PEOPLE, rows)


@bp.get("/audit.csv")
def audit():
    """The audit log with its chain, the newest first, for administrators."""
    _only_administrators()
    wanted = asked_log()

    def page(last):
        return log.entries(reading(), wanted, before=last and last.id, limit=AT_ONCE)

    rows = (
        (one.id, one.at, one.by, one.act, one.subject, json.dumps(dict(one.details), ensure_ascii=False), one.previous,
         one.hash)
        for one in every(page)
    )  # fmt: skip
    return csv_answer("audit", LOG, rows)


@bp.get("/utilisation.csv")
def utilisation():
    """What was published and what became of it, by what is asked."""
    wanted, now, connection = asked_utilisation(clock.now()), clock.now(), reading().connection()
    lines = lines_by(connection, questions.find(connection, wanted, now), wanted, asked_by())
    rows = (
        (one.key, one.name, one.totals.published, one.totals.share.booked, one.totals.share.checked_in,
         one.totals.share.no_show, one.totals.share.measured, one.totals.share.measured_of)
        for one in lines
    )  # fmt: skip
    return csv_answer("utilisation", SUMS, rows)


@bp.get("/utilisation-hours.csv")
def hours():
    """What was published and booked by weekday (1 is Monday) and hour."""
    wanted, now, connection = asked_utilisation(clock.now()), clock.now(), reading().connection()
    found = questions.hours(connection, questions.find(connection, wanted, now), wanted)
    rows = (
        (weekday, hour, cell.published, cell.share.booked)
        for weekday, cells in enumerate(found, 1)
        for hour, cell in enumerate(cells)
    )
    return csv_answer("utilisation-hours", HOURS, rows)


@bp.get("/refusals.csv")
def refusals():
    """What was refused, by code."""
    found = by_code(questions.refused_wishes(reading().connection(), asked_utilisation(clock.now())))
    return csv_answer("refusals", REFUSALS, ((one.code, one.wishes, one.times, one.unit_seconds) for one in found))


@bp.get("/unmet-demand.csv")
def unmet():
    """Demand that found no supply, by week and model."""
    found = unmet_demand(questions.refused_wishes(reading().connection(), asked_utilisation(clock.now())))
    return csv_answer("unmet-demand", UNMET, ((one.week, one.model, one.wishes, one.unit_seconds) for one in found))


@bp.get("/docking-demand.csv")
def docking():
    """Demand of this week and those ahead that found no supply, by week and GPU model."""
    weeks = weeks_ahead(clock.now())
    rows = (
        (one.week, one.model, one.wishes, one.unit_seconds, one.most_units, one.refused, one.waiting, one.demanded)
        for one in gaps(lacks(reading().connection(), weeks.start, weeks.end))
    )
    return csv_answer("docking-demand", GAPS, rows)


@bp.get("/settlement.csv")
def settlement():
    """The lines of a month of settlement that the asker may see, in unit-seconds and cents."""
    month, lines = asked_settlement(current_actor(), clock.now())
    name = name_of(month.window)
    rows = (
        (name, month.closed_at, one.operator, one.funder, one.team, one.resource, one.line.sum.subsidy_percent,
         one.line.sum.cents_per_unit_hour, one.line.sum.booked, one.line.sum.measured, one.line.sum.refunded,
         one.line.cents, one.line.subsidy_cents, one.line.own_cents)
        for one in lines
    )  # fmt: skip
    return csv_answer(f"settlement-{name}", SETTLEMENT, rows)


@bp.get("/editions/<number>.csv")
def edition(number):
    """The published entries of one scenario list."""
    found = find_edition(reading(), parse_id(number, "scenario list"))
    entries = published_entries(reading(), found.number, clock.now())
    return csv_answer(f"scenario-list-{found.number}", ENTRIES, [_entry(one) for one in entries])


def _entry(one) -> tuple[Cell, ...]:
    said = one.content
    lists = ("; ".join(each) for each in (said.gpu_models, said.datasets, said.skills))
    return (
        one.slug, said.name, one.organisation, said.category.value, said.field, said.region, said.gpu_hours, *lists,
        said.contact, "; ".join(said.links), one.state.value, one.version, one.published_at, said.description,
    )  # fmt: skip


def _roles(person) -> str:
    return "; ".join(f"{held.role} {held.organisation}".strip() for held in person.roles)


def _only_administrators():
    if not may_administer(current_actor()):
        raise Forbidden("Only administrators take this list away.")
