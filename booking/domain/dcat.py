"""DCAT-AP: the catalogue of datasets as open-data portals harvest it, in JSON-LD that needs nothing fetched to be read.

https://semiceu.github.io/DCAT-AP/releases/3.0.0/
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from booking.domain.listings import Listing
from booking.domain.permits import Sensitivity

_RIGHTS = "http://publications.europa.eu/resource/authority/access-right/"
RIGHTS: Mapping[Sensitivity, str] = {
    Sensitivity.PUBLIC: f"{_RIGHTS}PUBLIC",
    Sensitivity.INTERNAL: f"{_RIGHTS}RESTRICTED",
    Sensitivity.RESTRICTED: f"{_RIGHTS}NON_PUBLIC",
}
"""Anyone; whoever has an account; only those whom a steward permits."""

CONTEXT: Mapping[str, str] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a dataset has its page here, and where its Croissant description is."""

    page: str
    croissant: str


def catalogue_of(
    datasets: Iterable[tuple[Listing, Addresses]], *, address: str, title: str, publisher: str
) -> dict[str, Any]:
    """The whole catalogue, whose address names it."""
    return {
        "@context": dict(CONTEXT),
        "@id": _iri(address),
        "@type": "dcat:Catalog",
        "dct:title": title,
        "dct:description": title,
        "dct:publisher": _agent(publisher),
        "dcat:dataset": [_dataset(listing, where) for listing, where in datasets],
    }


def dataset_of(listing: Listing, where: Addresses) -> dict[str, Any]:
    """One dataset by itself."""
    return {"@context": dict(CONTEXT), **_dataset(listing, where)}


def _dataset(listing: Listing, where: Addresses) -> dict[str, Any]:
    return {
        "@id": _iri(where.page),
        "@type": "dcat:Dataset",
        "dct:title": listing.name,
        "dct:description": listing.description or listing.name,
        "dct:identifier": listing.slug,
        "dct:issued": {"@type": "xsd:dateTime", "@value": listing.created_at.isoformat()},
        "dct:publisher": _agent(listing.organisation_name),
        "dct:accessRights": {"@id": RIGHTS[listing.sensitivity], "@type": "dct:RightsStatement"},
        "dct:spatial": {"@type": "dct:Location", "skos:prefLabel": listing.region},
        "dcat:landingPage": {"@id": _iri(where.page), "@type": "foaf:Document"},
        "rdfs:seeAlso": {"@id": _iri(where.croissant)},
        "dcat:distribution": _distribution(listing, where),
        **({"dcat:version": listing.source_version} if listing.source_version else {}),
        **({"dct:source": {"@id": _iri(listing.url)}} if listing.url else {}),
    }


def _distribution(listing: Listing, where: Addresses) -> dict[str, Any]:
    """How one gets at the data: by its page here, which says on what terms."""
    licence = {"dct:license": {"@type": "dct:LicenseDocument", "dct:title": listing.licence}}
    return {
        "@id": f"{_iri(where.page)}#access",
        "@type": "dcat:Distribution",
        "dct:title": listing.name,
        "dcat:accessURL": {"@id": _iri(where.page), "@type": "rdfs:Resource"},
        **(licence if listing.licence else {}),
    }


def _agent(name: str) -> dict[str, Any]:
    return {"@type": "foaf:Agent", "foaf:name": name}


def _iri(address: str) -> str:
    """The address with only such characters as a reader of RDF takes."""
    return quote(address, safe=":/?#[]@!$&'()*+,;=%~")
