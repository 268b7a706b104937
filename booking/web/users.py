"""Accounts: registration, sign-in and sign-out, passwords, tokens, and the language of the site."""

from contextlib import suppress

from flask import Blueprint, abort, current_app, flash, g, render_template, request, session
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from booking import clock
from booking.domain.accounts import Account
from booking.domain.errors import Conflict, Invalid
from booking.forms.users import (
    ChangePasswordForm,
    ConfirmForm,
    RegisterForm,
    RequestResetForm,
    ResetForm,
    SignInForm,
)
from booking.http.actor import SignedIn, asking, current_actor
from booking.http.reading import reading
from booking.http.words import LANGUAGES, language, say
from booking.queries.people import person
from booking.services import users
from booking.web.answers import back, form_page, see

bp = Blueprint("users", __name__)


@bp.route("/register", methods=["GET", "POST"])
def register():
    """Ask for an account."""
    if not current_app.config["REGISTRATION"]:
        abort(404)
    form = RegisterForm()
    if not form.validate_on_submit():
        return form_page("users/register.html", form)

    confirm = current_app.config["CONFIRM_EMAIL"]
    with suppress(Conflict):  # the same form sent twice at once: the first of them is done
        users.register(
            form.email.data, form.name.data, form.password.data, confirm=confirm, language=language(), **_by_mail()
        )
    if confirm:
        flash(_("We have written to %(email)s. Open the link in that mail to go on.", email=form.email.data), "success")
    else:
        flash(_("Sign in now. If the address had an account already, its password is the one it had."), "success")
    return see("users.sign_in")


@bp.route("/confirm/<token>", methods=["GET", "POST"])
def confirm(token):
    """Open a mailed link: the address is confirmed and its account opened."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return form_page("users/confirm.html", form)

    try:
        account = users.confirm_email(token, form.password.data, **_by_mail())
    except Conflict as conflict:
        return _spent(conflict)
    except Invalid as invalid:
        form.refuse(invalid)
        return form_page("users/confirm.html", form)

    _start_session(account)
    flash(_("Your address is confirmed."), "success")
    return see("users.account")


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in():
    """Say who one is."""
    form = SignInForm()
    if not form.validate_on_submit():
        return form_page("users/sign_in.html", form)

    try:
        account = users.sign_in(form.email.data, form.password.data, limit=_limit(), now=clock.now())
    except Invalid as invalid:
        form.refuse(invalid)
        return form_page("users/sign_in.html", form)

    _start_session(account)
    return back("users.account")


@bp.post("/sign-out")
def sign_out():
    """Leave."""
    logout_user()
    session.clear()
    flash(_("You have signed out."), "success")
    return see("users.sign_in")


@bp.route("/reset-password", methods=["GET", "POST"])
def request_reset():
    """Ask for a link that sets a new password."""
    form = RequestResetForm()
    if not form.validate_on_submit():
        return form_page("users/request_reset.html", form)

    users.request_reset(form.email.data, language=language(), **_by_mail())
    flash(_("If %(email)s has an account, a link is on its way there.", email=form.email.data), "success")
    return see("users.sign_in")


@bp.route("/reset-password/<token>", methods=["GET", "POST"])
def reset(token):
    """Set a new password by a mailed link."""
    form = ResetForm()
    secret, now = current_app.config["SECRET_KEY"], clock.now()
    try:
        users.check_reset(token, secret=secret, now=now)
        if not form.validate_on_submit():
            return form_page("users/reset.html", form)
        users.reset_password(token, form.password.data, secret=secret, now=now)
    except Conflict as conflict:
        return _spent(conflict)

    flash(_("Your password has been changed. Sign in with it."), "success")
    return see("users.sign_in")


@bp.get("/account")
def account():
    """One's own account."""
    return render_template("users/account.html", roles=person(reading(), current_actor().user_id).roles)


@bp.route("/account/password", methods=["GET", "POST"])
def change_password():
    """Set a new password by the present one."""
    actor = current_actor()
    form = ChangePasswordForm()
    if not form.validate_on_submit():
        return form_page("users/change_password.html", form)

    try:
        account = users.change_password(actor, form.current.data, form.password.data, limit=_limit(), now=clock.now())
    except Invalid as invalid:
        form.refuse(invalid)
        return form_page("users/change_password.html", form)

    _start_session(account)
    flash(_("Your password has been changed. You are signed out everywhere else."), "success")
    return see("users.account")


@bp.post("/language")
def choose_language():
    """Show the site in another language from now on."""
    chosen = request.form.get("language")
    if chosen in LANGUAGES:
        session["language"] = chosen
        if asking().signed_in:
            users.choose_language(asking(), chosen)
    return back("users.account")


def _start_session(account: Account) -> None:
    """A new session for this person; nothing of the old one is carried over."""
    session.clear()
    g.pop("asking", None)
    login_user(SignedIn(account))


def _spent(conflict: Conflict) -> Response:
    flash(say(conflict), "warning")
    return see("users.request_reset")


def _by_mail():
    return {"secret": current_app.config["SECRET_KEY"], "limit": _limit(), "now": clock.now()}


def _limit() -> int:
    return current_app.config["LOGIN_FAILURES"]
