"""Everybody's accounts and roles, for administrators."""

from flask import Blueprint, current_app, flash, render_template, request
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import Conflict, Forbidden, Invalid
from booking.domain.permissions import may_administer
from booking.forms.people import InviteForm, RoleForm
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.roles import NAMES
from booking.http.words import language, say
from booking.queries.organisations import organisations
from booking.queries.people import people, person
from booking.services import roles, users
from booking.web.answers import form_page, see
from booking.web.paging import asked_page

bp = Blueprint("people", __name__, url_prefix="/people")


@bp.before_request
def only_administrators():
    """Nobody else has any business here."""
    if not may_administer(current_actor()):
        raise Forbidden("Only administrators look after accounts.")


@bp.get("")
def index():
    """Find an account."""
    page, q = asked_page(), request.args.get("q", "").strip()
    shown = page.of(people(reading(), q=q, limit=page.limit, offset=page.offset))
    return render_template("people/index.html", people=shown, q=q)


@bp.route("/new", methods=["GET", "POST"])
def new():
    """Make an account for somebody."""
    form = InviteForm()
    if not form.validate_on_submit():
        return form_page("people/new.html", form)

    try:
        user_id = users.invite(
            form.email.data,
            form.name.data,
            actor=current_actor(),
            secret=current_app.config["SECRET_KEY"],
            language=language(),
            now=clock.now(),
        )
    except Conflict as conflict:
        form.refuse(conflict)
        return form_page("people/new.html", form)

    flash(_("The account is made, and a link to set its password is mailed to %(email)s.", email=form.email.data))
    return see("people.show", user_id=user_id)


@bp.get("/<user_id>")
def show(user_id):
    """One account."""
    return _show(parse_id(user_id, "account"), _role_form())


@bp.post("/<user_id>/roles")
def give_role(user_id):
    """Let a person be something."""
    number, form = parse_id(user_id, "account"), _role_form()
    if not form.validate_on_submit():
        return _show(number, form), 422

    chosen = {name: form[name].data or "" for name in ("organisation", "department")} | {"deputy": form.deputy.data}
    try:
        roles.give_role(number, form.role.data, **chosen, actor=current_actor(), now=clock.now())
    except (Invalid, Conflict) as problem:
        form.refuse(problem)
        return _show(number, form), 422

    return see("people.show", user_id=number)


@bp.post("/<user_id>/roles/<role_id>/remove")
def take_role(user_id, role_id):
    """End a role."""
    number = parse_id(user_id, "account")
    return _do(number, lambda actor, now: roles.take_role(number, parse_id(role_id, "role"), actor=actor, now=now))


@bp.post("/<user_id>/close")
def close(user_id):
    """Keep a person out."""
    number = parse_id(user_id, "account")
    return _do(number, lambda actor, now: roles.close_account(number, actor=actor, now=now))


@bp.post("/<user_id>/reopen")
def reopen(user_id):
    """Let a person in again."""
    number = parse_id(user_id, "account")
    return _do(number, lambda actor, now: roles.reopen_account(number, actor=actor, now=now))


def _do(user_id, verb):
    """A button's one verb; what stands against it is said on the page that it leads back to."""
    try:
        verb(current_actor(), clock.now())
    except Conflict as conflict:
        flash(say(conflict), "warning")
    return see("people.show", user_id=user_id)


def _show(user_id, form):
    return render_template("people/show.html", person=person(reading(), user_id), form=form)


def _role_form():
    return RoleForm().offer(organisations(reading()), NAMES.items())
