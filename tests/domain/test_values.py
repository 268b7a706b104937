"""A value with some fields changed is what the standard library makes of it."""

from dataclasses import replace

from booking.domain.values import altered
from tests.domain.examples import MONDAY, pool, situation


def test_an_altered_value_is_the_one_that_replacing_its_fields_gives():
    here, other = situation(pool(1)), pool(2)
    assert altered(here, now=MONDAY, resources={2: other}) == replace(here, now=MONDAY, resources={2: other})
    assert altered(other, slug="x", held=other.offer) == replace(other, slug="x", held=other.offer)
