"""The navigation bar: which parts of the site a reader can use."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from flask import Flask, current_app, request, url_for
from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from booking.domain.permissions import (
    Actor,
    may_administer,
    may_decide_any,
    may_grant_any,
    may_see_jobs,
    may_see_settlements,
)
from booking.http.actor import asking
from booking.http.reading import reading
from booking.queries.received import unread_count


class Entry(NamedTuple):
    """One part of the site: its page, its name, who may use it, and which other nouns have their pages in it."""

    endpoint: str
    title: str
    may_use: Callable[[Actor], bool]
    nouns: frozenset[str] = frozenset()


def _anyone(actor: Actor) -> bool:
    return True


def _signed_in(actor: Actor) -> bool:
    return actor.signed_in


OPERATED = frozenset({"pools", "rates", "datasets", "capacity", "clusters", "displacements"})

PUBLIC = (
    Entry("catalogue.index", _("Catalogue"), _anyone, frozenset({"editions", "scenarios"})),
    Entry("docking.index", _("Docking board"), _anyone),
    Entry("outcomes.index", _("Cases"), _anyone),
    Entry("regions.index", _("Regions"), _anyone),
    Entry("utilisation.index", _("Utilisation"), _anyone),
)
OWN = (
    Entry("bookings.index", _("My bookings"), _signed_in, frozenset({"waitlist"})),
    Entry("teams.index", _("Teams"), _signed_in, frozenset({"attestations", "permits"})),
    Entry("activities.mine", _("Activities"), _signed_in, frozenset({"courses"})),
    Entry("notices.index", _("Notices"), _signed_in),
)
WORK = (
    Entry("today.index", _("Today"), may_decide_any),
    Entry("approvals.index", _("Approvals"), may_decide_any),
    Entry("facilities.index", _("Operate"), may_decide_any, OPERATED),
    Entry("grants.index", _("Grants"), may_grant_any, frozenset({"what_if"})),
    Entry("settlements.index", _("Settlements"), may_see_settlements),
    Entry("jobs.index", _("Jobs and outbox"), may_see_jobs),
)
ADMINISTRATION = (
    Entry("people.index", _("People"), may_administer),
    Entry("organisations.index", _("Organisations"), may_administer),
    Entry("audit.index", _("Audit log"), may_administer),
)

GROUPS = (
    ("public", _("For everybody"), PUBLIC),
    ("own", _("For your teams"), OWN),
    ("work", _("Operation and settlement"), WORK),
    ("administration", _("Administration"), ADMINISTRATION),
)
"""The groups of the bar, each with the name by which its style knows it and the one that people read."""


def init_app(app: Flask) -> None:
    """Give every page the function that lists the entries."""
    app.add_template_global(navigation)


def navigation() -> list[tuple[str, LazyString, list[tuple[str, str, bool]]]]:
    """The groups of the bar with a part that exists and that the reader may use: address, title, if it is the present
    one."""
    actor = asking()
    unread = unread_count(reading(), actor.user_id) if actor.signed_in else 0
    groups = [(name, title, _parts(entries, actor, unread)) for name, title, entries in GROUPS]
    return [group for group in groups if group[2]]


def _parts(entries: Iterable[Entry], actor: Actor, unread: int) -> list[tuple[str, str, bool]]:
    return [
        (
            url_for(entry.endpoint),
            _with_unread(entry, unread),
            request.blueprint in {entry.endpoint.split(".")[0], *entry.nouns},
        )
        for entry in entries
        if entry.endpoint in current_app.view_functions and entry.may_use(actor)
    ]


def _with_unread(entry: Entry, unread: int) -> str:
    """The title, and beside the notices how many of them are new."""
    if entry.endpoint != "notices.index" or not unread:
        return str(entry.title)
    return str(gettext("%(title)s (%(count)s new)", title=entry.title, count=unread))
