"""Links that stop mail are nobody's to make but ours."""

import pytest

from booking.domain.errors import NotFound
from booking.domain.stop_links import read_stop_token, stop_token

TOKEN = stop_token(7, "confirmed", "a secret")


def test_a_link_says_whose_mail_of_what():
    assert read_stop_token(TOKEN, "a secret") == (7, "confirmed")


@pytest.mark.parametrize(
    "forged",
    ["", "7", "7.confirmed.", TOKEN + "0", TOKEN.replace("7.", "8.", 1), TOKEN.replace("confirmed", "reminder"),
     stop_token(7, "reset_password", "a secret"), "x.confirmed.y", "٧.confirmed.y", f"{'9' * 40}.confirmed.y",
     "7.confirmed.é"],
)  # fmt: skip
def test_what_nobody_signed_stops_nothing(forged: str):
    with pytest.raises(NotFound):
        read_stop_token(forged, "a secret")


def test_a_link_of_another_site_stops_nothing():
    with pytest.raises(NotFound):
        read_stop_token(TOKEN, "another secret")
