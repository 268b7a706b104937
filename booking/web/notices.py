"""Notices: the list of what one was told, how one wants to be told, and the links that stop mail."""

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask_babel import gettext as _

from booking import clock
from booking.domain.digests import Preferences
from booking.domain.errors import Invalid
from booking.domain.notices import Way
from booking.domain.permissions import may_see_jobs
from booking.domain.stop_links import DIGEST, read_stop_token
from booking.domain.wording import TELLS
from booking.forms.notices import PreferencesForm
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.http.told import event_name, told
from booking.queries.facilities import timezones
from booking.queries.received import find_received, preferences_of, received
from booking.services import received as services
from booking.web.answers import form_page, see
from booking.web.paging import asked_page

bp = Blueprint("notices", __name__, url_prefix="/notices")


@bp.get("")
def index():
    """What one was told, the newest first; or what one has not read yet."""
    actor, page, unread = current_actor(), asked_page(), request.args.get("show") == "new"
    shown = page.of(received(reading(), actor.user_id, unread=unread, limit=page.limit, offset=page.offset))
    return render_template(
        "notices/index.html", page=shown, told={one.id: told(one.part) for one in shown.items}, unread=unread
    )


@bp.post("/<notice_id>/open")
def open_one(notice_id):
    """Read one, and go where more of it stands."""
    actor = current_actor()
    found = find_received(reading(), actor.user_id, parse_id(notice_id, "notice"))
    services.read_notices([found.id], actor=actor, now=clock.now())
    return redirect(told(found.part).address, code=303)


@bp.post("/read")
def read_all():
    """Have read all of them."""
    services.read_notices(None, actor=current_actor(), now=clock.now())
    return see("notices.index")


@bp.route("/preferences", methods=["GET", "POST"])
def preferences():
    """Choose how to be told of what."""
    actor = current_actor()
    standing = preferences_of(reading(), actor.user_id)
    form = PreferencesForm(hour=standing.hour, timezone=standing.timezone)
    form.timezone.choices = _zones(standing.timezone)
    page = {
        "events": {event: event_name(event) for event in TELLS},
        "ways": {event: _typed_way(event) or standing.way(event) for event in TELLS},
        "mail_test": may_see_jobs(actor),
    }
    if not form.validate_on_submit():
        return form_page("notices/preferences.html", form, **page)

    ways = {event: way for event in TELLS if (way := _typed_way(event)) is not None}
    try:
        services.choose_ways(Preferences(int(form.hour.data), form.timezone.data, ways), actor=actor)
    except Invalid as invalid:
        form.refuse(invalid)
        return form_page("notices/preferences.html", form, **page)
    flash(_("You will be told so from now on."), "success")
    return see("notices.preferences")


@bp.post("/test-mail")
def test_mail():
    """Send oneself a mail, the way that all mail goes."""
    actor = current_actor()
    services.send_test_mail(actor=actor, now=clock.now())
    if current_app.extensions["booking.connectors"]["mail"] is None:
        flash(_("The mail waits in the outbox: no mail server is set."), "warning")
    else:
        flash(_("A mail to %(email)s is on its way. If it does not arrive, see jobs and outbox.", email=actor.email))
    return see("notices.preferences")


@bp.get("/stop/<token>")
def stop(token):
    """Ask once more, because programs that look at mail open its links too."""
    return _stop_page(token, stopped=False)


@bp.post("/stop/<token>")
def stop_now(token):
    """Stop the mail that the link came with; mail programs press this themselves (RFC 8058)."""
    services.stop_by_link(token, secret=current_app.config["SECRET_KEY"])
    return _stop_page(token, stopped=True)


@bp.record_once
def _needs_no_session(state):
    """The link's own signature says who asks; a mail program has no session whose form this could be."""
    state.app.extensions["csrf"].exempt(stop_now)


def _stop_page(token: str, *, stopped: bool) -> str:
    _user, event = read_stop_token(token, current_app.config["SECRET_KEY"])
    what = _("the summary of the day") if event == DIGEST else event_name(event)
    return render_template("notices/stop.html", token=token, what=what, stopped=stopped)


def _typed_way(event: str) -> Way | None:
    typed = request.form.get(f"way-{event}", "")
    return Way(typed) if typed in set(Way) else None


def _zones(standing: str) -> list[str]:
    return list(dict.fromkeys((standing, *timezones(reading()))))
