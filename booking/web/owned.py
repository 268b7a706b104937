"""What the pages of owners share: the resource that a page is about, for who looks after it."""

from booking.domain.errors import Forbidden
from booking.domain.listings import Listing
from booking.domain.permissions import may_own
from booking.http.actor import current_actor
from booking.http.reading import reading
from booking.http.words import read_in
from booking.queries.listings import find_listing


def owned(slug: str, kind: str = "") -> Listing:
    """A pool or dataset that the reader looks after; the page shows its instants in its time zone."""
    actor = current_actor()
    listing = find_listing(reading(), slug, actor=actor, kind=kind)
    if not may_own(actor, listing.organisation_id, listing.kind):
        raise Forbidden(
            "Only who looks after %(name)s for %(organisation)s can change it.",
            numbers={"name": listing.name, "organisation": listing.organisation_name},
        )
    read_in(listing.timezone)
    return listing
