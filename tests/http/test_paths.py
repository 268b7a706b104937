"""What a path says."""

import pytest

from booking.domain.errors import NotFound
from booking.http.paths import is_local, parse_id


def test_an_id_is_a_number_that_a_database_can_hold():
    assert parse_id("1", "booking") == 1
    assert parse_id(str(2**63 - 1), "booking") == 2**63 - 1


@pytest.mark.parametrize("text", ["", "0", "-1", "1.0", "x", "１", "²", str(2**63), "9" * 30, "1 "])
def test_anything_else_is_an_id_of_nothing(text: str):
    with pytest.raises(NotFound):
        parse_id(text, "booking")


@pytest.mark.parametrize("address", ["/", "/bookings?team=1&x=//a", "/a#b"])
def test_a_path_of_ours_is_local(address: str):
    assert is_local(address)


@pytest.mark.parametrize(
    "address", ["", "a", "//a", "/\\a", "\\/a", "http://a", "http:a", "/a\nb", "/\x7f/a", "javascript:1", "/\\\\a"]
)
def test_anything_that_may_lead_elsewhere_is_not(address: str):
    assert not is_local(address)
