"""Datasets as other catalogues read them: each as Croissant and DCAT-AP, and all of them as DCAT-AP."""

import json

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from booking.domain.citations import citation
from booking.domain.croissant import Own, written_croissant
from booking.domain.dcat import Addresses, catalogue_of, dataset_of
from booking.domain.listings import Filters, Listing
from booking.domain.permissions import VISITOR
from booking.http.reading import reading
from booking.queries import catalogue
from booking.queries.listings import find_listing, listings

bp = Blueprint("descriptions", __name__)


@bp.get("/catalogue.jsonld")
def datasets():
    """Every public dataset, for portals that harvest."""
    found = listings(reading(), "dataset", Filters(), actor=VISITOR)
    title = _("Datasets")
    described = [(one, _addresses(one)) for one in found]
    address = url_for(".datasets", _external=True)
    return _linked(catalogue_of(described, address=address, title=title, publisher=_("Scenario computing")))


@bp.get("/datasets/<slug>/dcat.jsonld")
def dcat(slug):
    """One dataset as DCAT-AP."""
    found = find_listing(reading(), slug, actor=VISITOR, kind="dataset")
    return _linked(dataset_of(found, _addresses(found)))


@bp.get("/datasets/<slug>/croissant.json")
def croissant(slug):
    """One dataset as Croissant."""
    found = find_listing(reading(), slug, actor=VISITOR, kind="dataset")
    whole = catalogue.described(reading(), found.id)
    own = Own(
        name=found.name,
        description=found.description,
        url=found.url or "",
        version=found.source_version or "",
        licence=found.licence or "",
        publisher=found.organisation_name,
        cited=citation(
            whole, name=found.name, owner=found.organisation_name, version=found.source_version, url=found.url
        ),
        published=found.created_at.date(),
        page=_addresses(found).page,
        whole=whole,
    )
    return _linked(written_croissant(own))


def _addresses(found: Listing) -> Addresses:
    page = url_for("catalogue.dataset", slug=found.slug, _external=True)
    return Addresses(page, url_for(".croissant", slug=found.slug, _external=True))


def _linked(whole) -> Response:
    """JSON-LD, in the order in which it is written."""
    return Response(json.dumps(whole, ensure_ascii=False), mimetype="application/ld+json")
