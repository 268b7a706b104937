"""The organisations of the platform, for administrators."""

from flask import Blueprint, flash, render_template
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import Conflict, Forbidden, Invalid
from booking.domain.permissions import may_administer
from booking.forms.organisations import KINDS, OrganisationForm
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.queries.organisations import operated
from booking.services.organisations import create_organisation
from booking.web.answers import form_page, see

bp = Blueprint("organisations", __name__, url_prefix="/organisations")


@bp.before_request
def only_administrators():
    """Nobody else has any business here."""
    if not may_administer(current_actor()):
        raise Forbidden("Only administrators add organisations.")


@bp.get("")
def index():
    """Every organisation that the platform has verified."""
    return render_template("organisations/index.html", organisations=operated(reading(), None), kinds=KINDS)


@bp.route("/new", methods=["GET", "POST"])
def new():
    """Add an organisation."""
    form = OrganisationForm()
    if not form.validate_on_submit():
        return form_page("organisations/new.html", form)

    try:
        organisation = create_organisation(form.asked(), actor=current_actor(), now=clock.now())
    except (Conflict, Invalid) as problem:
        form.refuse(problem)
        return form_page("organisations/new.html", form)
    flash(_("%(name)s is added.", name=organisation.name), "success")
    return see(".index")
