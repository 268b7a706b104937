"""Stewards' forms of datasets."""

from flask import Blueprint, flash, request
from flask_babel import gettext as _

from booking import clock
from booking.domain.croissant import read_croissant
from booking.domain.csv_lines import Unreadable
from booking.domain.errors import Conflict, Forbidden, Invalid
from booking.domain.permissions import Actor, Role, may_administer
from booking.domain.policies import Policy
from booking.forms.resources import CroissantForm, DatasetForm, NewDatasetForm, filled, policy_shown
from booking.http.actor import current_actor
from booking.http.files import roots_of
from booking.http.reading import reading
from booking.queries.facilities import facilities_of
from booking.queries.organisations import operated
from booking.services import resources
from booking.services.datasets import create_dataset
from booking.services.imports import import_dataset
from booking.web.answers import form_page, see
from booking.web.decisions import do_or_ask
from booking.web.owned import owned

bp = Blueprint("datasets", __name__, url_prefix="/operate")


@bp.route("/datasets/new", methods=["GET", "POST"])
def new():
    """Publish a dataset, or prepare one."""
    actor = current_actor()
    ids = _looked_after(actor)
    if ids is not None and not ids:
        raise Forbidden("Only stewards publish datasets.")
    form = NewDatasetForm(data={"policy": policy_shown(Policy()), "seats": 1})
    owners = operated(reading(), ids)
    form.offer(owners, facilities_of(reading(), ids))
    form.offer_roots(root for owner in owners for root in roots_of(owner.slug))
    if not form.validate_on_submit():
        return form_page("datasets/new.html", form)

    try:
        dataset = create_dataset(form.asked(), actor=actor, now=clock.now())
    except (Conflict, Invalid) as problem:
        form.refuse(problem)
        return form_page("datasets/new.html", form)
    flash(_("%(name)s is added.", name=dataset.name), "success")
    return see("facilities.index")


@bp.route("/datasets/import", methods=["GET", "POST"])
def bring():
    """Publish a dataset by its description in Croissant; what is wrong with a file is said beside its text."""
    actor = current_actor()
    ids = _looked_after(actor)
    if ids is not None and not ids:
        raise Forbidden("Only stewards publish datasets.")
    form = CroissantForm()
    form.offer(operated(reading(), ids))
    if not form.validate_on_submit():
        return form_page("datasets/bring.html", form)

    try:
        described = read_croissant(form.content())
        done = import_dataset(described, actor=actor, now=clock.now(), organisation=form.organisation.data)
    except Unreadable as unreadable:
        form.refuse_description(unreadable)
        return form_page("datasets/bring.html", form)
    name = described.name
    flash(_("%(name)s is added.", name=name) if done.is_new else _("%(name)s is changed.", name=name), "success")
    return see("catalogue.dataset", slug=done.slug)


@bp.route("/datasets/<slug>/edit", methods=["GET", "POST"])
def edit(slug):
    """Say other words of a dataset, set other rules, or another number of seats."""
    actor, now, dataset = current_actor(), clock.now(), owned(slug, "dataset")
    form = DatasetForm(data=filled(dataset))
    form.offer_roots(dict.fromkeys([*filter(None, [dataset.files_root]), *roots_of(dataset.organisation)]))
    if not form.validate_on_submit():
        return form_page("datasets/edit.html", form, dataset=dataset)

    def change(resolutions):
        resources.change_resource(slug, form.given(), actor=actor, now=now, resolutions=resolutions)

    try:
        asking = do_or_ask(dataset, change)
    except Invalid as invalid:
        form.refuse(invalid)
        return form_page("datasets/edit.html", form, dataset=dataset)
    if asking is not None:
        return asking
    flash(_("%(name)s is changed.", name=form.name.data), "success")
    return see("facilities.index")


@bp.post("/datasets/<slug>/withdraw")
def withdraw(slug):
    """Hand nothing of a dataset out any more, from this moment on."""
    dataset = owned(slug, "dataset")
    resources.withdraw_dataset(slug, actor=current_actor(), now=clock.now(), reason=request.form.get("reason", ""))
    flash(_("%(name)s is withdrawn; bookings of it are revoked.", name=dataset.name), "success")
    return see("catalogue.dataset", slug=slug)


def _looked_after(actor: Actor) -> frozenset[int] | None:
    """The organisations whose datasets the actor looks after; None for all."""
    return None if may_administer(actor) else actor.organisations(Role.STEWARD)
