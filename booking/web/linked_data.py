"""What search engines read of a page beside its words: JSON-LD in the vocabulary of schema.org."""

from flask import url_for

from booking.domain.facilities import Facility
from booking.domain.listings import Access, Listing, ResourceState

SCHEMA = "https://schema.org"
LONGEST_DESCRIPTION = 5_000
SHORTEST_DESCRIPTION = 50
"""Between these a catalogue of datasets takes a description."""


def of_pool(pool: Listing):
    """A pool as a service that is offered at a place, and where to ask for it while it is."""
    channel = {
        "@type": "ServiceChannel",
        "serviceUrl": url_for("bookings.new", resource=pool.slug, _external=True),
    }
    return {
        "@context": SCHEMA,
        "@type": "Service",
        "serviceType": "GPU computing",
        "name": pool.name,
        "description": pool.description or f"{pool.gpu_model}, {pool.facility_name}",
        "url": url_for("catalogue.pool", slug=pool.slug, _external=True),
        "provider": {"@type": "Organization", "name": pool.organisation_name},
        "areaServed": pool.region,
        **({"availableChannel": channel} if pool.state is ResourceState.PUBLISHED else {}),
    }


def of_facility(facility: Facility, pools):
    """A facility as a place with the services that it offers."""
    return {
        "@context": SCHEMA,
        "@type": "Service",
        "serviceType": "Computing centre",
        "name": facility.name,
        "description": facility.description or facility.name,
        "url": url_for("catalogue.facility", slug=facility.slug, _external=True),
        "provider": {"@type": "Organization", "name": facility.organisation_name},
        "areaServed": {"@type": "Place", "name": facility.place or facility.region},
        "hasOfferCatalog": {
            "@type": "OfferCatalog",
            "name": facility.name,
            "itemListElement": [
                {"@type": "Offer", "itemOffered": {"@type": "Service", "name": pool.name}} for pool in pools
            ],
        },
    }


def of_dataset(dataset: Listing, cited: str):
    """A dataset as catalogues of datasets know it."""
    facts = {
        "license": dataset.licence,
        "version": dataset.source_version,
        "sameAs": dataset.url,
        "spatialCoverage": dataset.region,
    }
    return {
        "@context": SCHEMA,
        "@type": "Dataset",
        "name": dataset.name,
        "description": _described(dataset),
        "url": url_for("catalogue.dataset", slug=dataset.slug, _external=True),
        "creator": {"@type": "Organization", "name": dataset.organisation_name},
        "isAccessibleForFree": dataset.access is Access.OPEN,
        "citation": cited,
        **{name: value for name, value in facts.items() if value},
    }


def _described(dataset: Listing) -> str:
    text = dataset.description[:LONGEST_DESCRIPTION]
    return text if len(text) >= SHORTEST_DESCRIPTION else f"{dataset.name}: {text}".ljust(SHORTEST_DESCRIPTION)
