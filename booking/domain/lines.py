"""Lines: names and other short texts, in the form in which they are kept."""

import unicodedata

from booking.domain.errors import Invalid

LONGEST_LINE = 200

# They turn the direction of what stands beside a name, so that it reads as another; the last stands for lost bytes.
_MISLEADING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\ufffd")


def clean_line(text: str, field: str, *, most: int = LONGEST_LINE, least: int = 1) -> str:
    """The text on one line; Invalid names the field where it is blank, too long, or has characters not seen."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if len(line) < least:
        raise Invalid(field, "This cannot be blank.")
    if len(line) > most:
        raise Invalid(field, "This is longer than %(most)s characters.", {"most": most})
    if any(character in _MISLEADING or unicodedata.category(character) in ("Cc", "Cs") for character in line):
        raise Invalid(field, "This contains characters that are not seen.")
    return line
