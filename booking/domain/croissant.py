"""Croissant: descriptions of datasets in the JSON-LD vocabulary of MLCommons (versions 0.8 and 1.0)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from booking.domain.csv_lines import BOM, LARGEST_FILE, Unreadable
from booking.domain.errors import Invalid
from booking.domain.facilities import LONGEST_DESCRIPTION
from booking.domain.lines import LONGEST_LINE, clean_line
from booking.domain.listings import LONGEST_URL
from booking.domain.slugs import LONGEST_SLUG
from booking.domain.texts import clean_text

LONGEST_VERSION = 80
PREFIXES = ("", "sc:", "schema:", "https://schema.org/", "http://schema.org/")


@dataclass(frozen=True, slots=True)
class Described:
    """A dataset as a file describes it; `whole` is all that the file says.

    `url` is empty where the file has none that a browser could follow, `licence` and `version` where it says nothing.
    """

    name: str
    description: str
    url: str
    version: str
    licence: str
    whole: Mapping[str, Any]

    @property
    def slug(self) -> str:
        """The slug that the name suggests."""
        words = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")[:LONGEST_SLUG].strip("-")
        if not words:
            return "dataset"
        return f"dataset-{words}"[:LONGEST_SLUG] if words.isdigit() else words


def numbered(slug: str, number: int) -> str:
    """A slug of its own for another dataset of the same name: `coco`, `coco-2`, `coco-3`…"""
    if number == 1:
        return slug
    ending = f"-{number}"
    return slug[: LONGEST_SLUG - len(ending)].rstrip("-") + ending


def read_croissant(content: bytes) -> Described:
    """The dataset that a file describes; raises Unreadable, saying why, where it describes none."""
    whole = _object(content)
    kinds = [word for kind in _several(whole.get("@type")) for word in PREFIXES if kind == f"{word}Dataset"]
    if "@type" in whole and not kinds:
        raise Unreadable(f"describes no dataset: its @type is {str(whole['@type'])[:80]!r}")
    name = _text(whole, "name")
    if not name.strip():
        raise Unreadable("has no name")
    try:
        return Described(
            name=clean_line(name, "name"),
            description=clean_text(_text(whole, "description"), "description", most=LONGEST_DESCRIPTION),
            url=_address(_text(whole, "url")),
            version=clean_line(_text(whole, "version"), "version", most=LONGEST_VERSION, least=0),
            licence=clean_line(_text(whole, "license"), "license", most=LONGEST_LINE, least=0),
            whole=whole,
        )
    except Invalid as invalid:
        raise Unreadable(f"{invalid.field}: {invalid}") from None


def _object(content: bytes) -> dict[str, Any]:
    if len(content) > LARGEST_FILE:
        raise Unreadable(f"larger than {LARGEST_FILE // 1_000_000} MB")
    try:
        text = content.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("is not text in UTF-8") from None
    try:
        whole = json.loads(text, parse_constant=_no_number, parse_float=_finite)
        # What cannot be written again cannot be kept: half of a character that takes two.
        written = json.dumps(whole, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        raise Unreadable(f"line {error.lineno}: is not JSON ({error.msg})") from None
    except RecursionError:
        raise Unreadable("is nested too deeply") from None
    except ValueError as error:
        raise Unreadable(f"cannot be kept ({error})") from None
    if b"\\u0000" in written:
        raise Unreadable("contains a NUL character")
    if not isinstance(whole, dict):
        raise Unreadable("is JSON, but no object that describes a dataset")
    return whole


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large a number")
    return number


def _text(whole: Mapping[str, Any], term: str) -> str:
    """What a term says, under whichever prefix, as one text; several values are joined."""
    for prefix in PREFIXES:
        if f"{prefix}{term}" in whole:
            return ", ".join(filter(None, _several(whole[f"{prefix}{term}"])))
    return ""


def _several(value: Any) -> list[str]:
    """The texts of a JSON-LD value: plain, in a list, in a language, or named by a node of its own."""
    if isinstance(value, list):
        return [text for each in value for text in _several(each)]
    if isinstance(value, dict):
        named = next((value[key] for key in ("@value", "name", "url", "@id") if key in value), "")
        return _several(named) if not isinstance(named, dict) else []
    if isinstance(value, str):
        return [value]
    return [str(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []


def _address(text: str) -> str:
    """An address that browsers follow; any other is only part of the description."""
    is_one = re.fullmatch(r"https?://[^\s/?#]+\S*", text.strip())
    return text.strip() if is_one and len(text.strip()) <= LONGEST_URL else ""
