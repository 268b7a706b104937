"""Rates of calls."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking import create_app
from booking.domain.errors import TooMany
from booking.http.limits import Rate, parse

NOW = datetime(2026, 3, 2, 8, 0, 10, tzinfo=UTC)


def test_exactly_the_limit_is_allowed_and_the_rest_waits_for_the_next_window():
    rate = Rate(2, 60)
    rate.count("a", NOW)
    rate.count("a", NOW)
    with pytest.raises(TooMany) as refused:
        rate.count("a", NOW)
    assert refused.value.retry_after == 50
    rate.count("b", NOW)
    rate.count("a", NOW + timedelta(seconds=50))


def test_nothing_is_kept_of_a_window_that_is_over():
    rate = Rate(2, 60)
    for number in range(1000):
        rate.count(str(number), NOW)
    rate.count("a", NOW + timedelta(minutes=1))
    assert len(rate._counts) == 1


def test_a_rate_is_read_as_it_is_written():
    assert (parse("6000/minute").limit, parse("6000/minute").seconds) == (6000, 60)
    assert parse("5 / second").seconds == 1
    for wrong in ("6000", "a/minute", "5/fortnight", "-1/minute"):
        with pytest.raises(ValueError, match="API_RATE_LIMIT"):
            parse(wrong)


class TestCalls:
    @pytest.fixture
    def app_settings(self):
        return {"API_RATE_LIMIT": "2/day"}

    def test_each_token_has_its_own_share_and_pages_have_none(self, client: FlaskClient):
        one, other = {"Authorization": "Bearer one"}, {"Authorization": "Bearer other"}
        for _ in range(2):
            assert client.get("/api/v1/nothing", headers=one).status_code == 404
        limited = client.get("/api/v1/nothing", headers=one)
        assert (limited.status_code, limited.mimetype) == (429, "application/problem+json")
        assert 0 < int(limited.headers["Retry-After"]) <= 86_400
        assert client.get("/api/v1/nothing", headers=other).status_code == 404
        assert client.get("/api/v1/nothing").status_code == 404
        for _ in range(3):
            assert client.get("/sign-in").status_code == 200


def test_an_empty_setting_is_no_limit(app: Flask):
    def steps(rate: str) -> int:
        made = create_app({**app.config, "API_RATE_LIMIT": rate})
        return len(made.before_request_funcs[None])

    assert steps("") == steps("1/day") - 1
