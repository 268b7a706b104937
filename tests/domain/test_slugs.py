"""Slugs and time zones, as people say them."""

import pytest

from booking.domain.errors import Invalid
from booking.domain.slugs import clean_slug
from booking.domain.timezones import clean_timezone


@pytest.mark.parametrize("slug", ["a", "news", "demo-a100", "64-gpus", "2026-03", "a" * 80])
def test_a_slug_stays_as_it_is(slug: str) -> None:
    assert clean_slug(slug) == slug


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "A", "a_b", "a--b", "-a", "a-", "a b", "a\n", "a\0", "ä",
        "１２３a", "12", "٣", "a/b", "../a", "new", "a" * 81,
    ],
)  # fmt: skip
def test_anything_else_is_no_slug(text: str) -> None:
    with pytest.raises(Invalid) as raised:
        clean_slug(text)
    assert raised.value.field == "slug"


@pytest.mark.parametrize("name", ["UTC", "Asia/Shanghai", "Europe/Paris", "Etc/GMT+5"])
def test_a_known_time_zone_stays_as_it_is(name: str) -> None:
    assert clean_timezone(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "utc ",
        "Mars/Phobos",
        "Asia",
        "../../etc/passwd",
        "/etc/localtime",
        "UTC\0",
        "localtime",
        "+08:00",
        "a" * 9999,
    ],
)
def test_any_other_name_is_no_time_zone(name: str) -> None:
    with pytest.raises(Invalid) as raised:
        clean_timezone(name, "zone")
    assert raised.value.field == "zone"
    assert len(str(raised.value)) < 150
