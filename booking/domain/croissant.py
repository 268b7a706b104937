"""Croissant: descriptions of datasets in the JSON-LD vocabulary of MLCommons (versions 0.8 and 1.0)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, NoReturn

from booking.domain.csv_lines import BOM, Unreadable
from booking.domain.errors import Invalid
from booking.domain.facilities import LONGEST_DESCRIPTION
from booking.domain.lines import LONGEST_LINE, clean_line
from booking.domain.listings import LONGEST_URL
from booking.domain.slugs import LONGEST_SLUG
from booking.domain.texts import clean_text

LONGEST_VERSION = 80
LARGEST_DESCRIPTION = 10_000_000
"""Bytes; what is larger is data, not a description of any."""

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
    """The dataset that a file describes; raises Unreadable, saying all that is wrong, where it describes none."""
    whole = _object(content)
    for address in _fetched_contexts(whole):
        raise Unreadable(
            "It cannot be understood without %(address)s, and nothing is fetched. Write the context into the file.",
            {"address": address[:200]},
            field="@context",
        )
    try:
        kinds = [word for kind in _several(whole.get("@type")) for word in PREFIXES if kind == f"{word}Dataset"]
        if "@type" in whole and not kinds:
            said = {"kind": str(whole["@type"])[:80]}
            raise Unreadable("This describes no dataset but %(kind)s.", said, field="@type")
        wrong = list(_wrong(whole))
        if wrong:
            first, *others = wrong
            raise Unreadable(first.message, first.numbers, field=first.field, others=others)
        return _described(whole)
    except RecursionError:
        raise _too_deep() from None


def _wrong(whole: Mapping[str, Any]) -> Iterator[Invalid]:
    """Everything that keeps a description from being kept, by its terms."""
    for term, clean in _CLEAN.items():
        try:
            clean(_text(whole, term))
        except Invalid as invalid:
            yield Invalid(term, invalid.message, invalid.numbers)


def _described(whole: Mapping[str, Any]) -> Described:
    words = {term: clean(_text(whole, term)) for term, clean in _CLEAN.items()}
    return Described(
        name=words["name"],
        description=words["description"],
        url=_address(_text(whole, "url")),
        version=words["version"],
        licence=words["license"],
        whole=whole,
    )


_CLEAN: Mapping[str, Callable[[str], str]] = {
    "name": partial(clean_line, field="name"),
    "description": partial(clean_text, field="description", most=LONGEST_DESCRIPTION),
    "version": partial(clean_line, field="version", most=LONGEST_VERSION, least=0),
    "license": partial(clean_line, field="license", most=LONGEST_LINE, least=0),
}


def _too_deep() -> Unreadable:
    return Unreadable("This is nested too deeply.")


def _object(content: bytes) -> dict[str, Any]:
    if len(content) > LARGEST_DESCRIPTION:
        most = LARGEST_DESCRIPTION // 1_000_000
        raise Unreadable("This is larger than %(most)s MB, so it is no description.", {"most": most})
    try:
        text = content.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("This is not text in UTF-8.") from None
    try:
        whole = json.loads(text, parse_constant=_no_number, parse_float=_finite)
        # What cannot be written again cannot be kept: half of a character that takes two.
        written = json.dumps(whole, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        said = {"line": error.lineno, "why": error.msg}
        raise Unreadable("Line %(line)s is not JSON: %(why)s.", said) from None
    except RecursionError:
        raise _too_deep() from None
    except UnicodeEncodeError:
        raise Unreadable("This contains half of a character.") from None
    except ValueError as error:
        raise Unreadable("This cannot be kept: %(why)s.", {"why": str(error)}) from None
    if b"\\u0000" in written:
        raise Unreadable("This contains a NUL character.")
    if not isinstance(whole, dict):
        raise Unreadable("This is JSON, but no object that describes a dataset.")
    return whole


def _fetched_contexts(whole: Any) -> Iterator[str]:
    """Addresses without which the file cannot be understood, wherever it names them; nothing is ever fetched."""
    todo = [whole]
    while todo:
        one = todo.pop()
        if isinstance(one, list):
            todo += one
        elif isinstance(one, dict):
            contexts = one.get("@context", [])
            yield from (each for each in (contexts if isinstance(contexts, list) else [contexts])
                        if isinstance(each, str))  # fmt: skip
            if isinstance(one.get("@import"), str):
                yield one["@import"]
            todo += one.values()


def _no_number(text: str) -> NoReturn:
    raise Unreadable("%(text)s is no number.", {"text": text})


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Unreadable("%(text)s is too large a number.", {"text": text[:80]})
    return number


def _text(whole: Mapping[str, Any], term: str) -> str:
    """What a term says, under whichever prefix, as one text; several values are joined."""
    return ", ".join(filter(None, _several(whole.get(_spelt(whole, term)))))


def _spelt(whole: Mapping[str, Any], term: str) -> str:
    """How a description spells a term."""
    return next((f"{prefix}{term}" for prefix in PREFIXES if f"{prefix}{term}" in whole), term)


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


CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "citeAs": "cr:citeAs",
    "conformsTo": "dct:conformsTo",
}


@dataclass(frozen=True, slots=True)
class Own:
    """What the product itself says of a dataset; `page` is its address here, `whole` what it was imported from."""

    name: str
    description: str
    url: str
    version: str
    licence: str
    publisher: str
    cited: str
    published: date
    page: str
    whole: Mapping[str, Any] | None = None


def written_croissant(own: Own) -> dict[str, Any]:
    """A dataset as Croissant: as it came, with what was changed here since; or made of what is known here."""
    return _made(own) if own.whole is None else _brought_up_to_date(own, own.whole)


def _brought_up_to_date(own: Own, whole: Mapping[str, Any]) -> dict[str, Any]:
    came, written = _described(whole), _complete(whole)
    said = {
        "name": (own.name, came.name),
        "description": (own.description, came.description),
        "url": (own.url, came.url),
        "version": (own.version, came.version),
        "license": (own.licence, came.licence),
    }
    for term, (now, then) in said.items():
        if now != then:
            written[_spelt(whole, term)] = now
    return written


def _complete(whole: Mapping[str, Any]) -> dict[str, Any]:
    """All that a description says, with the words that readers of Croissant need where it has none of its own."""
    given = whole.get("@context")
    contexts = [each for each in (given if isinstance(given, list) else [given]) if isinstance(each, dict)]
    merged = {term: meaning for each in contexts for term, meaning in each.items()}
    return {
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        **whole,
        "@context": {**CONTEXT, **merged},
    }


def _made(own: Own) -> dict[str, Any]:
    known = {"license": own.licence, "version": own.version}
    return {
        "@context": dict(CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": own.name,
        "description": own.description or own.name,
        "url": own.url or own.page,
        "citeAs": own.cited,
        "creator": {"@type": "sc:Organization", "name": own.publisher},
        "publisher": {"@type": "sc:Organization", "name": own.publisher},
        "datePublished": own.published.isoformat(),
        **{term: value for term, value in known.items() if value},
    }
