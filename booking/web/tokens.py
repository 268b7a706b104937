"""One's own API tokens."""

from flask import Blueprint, flash, render_template
from flask_babel import gettext as _

from booking import clock
from booking.forms.tokens import TokenForm
from booking.http.actor import current_actor
from booking.http.paths import parse_id
from booking.http.reading import reading
from booking.queries.tokens import tokens_of
from booking.services import tokens
from booking.web.answers import see

bp = Blueprint("tokens", __name__, url_prefix="/account/tokens")


@bp.get("")
def index():
    """What programs speak in one's name."""
    return _page(TokenForm(formdata=None))


@bp.post("")
def create():
    """Make a token; the page that answers is the only one that ever shows it."""
    actor = current_actor()
    form = TokenForm()
    if not form.validate_on_submit():
        return _page(form), 422
    made = tokens.create_token(actor, name=form.name.data, scope=form.scope.data, days=form.days.data, now=clock.now())
    return _page(TokenForm(formdata=None), made=made), 201


@bp.post("/<token_id>/revoke")
def revoke(token_id):
    """End a token at once."""
    tokens.revoke_token(parse_id(token_id, "token"), actor=current_actor(), now=clock.now())
    flash(_("The token has been revoked."), "success")
    return see("tokens.index")


def _page(form, made=""):
    listed = tokens_of(reading(), current_actor().user_id)
    return render_template("tokens/index.html", form=form, tokens=listed, made=made, now=clock.now())
