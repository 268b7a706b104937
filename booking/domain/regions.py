"""Regions: the places that facilities and scenarios name, each with an address of its own."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

UNSAID = frozenset({"", "-", "–", "—"})
"""What stands where there is no region."""


@dataclass(frozen=True, slots=True)
class Region:
    """A region, and how much of each there is: facilities, published scenarios, cases."""

    name: str
    slug: str
    facilities: int
    scenarios: int
    cases: int


def region_slugs(names: Iterable[str]) -> dict[str, str]:
    """By name, the word that stands for a region in addresses: letters of any script, and a number where two agree."""
    found: dict[str, str] = {}
    for name in sorted(set(names) - UNSAID):
        words = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", name).casefold()).strip("-") or "region"
        slug, number = words, 1
        while slug in found:
            number += 1
            slug = f"{words}-{number}"
        found[slug] = name
    return {name: slug for slug, name in found.items()}
