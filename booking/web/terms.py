"""Terms of datasets: every version with what changed, accepting one, and the stewards' form for a new one."""

from typing import NamedTuple

from flask import Blueprint, flash, render_template
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import Conflict, Invalid
from booking.domain.listings import Listing
from booking.domain.permissions import may_own
from booking.domain.terms import Difference, TermsVersion, differences, in_force
from booking.forms.terms import TermsForm
from booking.http.actor import asking, current_actor
from booking.http.reading import reading
from booking.http.words import read_in, say
from booking.queries.bases import accepted_by
from booking.queries.listings import find_listing
from booking.queries.terms import terms_of
from booking.services.terms import accept_terms, publish_terms
from booking.web.answers import form_page, see
from booking.web.owned import owned

bp = Blueprint("terms", __name__)


class Shown(NamedTuple):
    """A version on its page: whether it counts now, whether the reader said yes, and what it changed."""

    version: TermsVersion
    in_force: bool
    accepted: bool
    may_accept: bool
    differences: tuple[Difference, ...]


@bp.get("/datasets/<slug>/terms")
def show(slug):
    """The terms of a dataset: the version in force, those announced, those before, and what changed from each."""
    dataset = find_listing(reading(), slug, actor=asking(), kind="dataset")
    read_in(dataset.timezone)
    return render_template(
        "terms/show.html",
        dataset=dataset,
        versions=shown_terms(dataset)[::-1],
        is_own=may_own(asking(), dataset.organisation_id, "dataset"),
    )


@bp.post("/datasets/<slug>/terms/<int:number>/accept")
def accept(slug, number):
    """Say yes to a version."""
    try:
        accept_terms(slug, number, actor=current_actor(), now=clock.now())
    except Conflict as problem:
        flash(say(problem), "danger")
        return see("terms.show", slug=slug)
    flash(_("You have accepted version %(number)s.", number=number), "success")
    return see("terms.show", slug=slug)


@bp.route("/operate/datasets/<slug>/terms", methods=["GET", "POST"])
def new(slug):
    """Publish a new version, as the dataset's steward."""
    actor, dataset = current_actor(), owned(slug, "dataset")
    versions = terms_of(reading().connection(), dataset.id)
    form = TermsForm(zone=dataset.timezone, text=versions[-1].text if versions else "")
    page = {"dataset": dataset, "number": len(versions) + 1}
    if not form.validate_on_submit():
        return form_page("terms/new.html", form, **page)
    try:
        published = publish_terms(slug, form.asked(), actor=actor, now=clock.now())
    except Invalid as invalid:
        form.refuse(invalid)
        return form_page("terms/new.html", form, **page)
    flash(_("Version %(number)s is published.", number=published.number), "success")
    return see("terms.show", slug=slug)


def shown_terms(dataset: Listing) -> list[Shown]:
    """Every version of a dataset's terms, the first at the front."""
    connection, asker, now = reading().connection(), asking().user_id, clock.now()
    versions = terms_of(connection, dataset.id)
    present = in_force(versions, now)
    accepted = accepted_by(connection, [dataset.id], [asker]).get((asker, dataset.id), 0) if versions else 0
    number = present.number if present else 0
    texts = ["", *(one.text for one in versions)]
    return [
        Shown(
            one,
            in_force=one.number == number,
            accepted=one.number <= accepted,
            may_accept=bool(asker) and accepted < one.number and one.number >= number,
            differences=differences(texts[one.number - 1], one.text) if one.number > 1 else (),
        )
        for one in versions
    ]
