"""Rules of accounts."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.domain.accounts import clean_email, clean_name, clean_password, minutes_to_wait, same_password
from booking.domain.errors import Invalid

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_an_address_has_one_form():
    assert clean_email("  Ana.B+tag@Example.ORG ") == "ana.b+tag@example.org"


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "ana",
        "ana@",
        "@example.org",
        "ana@example",
        "ana@@example.org",
        "ana@example..org",
        ".ana@example.org",
        "ana@-example.org",
        "ana b@example.org",
        "ana@example.org\nBcc: all@example.org",
        "ana@example.org\0",
        "аna@example.org",  # the first letter is Cyrillic
        "a" * 65 + "@example.org",
        "a@" + "b." * 130 + "org",
    ],
)
def test_what_is_no_address_is_refused(wrong: str):
    with pytest.raises(Invalid) as refused:
        clean_email(wrong)
    assert refused.value.field == "email"


def test_a_name_is_one_line_of_what_can_be_seen():
    assert clean_name("  Ana \n María  ") == "Ana María"
    assert clean_name("王 小明") == "王 小明"


@pytest.mark.parametrize("wrong", ["", "   ", "a" * 201, "Ana\x07", "Ana\u202eanA", "\ud800"])
def test_a_name_that_hides_something_is_refused(wrong: str):
    with pytest.raises(Invalid):
        clean_name(wrong)


def test_exactly_ten_and_exactly_two_hundred_characters_make_a_password():
    assert clean_password("a" * 10)
    assert clean_password("a" * 200)
    for wrong in ("a" * 9, "a" * 201):
        with pytest.raises(Invalid):
            clean_password(wrong)


def test_a_password_is_the_same_on_every_keyboard():
    assert same_password("ｐａｓｓ e\u0301") == same_password("pass é")


def test_one_guess_under_the_limit_may_be_made_at_once():
    assert minutes_to_wait(9, NOW, 10, NOW) == 0


def test_at_the_limit_one_waits_until_the_oldest_guess_is_fifteen_minutes_old():
    assert minutes_to_wait(10, NOW, 10, NOW) == 15
    assert minutes_to_wait(10, NOW, 10, NOW + timedelta(minutes=14, seconds=1)) == 1
    assert minutes_to_wait(10, NOW, 10, NOW + timedelta(minutes=13, seconds=59)) == 2
