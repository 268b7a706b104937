"""Attestations: what teams owe after windows of datasets, and what stewards still wait for."""

from flask import Blueprint, flash, render_template, request
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import Conflict, Forbidden, Invalid
from booking.domain.permissions import may_attest
from booking.forms.attestations import StatementForm
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.attestations import Wanted, attestations_listed, find_attestation
from booking.services.attestations import attest
from booking.web.answers import form_page, see
from booking.web.paging import asked_page
from booking.web.zones import read_where_most_are

bp = Blueprint("attestations", __name__, url_prefix="/attestations")


@bp.get("")
def index():
    """What one's teams owe, and what is owed for data that one looks after; with `given=1` what was given."""
    actor, page, given = current_actor(), asked_page(), request.args.get("given") == "1"
    read_where_most_are()
    found = attestations_listed(
        reading().connection(), actor, Wanted(given=given), limit=page.limit, offset=page.offset
    )
    return render_template("attestations/index.html", page=page.of(found), given=given, now=clock.now())


@bp.route("/<attestation_id>", methods=["GET", "POST"])
def give(attestation_id):
    """Attest that the data of one window is deleted."""
    actor = current_actor()
    owed = find_attestation(reading().connection(), parse_id(attestation_id, "attestation"), actor)
    if owed.is_given:
        return see(".index", given=1)
    if not may_attest(actor, owed.team_id):
        raise Forbidden("Only members of the team attest that its data is deleted.")
    read_where_most_are()
    form = StatementForm()
    if not form.validate_on_submit():
        return form_page("attestations/give.html", form, owed=owed)
    try:
        attest(owed.id, form.statement.data, actor=actor, now=clock.now())
    except (Conflict, Invalid) as problem:
        form.refuse(problem)
        return form_page("attestations/give.html", form, owed=owed)
    flash(_("The deletion is attested; the stewards are told."), "success")
    return see(".index")
