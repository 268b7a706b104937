"""Entries of scenario lists: writing, changing, handing in and reviewing them."""

from itertools import pairwise

from flask import Blueprint, flash, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking import clock
from booking.domain.entries import CHANGEABLE, MOVES, Category, EntryState, changed_fields
from booking.domain.errors import Conflict, Forbidden, Invalid
from booking.domain.permissions import Role, may_administer, may_publish_scenario, may_review_entries
from booking.domain.scenarios import Scenario
from booking.forms.base import SelectChoice
from booking.forms.scenarios import ChangedEntryForm, EntryForm, NewEntryForm, ReviewForm, typed
from booking.http.actor import asking, current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.vocabulary import word
from booking.http.words import read_in
from booking.queries.editions import find_edition
from booking.queries.facilities import timezones
from booking.queries.organisations import operated
from booking.queries.outcomes import Wanted, cases
from booking.queries.scenarios import find_scenario, published_entries, versions_of
from booking.services.scenarios import change_entry, draft_entry, review_entry, submit_entry
from booking.web.answers import form_page, see

FIELDS = {
    "name": _l("Name"),
    "category": _l("Category"),
    "region": _l("Region"),
    "description": _l("Description"),
    "field": _l("Field"),
    "gpu_hours": _l("GPU-hours needed"),
    "gpu_models": _l("GPU models"),
    "datasets": _l("Datasets"),
    "skills": _l("Skills"),
    "contact": _l("Contact"),
    "links": _l("Links of attachments"),
}
DONE = {
    "submit": _l("The entry is on its way to the reviewers."),
    "accept": _l("The entry is accepted; it is published when its list is."),
    "return": _l("The entry goes back with your questions."),
    "decline": _l("The entry is declined."),
}

bp = Blueprint("scenarios", __name__)


@bp.route("/editions/<number>/entries/new", methods=["GET", "POST"])
def new(number):
    """Begin an entry of a list."""
    actor, now = current_actor(), clock.now()
    edition = find_edition(reading(), parse_id(number, "scenario list"))
    form = _new_form(actor, edition, now)
    if not form.validate_on_submit():
        return form_page("scenarios/new.html", form, edition=edition)
    try:
        made = draft_entry(edition.number, form.entry(), actor=actor, now=now)
    except (Invalid, Conflict) as problem:
        form.refuse(problem)
        return form_page("scenarios/new.html", form, edition=edition)
    flash(_("The entry is a draft. Hand it in when it says all that reviewers need to know."), "success")
    return see("catalogue.scenario", slug=made.slug)


@bp.route("/scenarios/<slug>/edit", methods=["GET", "POST"])
def edit(slug):
    """Let an entry say something else."""
    actor, now = current_actor(), clock.now()
    scenario = find_scenario(reading(), slug, actor=actor, now=now)
    if not may_publish_scenario(actor, scenario.organisation_id):
        raise Forbidden("Only its owner can change this entry.")
    form = _with_categories(ChangedEntryForm(data=typed(scenario.content)))
    if not form.validate_on_submit():
        return form_page("scenarios/edit.html", form, scenario=scenario)
    try:
        change_entry(slug, form.content(), actor=actor, now=now, reason=form.reason.data or "")
    except (Invalid, Conflict) as problem:
        form.refuse(problem)
        return form_page("scenarios/edit.html", form, scenario=scenario)
    flash(_("The entry is changed."), "success")
    return see("catalogue.scenario", slug=slug)


@bp.post("/scenarios/<slug>/<any('submit', 'accept', 'return', 'decline'):verb>")
def move(slug, verb):
    """Hand an entry in, or decide on it as a reviewer."""
    actor, now, form = current_actor(), clock.now(), ReviewForm()
    scenario = find_scenario(reading(), slug, actor=actor, now=now)
    if not form.validate_on_submit():
        return show(scenario, review=form), 422
    try:
        if verb == "submit":
            submit_entry(slug, actor=actor, now=now)
        else:
            review_entry(slug, verb, actor=actor, now=now, reason=form.reason.data or "")
    except (Invalid, Conflict) as problem:
        form.refuse(problem)
        return show(find_scenario(reading(), slug, actor=actor, now=now), review=form), 422
    flash(DONE[verb], "success")
    return see("catalogue.scenario", slug=slug)


def show(scenario: Scenario, *, review: ReviewForm | None = None) -> str:
    """The page of an entry, with what its reader can do with it; a decision that was typed is shown in it again."""
    read_in(timezones(reading())[0])
    actor, now = asking(), clock.now()
    is_own = may_publish_scenario(actor, scenario.organisation_id)
    return render_template(
        "catalogue/scenario.html",
        scenario=scenario,
        fields=FIELDS,
        versions=_versions(scenario),
        cases=cases(reading().connection(), Wanted(scenario=scenario.slug)),
        takes_teams=scenario.takes_teams(now),
        may_change=is_own and scenario.state in CHANGEABLE,
        may_submit=is_own and scenario.state in MOVES["submit"][0],
        may_review=may_review_entries(actor) and scenario.state is EntryState.SUBMITTED,
        review=review or ReviewForm(formdata=None),
    )


def _versions(scenario: Scenario):
    """Each version before the present one, the last first, and the fields that were changed then."""
    if scenario.version == 1:
        return []
    before = versions_of(reading(), scenario.id)
    changes = pairwise([scenario.content, *(one.content for one in before)])
    return [(one, changed_fields(old, after)) for one, (after, old) in zip(before, changes, strict=True)]


def _new_form(actor, edition, now) -> NewEntryForm:
    own = None if may_administer(actor) else actor.organisations(Role.SCENARIO_OWNER)
    if own is not None and not own:
        raise Forbidden("Only scenario owners write entries.")
    form = _with_categories(NewEntryForm())
    form.organisation.choices = [SelectChoice(one.slug, one.name) for one in operated(reading(), own)]
    before = published_entries(reading(), edition.number - 1, now)
    form.continues.choices = [SelectChoice("", _("no entry of the last list"))]
    form.continues.choices += [SelectChoice(one.slug, one.name) for one in before]
    return form


def _with_categories(form: EntryForm):
    form.offer_categories([(one.value, word(one.value)) for one in Category])
    return form
