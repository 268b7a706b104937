"""Descriptions of datasets come in many spellings; what describes none is refused with the reason."""

import json
from datetime import date
from typing import Any

import pytest

from booking.domain.croissant import Described, Own, numbered, read_croissant, written_croissant
from booking.domain.csv_lines import Unreadable


def described(**fields: Any) -> Described:
    return read_croissant(written(**fields))


def written(**fields: Any) -> bytes:
    given = {"@type": "sc:Dataset", "name": "City Radar", **{name.replace("AT", "@"): v for name, v in fields.items()}}
    return json.dumps(given).encode()


def test_a_description_is_read_with_all_that_it_says() -> None:
    found = described(
        description="A year.\n", url="https://x.example/r", version="1.0", license="CC-BY-4.0", citeAs="Somebody"
    )
    assert found == Described("City Radar", "A year.", "https://x.example/r", "1.0", "CC-BY-4.0", found.whole)
    assert found.whole["citeAs"] == "Somebody"


def test_what_is_not_said_is_empty() -> None:
    found = described()
    assert (found.description, found.url, found.version, found.licence) == ("", "", "", "")


@pytest.mark.parametrize(
    "kind", ["sc:Dataset", "Dataset", "schema:Dataset", "https://schema.org/Dataset", ["x", "sc:Dataset"]]
)
def test_a_dataset_may_be_called_so_in_several_ways(kind: Any) -> None:
    assert described(ATtype=kind).name == "City Radar"


@pytest.mark.parametrize(
    ("value", "licence"),
    [
        ("MIT", "MIT"),
        (["MIT", "Apache-2.0"], "MIT, Apache-2.0"),
        ({"@type": "sc:CreativeWork", "name": "CC BY 4.0", "url": "https://x.example"}, "CC BY 4.0"),
        ({"@id": "https://spdx.org/licenses/MIT"}, "https://spdx.org/licenses/MIT"),
        ([{"@value": "署名"}], "署名"),
        (None, ""),
        ({"name": {"deep": {}}}, ""),
    ],
)
def test_a_licence_may_be_written_in_several_ways(value: Any, licence: str) -> None:
    assert described(license=value).licence == licence


@pytest.mark.parametrize(("value", "version"), [("1.0.0", "1.0.0"), (2, "2"), (1.5, "1.5"), (True, ""), (None, "")])
def test_a_version_may_be_a_number(value: Any, version: str) -> None:
    assert described(version=value).version == version


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "doi:10.1/2", "https://", "http:// x", 7, None]
)
def test_only_an_address_that_browsers_follow_is_kept_as_one(url: Any) -> None:
    assert described(url=url).url == ""


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("COCO", "coco"),
        ("DICES-350_dataset", "dices-350-dataset"),
        ("  FLORES 200! ", "flores-200"),
        ("气象雷达", "dataset"),
        ("2014", "dataset-2014"),
        ("x" * 90, "x" * 80),
        ("y" * 79 + " z", "y" * 79),
    ],
)
def test_a_name_suggests_a_slug(name: str, slug: str) -> None:
    assert described(name=name).slug == slug


