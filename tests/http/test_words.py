"""Words: the language of answers, and the filters for instants, amounts and reasons."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.domain.refusals import Refusal
from booking.http.regions import region_name
from booking.http.words import hours, instant, instant_text, language, say
from tests.support.visitors import person, send, sign_in

AT = datetime(2026, 3, 2, 8, 5, 30, tzinfo=UTC)
CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}


@pytest.fixture
def app_settings():
    return {"DEFAULT_LANGUAGE": "en"}


def test_an_instant_names_its_zone_and_keeps_its_own_value(app: Flask):
    with app.test_request_context("/"):
        assert instant(AT, "Asia/Shanghai") == (
            '<time datetime="2026-03-02T08:05:30Z">2 Mar 2026 16:05 (Asia/Shanghai)</time>'
        )
        assert instant_text(AT) == "2 Mar 2026 08:05 (UTC)"


def test_a_region_is_called_as_the_reader_calls_it_and_an_unknown_one_as_it_was_typed(app: Flask):
    typed = ["Guangdong", "广东", "finland", "芬兰", "Hong Kong", "Silicon Fen", ""]
    with app.test_request_context("/"):
        known = ["Guangdong", "Guangdong", "Finland", "Finland", "Hong Kong", "Silicon Fen", ""]
        assert [region_name(each) for each in typed] == known
    with app.test_request_context("/", headers=CHINESE):
        known = ["广东", "广东", "芬兰", "芬兰", "香港", "Silicon Fen", ""]
        assert [region_name(each) for each in typed] == known


def test_the_hour_that_a_clock_shows_twice_says_which_it_is(app: Flask):
    with app.test_request_context("/"):
        first = instant_text(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Paris")
        second = instant_text(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Paris")
    assert first == "25 Oct 2026 02:30 (Europe/Paris, UTC+0200)"
    assert second == "25 Oct 2026 02:30 (Europe/Paris, UTC+0100)"


@pytest.mark.parametrize(
    ("unit_seconds", "text"),
    [
        (0, "0 GPU-hours"),
        (3600, "1 GPU-hours"),
        (5400, "1.5 GPU-hours"),
        (360, "0.1 GPU-hours"),
        (9, "0.0025 GPU-hours"),
        (3600 * 100_000, "100,000 GPU-hours"),
        (3600 * 1234 + 36, "1,234.01 GPU-hours"),
        (4800, "1 h 20 min GPU-hours"),
        (1, "1 s GPU-hours"),
        (-5400, "-1.5 GPU-hours"),
    ],
)
def test_an_amount_is_exact(app: Flask, unit_seconds: int, text: str):
    with app.test_request_context("/"):
        assert hours(unit_seconds) == text


def test_a_datasets_hours_are_hours_of_access(app: Flask):
    with app.test_request_context("/"):
        assert hours(7200, "dataset") == "2 access-hours"


def test_a_reason_has_its_numbers_and_instants_in_words(app: Flask):
    reason = Refusal(
        "capacity_exceeded", "Only %(free)s are free at %(at)s.", "", {"free": 12000, "at": "2026-03-02T08:05:00Z"}
    )
    with app.test_request_context("/"):
        assert say(reason) == "Only 12,000 are free at 2 Mar 2026 08:05 (UTC)."
        assert say(reason, "Asia/Shanghai") == "Only 12,000 are free at 2 Mar 2026 16:05 (Asia/Shanghai)."
        assert say("as it is, 100 %") == "as it is, 100 %"


def test_an_instant_reads_as_chinese_is_written(app: Flask):
    with app.test_request_context("/", headers=CHINESE):
        assert instant_text(AT, "Asia/Shanghai") == "2026年3月2日 16:05 (Asia/Shanghai)"


def test_a_browser_gets_the_language_it_likes_best_of_ours(client: FlaskClient):
    assert '<html lang="zh">' in client.get("/sign-in", headers=CHINESE).text
    assert '<html lang="en">' in client.get("/sign-in", headers={"Accept-Language": "fr, de;q=0.5"}).text
    assert '<html lang="en">' in client.get("/sign-in").text


def test_the_session_wins_over_the_browser_and_the_person_over_the_session(app: Flask, client: FlaskClient):
    send(client, "/language", {"language": "zh", "next": "/sign-in"})
    assert '<html lang="zh">' in client.get("/sign-in", headers={"Accept-Language": "en"}).text

    person(app)
    sign_in(client)
    send(client, "/language", {"language": "zh"})
    elsewhere = app.test_client()
    sign_in(elsewhere)
    assert '<html lang="zh">' in elsewhere.get("/account", headers={"Accept-Language": "en"}).text


def test_the_switch_leads_back_to_the_page_it_was_on(client: FlaskClient):
    answer = send(client, "/language", {"language": "zh", "next": "/register?a=1"})
    assert answer.location == "/register?a=1"


def test_a_language_that_is_not_ours_changes_nothing(client: FlaskClient):
    assert send(client, "/language", {"language": "../../etc"}).status_code == 303
    assert '<html lang="en">' in client.get("/sign-in").text


def test_pages_are_in_chinese_where_chinese_is_wanted(client: FlaskClient):
    page = client.get("/sign-in", headers=CHINESE).text
    assert "登录" in page
    assert "Forgot your password?" not in page


def test_a_program_is_answered_in_the_language_it_asks_for(app: Flask):
    with app.test_request_context("/api/v1/pools", headers=CHINESE):
        assert language() == "zh"


def test_outside_of_a_request_the_default_language_is_used(app: Flask):
    with app.app_context():
        assert language() == "en"
        assert instant_text(AT) == "2 Mar 2026 08:05 (UTC)"
