"""One item of the outbox: what it is, why it does not go out, and what an operator can do."""

from flask import Blueprint, flash
from flask_babel import gettext as _

from booking import clock
from booking.domain.errors import Forbidden, Invalid, NotFound
from booking.domain.permissions import may_see_jobs
from booking.forms.outbox import NoteForm
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.outbox import find_item
from booking.services import outbox
from booking.web.answers import form_page, see

bp = Blueprint("outbox", __name__, url_prefix="/outbox")


@bp.route("/<item_id>", methods=["GET", "POST"])
def show(item_id):
    """Look at an item, and note what is known of it."""
    item = _item(item_id)
    form = NoteForm(note=item.note)
    if not form.validate_on_submit():
        return form_page("outbox/show.html", form, item=item)

    try:
        outbox.note_parked(item.id, form.note.data, actor=current_actor(), now=clock.now())
    except Invalid as invalid:
        form.refuse(invalid)
        return form_page("outbox/show.html", form, item=item)

    flash(_("The note is kept."), "success")
    return see("jobs.index")


@bp.post("/<item_id>/retry")
def retry(item_id):
    """Try a parked item again."""
    outbox.retry_parked(_item(item_id).id, actor=current_actor(), now=clock.now())
    flash(_("It will be tried again within seconds."), "success")
    return see("jobs.index")


def _item(item_id):
    if not may_see_jobs(current_actor()):
        raise Forbidden("Only those who look after resources see jobs and outbox.")
    item = find_item(reading(), parse_id(item_id, "outbox item"))
    if item is None:
        raise NotFound("outbox item")
    return item
