"""Clusters, for operators: whether each answers, what it is to be told, what is astray, and what is bound to it."""

from flask import Blueprint, current_app, flash, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking import clock
from booking.domain.clusters import nodes_said
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.domain.permissions import Role, may_administer, may_operate, may_operate_any
from booking.forms.clusters import BindingForm, ClusterForm, LoginForm
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.http.words import say
from booking.queries import clusters as questions
from booking.queries.organisations import operated
from booking.services import clusters
from booking.web.answers import form_page, see
from booking.web.owned import owned

bp = Blueprint("clusters", __name__, url_prefix="/operate")

KINDS = {
    "missing": _l("A reservation is missing"),
    "different": _l("A reservation is different"),
    "left_over": _l("A reservation is left over"),
    "stranger": _l("Somebody else's reservation on our nodes"),
    "account": _l("An account is different"),
    "node": _l("A node cannot be used as it should"),
    "usage": _l("A row of use cannot be believed"),
}


@bp.get("/clusters")
def index():
    """The clusters that one operates, and whether each answers."""
    return render_template("clusters/index.html", rows=_rows(), reachable=_reachable())


@bp.route("/clusters/new", methods=["GET", "POST"])
def new():
    """Make a cluster known."""
    actor, form = _operator(), ClusterForm()
    form.offer(operated(reading(), None if may_administer(actor) else actor.organisations(Role.OPERATOR)))
    if not form.validate_on_submit():
        return form_page("clusters/new.html", form)

    try:
        made = clusters.create_cluster(form.name.data, form.organisation.data, form.account_prefix.data,
                                       actor=actor, now=clock.now())  # fmt: skip
    except (Conflict, Invalid, NotFound) as problem:
        form.refuse(problem)
        return form_page("clusters/new.html", form)
    flash(_("%(name)s is known. Now bind pools to it, and say who has which login.", name=made.name), "success")
    return see("clusters.show", name=made.name)


@bp.get("/clusters/<name>")
def show(name):
    """One cluster: its pools, what is astray, and who is who on it."""
    return _page(_operated(name), LoginForm(formdata=None))


@bp.post("/clusters/<name>/logins")
def login(name):
    """Say which account of the machines a person uses."""
    cluster, form = _operated(name), LoginForm()
    if not form.validate_on_submit():
        return _page(cluster, form), 422
    try:
        clusters.set_login(name, form.email.data, form.login.data or "", actor=current_actor(), now=clock.now())
    except (Conflict, Invalid) as problem:
        form.refuse(problem)
        return _page(cluster, form), 422
    flash(_("The login is kept; the accounts of their teams follow."), "success")
    return see("clusters.show", name=name)


@bp.route("/pools/<slug>/binding", methods=["GET", "POST"])
def bind(slug):
    """Say which machines a pool stands for."""
    pool = owned(slug, "pool")
    binding = questions.binding_of(reading().connection(), pool.id)
    form = BindingForm(data=_filled(binding) if binding else {})
    form.offer(row["cluster"] for row in _rows())
    page = {"pool": pool, "binding": binding}
    if not form.validate_on_submit():
        return form_page("clusters/bind.html", form, **page)

    try:
        clusters.bind_pool(slug, form.asked(), actor=current_actor(), now=clock.now())
    except (Conflict, Invalid, NotFound) as problem:
        form.refuse(problem)
        return form_page("clusters/bind.html", form, **page)
    flash(_("%(name)s is bound; it is booked in whole nodes from now on.", name=pool.name), "success")
    return see("clusters.show", name=form.cluster.data)


@bp.post("/pools/<slug>/binding/end")
def unbind(slug):
    """Let a pool stand for no machines any more."""
    pool = owned(slug, "pool")
    try:
        clusters.unbind_pool(slug, actor=current_actor(), now=clock.now())
        flash(_("%(name)s is bound to no cluster any more.", name=pool.name), "success")
    except Conflict as problem:
        flash(say(problem), "danger")
    return see("facilities.index")


def _operator():
    actor = current_actor()
    if not may_operate_any(actor):
        raise Forbidden("Only operators look after clusters.")
    return actor


def _operated(name):
    cluster = questions.find_cluster(reading(), name)
    if not may_operate(_operator(), cluster.organisation_id):
        raise NotFound("cluster")
    return cluster


def _rows():
    actor, counts = _operator(), questions.drift_counts(reading())
    return [
        {"cluster": one, "astray": counts.get(one.name, 0), "waiting": questions.waiting(reading(), one.name)}
        for one in questions.clusters(reading())
        if may_operate(actor, one.organisation_id)
    ]


def _page(cluster, form):
    session = reading()
    return render_template(
        "clusters/show.html",
        cluster=cluster,
        form=form,
        pools=questions.bound_pools(session.connection(), cluster_id=cluster.id),
        logins=questions.logins(session, cluster.id),
        drifts=questions.drifts(session, cluster.id),
        kinds=KINDS,
        waiting=questions.waiting(session, cluster.name),
        is_reachable=cluster.name in _reachable(),
        nodes_said=nodes_said,
    )


def _reachable():
    return current_app.extensions["booking.connectors"].get("clusters", {})


def _filled(binding):
    return {
        "cluster": binding.cluster,
        "partition": binding.partition,
        "gpus_per_node": binding.gpus_per_node,
        "nodes": nodes_said(binding.nodes),
    }
