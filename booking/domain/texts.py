"""Texts: what people write in their own words, in the form in which it is kept, and sentences of ours with numbers."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from booking.domain.errors import Invalid

LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something to be said in the reader's language: an English message id with `%(name)s` places, and the numbers.

    A number `used_unit_seconds` fills the place `used_hours`.
    """

    message: str
    numbers: Mapping[str, Any] = field(default_factory=dict, hash=False)


def clean_text(text: str, field: str, *, most: int = LONGEST_TEXT) -> str:
    """The text with plain line ends and without spaces around it; Invalid where it is too long or cannot be shown."""
    cleaned = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(cleaned) > most:
        raise Invalid(field, "This is longer than %(most)s characters.", {"most": most})
    if any(unicodedata.category(each) in ("Cc", "Cs") and each not in "\n\t" for each in cleaned):
        raise Invalid(field, "This contains characters that cannot be shown.")
    return cleaned
