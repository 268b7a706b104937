"""The four lists of the catalogue: what is asked of each, what narrows it, and a page of it."""

from dataclasses import dataclass
from datetime import datetime

from flask import get_template_attribute, request
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from booking.domain.outlooks import Outlook
from booking.http.display import own_zone
from booking.http.reading import reading
from booking.http.words import language
from booking.queries import catalogue
from booking.queries.outlooks import outlooks
from booking.web.paging import Asked, asked_page
from booking.web.zones import read_where_most_are

LONGEST_SEARCH = 200
TEMPLATES = {
    "pool": "catalogue/index.html",
    "dataset": "catalogue/datasets.html",
    "scenario": "catalogue/scenarios.html",
    "activity": "catalogue/activities.html",
}
FACETS = {
    "region": (_("Region"), _("any region")),
    "gpu_model": (_("GPU model"), _("any model")),
    "access": (_("Access"), _("any access")),
    "opening": (_("Opening"), _("any opening")),
    "category": (_("Category"), _("any category")),
    "happening": (_("Kind"), _("any kind")),
    "owner": (_("Run by"), _("anybody")),
}


MOST_CARDS = 5_000

_cards: dict[tuple, Markup] = {}


@dataclass(frozen=True)
class Facet:
    """One choice that narrows a list: its values, and how much is left by each."""

    name: str
    title: str
    anything: str
    values: list[tuple[str, int]]
    chosen: str


def list_of(kind: str, now: datetime):
    """What the page of a list shows; its number of questions is the same for any number of resources."""
    session, page = reading(), asked_page()
    asked = {name: request.args.get(name, "").strip()[:LONGEST_SEARCH] for name in ("q", *catalogue.FACETS[kind])}
    shown = page.of(_rows(session, kind, asked, page, now))
    booked = [row for row in shown.items if _is_booked(kind, row)]
    found = outlooks(session.connection(), booked, now)
    return {
        "page": shown,
        "asked": asked,
        "facets": _facets(session, kind, asked, now),
        "outlooks": found,
        "cards": {row.id: _card(row, found[row.id]) for row in booked} if kind == "pool" else {},
    }


def _rows(session, kind: str, asked, page: Asked, now: datetime):
    part = {"limit": page.limit, "offset": page.offset}
    if kind == "pool":
        return catalogue.pools_by_facility(session, asked, **part)
    if kind == "dataset":
        return catalogue.datasets(session, asked, **part)
    if kind == "scenario":
        return catalogue.scenarios(session, asked, now=now, **part)
    read_where_most_are()
    return catalogue.activities(session, asked, now=now, **part)


def _facets(session, kind: str, asked, now: datetime) -> list[Facet]:
    found = catalogue.facets(session, kind, asked, now=now)
    return [Facet(name, *FACETS[name], values, asked[name]) for name, values in found.items()]


def _card(row, outlook: Outlook) -> Markup:
    """A pool's card, written once for each language and zone until its outlook changes: fifty of them are a page."""
    said = (row.slug, row.name, row.gpu_model, row.gpu_memory_gib, row.timezone, row.policy.get("opening"))
    key = (*said, outlook.now, outlook.days, outlook.first, outlook.shape, language(), own_zone())
    if key not in _cards:
        if len(_cards) >= MOST_CARDS:
            _cards.clear()
        _cards[key] = get_template_attribute("macros/resources.html", "pool_card")(row, outlook)
    return _cards[key]


def _is_booked(kind: str, row) -> bool:
    return (kind == "pool" and row.id is not None) or (kind == "dataset" and row.seats is not None)
