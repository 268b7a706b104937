"""Slugs: the short names that things have in addresses, for good."""

import re

from booking.domain.errors import Invalid

LONGEST_SLUG = 80

# Addresses such as /teams/new are those of forms.
RESERVED = frozenset({"new"})

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


def clean_slug(text: str, field: str = "slug") -> str:
    """The slug as it is; Invalid where it is none, or would be taken for a number or for a form's address."""
    if len(text) > LONGEST_SLUG:
        raise Invalid(field, "A short name has at most %(most)s characters.", {"most": LONGEST_SLUG})
    if not _SLUG.fullmatch(text) or text.isdigit():
        raise Invalid(field, "A short name is made of a–z, 0–9 and single hyphens, not of digits alone.")
    if text in RESERVED:
        raise Invalid(field, "“%(slug)s” means something else in addresses. Take another short name.", {"slug": text})
    return text
