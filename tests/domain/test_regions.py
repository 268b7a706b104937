"""Regions have addresses, whatever script their names are in."""

from booking.domain.regions import region_slugs


def test_each_region_has_an_address_of_its_own() -> None:
    found = region_slugs(["Beijing", "上海", "Île-de-France", "New  Delhi", "new-delhi", "a/b?c=<d>", "–", "", "!"])
    assert found == {
        "Beijing": "beijing", "上海": "上海", "Île-de-France": "île-de-france", "New  Delhi": "new-delhi",
        "new-delhi": "new-delhi-2", "a/b?c=<d>": "a-b-c-d", "!": "region",
    }  # fmt: skip