def test_a_slug_that_is_taken_gets_a_number_and_stays_short_enough() -> None:
    assert [numbered("coco", number) for number in (1, 2, 10)] == ["coco", "coco-2", "coco-10"]
    assert numbered("x" * 80, 12) == "x" * 77 + "-12"
    assert numbered("x" * 77 + "-yz", 2) == "x" * 77 + "-2"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Line 1 is not JSON: Expecting value."),
        (b'{"name": "x"\n,}', "Line 2 is not JSON: Expecting property name enclosed in double quotes."),
        (b"[]", "This is JSON, but no object that describes a dataset."),
        (b'"x"', "This is JSON, but no object that describes a dataset."),
        (b"\xff\xfe{\0", "This is not text in UTF-8."),
        (b'{"name": "\xe9"}', "This is not text in UTF-8."),
        (b"{}", "This cannot be blank."),
        (b'{"name": "  "}', "This cannot be blank."),
        (b'{"name": null}', "This cannot be blank."),
        (b'{"name": []}', "This cannot be blank."),
        (b'{"@type": "sc:Person", "name": "Ana"}', "This describes no dataset but sc:Person."),
        (b'{"name": "x", "n": NaN}', "NaN is no number."),
        (b'{"name": "x", "n": -Infinity}', "-Infinity is no number."),
        (b'{"name": "x", "n": 1e999}', "1e999 is too large a number."),
        (b'{"name": "a\\u0000b"}', "This contains a NUL character."),
        (b'{"name": "x", "deep": {"y": ["\\u0000"]}}', "This contains a NUL character."),
        (b'{"name": "a\\u202eb"}', "This contains characters that are not seen."),
        (b'{"name": "' + b"x" * 201 + b'"}', "This is longer than 200 characters."),
        (b'{"name": "x", "version": "' + b"1" * 81 + b'"}', "This is longer than 80 characters."),
        (b'{"name": "x", "n": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "This is nested too deeply."),
        (b'{"name": ' + b"[" * 900 + b'"x"' + b"]" * 900 + b"}", "This is nested too deeply."),
        (b'{"name": "x", "description": "' + b"x" * 50_000_000 + b'"}',
         "This is larger than 10 MB, so it is no description."),
    ],
    ids=lambda value: str(value[:40]),
)  # fmt: skip
def test_what_describes_no_dataset_is_refused_with_the_reason(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read_croissant(content)
    assert str(raised.value) == said


def test_everything_that_is_wrong_is_named_by_its_term() -> None:
    with pytest.raises(Unreadable) as raised:
        read_croissant(json.dumps({"version": "1" * 81, "license": "x" * 999}).encode())
    said = [(each.field, str(each)) for each in (raised.value, *raised.value.others)]
    assert said[0] == ("name", "This cannot be blank.")
    assert [field for field, _ in said] == ["name", "version", "license"]


def test_half_of_a_character_cannot_be_kept() -> None:
    with pytest.raises(Unreadable, match="half of a character"):
        read_croissant(b'{"name": "x", "y": "\\ud800"}')


def test_a_byte_order_mark_is_no_part_of_the_description() -> None:
    assert read_croissant(b"\xef\xbb\xbf" + written()).name == "City Radar"


@pytest.mark.parametrize(
    "fields",
    [
        {"AT@context": "https://x.example/c.jsonld"},
        {"AT@context": [{"sc": "https://schema.org/"}, "https://x.example/c.jsonld"]},
        {"AT@context": {"@import": "https://x.example/c.jsonld"}},
        {"creator": [{"name": "Ana", "@context": "https://x.example/c.jsonld"}]},
    ],
)
def test_a_description_that_cannot_be_read_without_the_network_is_refused(fields: dict[str, Any]) -> None:
    given = {"name": "x", **{name.removeprefix("AT"): value for name, value in fields.items()}}
    with pytest.raises(Unreadable, match=r"cannot be understood without https://x\.example/c\.jsonld"):
        read_croissant(json.dumps(given).encode())


def own(came: Described | None = None, **changed: Any) -> Own:
    """What the product says of what came, or of a dataset of its own."""
    said = came or Described("Radar", "", "", "", "", {})
    words = {"name": said.name, "description": said.description, "url": said.url, "version": said.version,
             "licence": said.licence, "publisher": "North", "cited": "North. Radar", "published": date(2026, 3, 2),
             "page": "https://here.example/datasets/radar", "whole": came.whole if came else None}  # fmt: skip
    return Own(**{**words, **changed})


def test_what_came_goes_out_again_whole_and_with_the_words_that_readers_need() -> None:
    came = described(keywords=["a"], recordSet=[{"@id": "r"}], **{"sc:license": {"name": "CC BY 4.0"}, "ATcontext": {}})
    out = written_croissant(own(came))
    assert out.items() >= {name: value for name, value in came.whole.items() if name != "@context"}.items()
    assert out["@context"]["@language"] == "en"


def test_what_was_changed_here_since_goes_out_as_it_stands_now() -> None:
    came = described(**{"sc:license": {"name": "CC BY 4.0"}}, version="1.0.0", citeAs="Somebody")
    out = written_croissant(own(came, name="City radar", licence="MIT"))
    assert (out["name"], out["sc:license"], out["version"], out["citeAs"]) == (
        "City radar", "MIT", "1.0.0", "Somebody",
    )  # fmt: skip
    assert "license" not in out


def test_a_dataset_of_our_own_is_described_with_its_address_here() -> None:
    out = written_croissant(own())
    assert (out["name"], out["url"]) == ("Radar", "https://here.example/datasets/radar")
    assert read_croissant(json.dumps(out).encode()).name == "Radar"
    assert "license" not in out
