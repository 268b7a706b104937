"""What every answer carries, and what is refused before any page looks at it."""

import json
import re

import pytest
from flask import Flask, jsonify, request
from flask.testing import FlaskClient

from tests.support.visitors import send


@pytest.fixture
def app_settings():
    return {"MAX_BODY_BYTES": 10_000}


@pytest.fixture
def app(app: Flask) -> Flask:
    """A call that answers with what it was sent."""
    app.add_url_rule("/api/v1/echo", "echo", lambda: jsonify(request.get_json()), methods=["POST"])
    return app


def test_a_page_may_load_only_what_is_ours(client: FlaskClient):
    policy = client.get("/sign-in").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy


def test_each_answer_has_a_nonce_of_its_own(client: FlaskClient):
    nonces = {
        re.search("nonce-([^']+)", client.get("/sign-in").headers["Content-Security-Policy"])[1] for _ in range(5)
    }
    assert len(nonces) == 5


def test_pages_are_kept_by_nobody_and_guessed_by_nobody(client: FlaskClient):
    headers = client.get("/sign-in").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert {"Cookie", "Accept-Language"} <= {name.strip() for name in headers["Vary"].split(",")}


def test_files_may_be_kept(client: FlaskClient):
    with client.get("/static/site.css") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client: FlaskClient):
    cookie = client.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


class TestOverHttps:
    @pytest.fixture
    def app_settings(self):
        return {"SECURE_COOKIES": True, "TRUSTED_PROXIES": 1}

    def test_cookies_travel_encrypted(self, client: FlaskClient):
        answer = client.get("/sign-in", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"})
        assert "Secure" in answer.headers["Set-Cookie"]
        assert answer.headers["Strict-Transport-Security"]

    def test_the_proxy_in_front_is_believed(self, app: Flask, client: FlaskClient):
        app.add_url_rule("/seen", "seen", lambda: jsonify(request.remote_addr, request.scheme))
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9, 192.0.2.1"}
        assert client.get("/seen", headers=headers).json == ["192.0.2.1", "https"]


def test_a_request_keeps_the_name_it_came_with_if_that_is_harmless(client: FlaskClient):
    assert client.get("/", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    for wrong in ("<script>", "a" * 81, ""):
        assert re.fullmatch("[0-9a-f]{16}", client.get("/", headers={"X-Request-ID": wrong}).headers["X-Request-ID"])


@pytest.mark.parametrize("address", ["/sign-in?next=%00", "/sign-in?%00=1", "/api/v1/echo?q=a%00b"])
def test_nul_in_a_query_is_refused(client: FlaskClient, address: str):
    assert client.get(address).status_code == 422


def test_nul_in_a_path_is_nowhere(client: FlaskClient):
    assert client.get("/sign-in%00").status_code == 404


def test_nul_in_a_form_is_refused_by_name(client: FlaskClient):
    answer = send(client, "/sign-in", {"email": "a\0b", "password": "x"})
    assert answer.status_code == 422
    assert "NUL" in answer.text


def test_nul_in_json_is_refused_and_a_text_about_it_is_not(client: FlaskClient):
    for wrong in ("a\0b", "\0", "\\\0"):
        assert client.post("/api/v1/echo", json={"a": [wrong]}).status_code == 422
    fine = {"a": "\\u0000 is how NUL is written"}
    assert client.post("/api/v1/echo", data=json.dumps(fine), content_type="application/json").json == fine


@pytest.mark.parametrize("address", ["/api/v1/echo", "/sign-in", "/nothing", "/api/v1/nothing"])
def test_a_large_body_is_refused_unread(client: FlaskClient, address: str):
    answer = client.post(address, data=b"x" * 10_001, content_type="application/json")
    assert answer.status_code == 413


def test_the_largest_body_is_read(client: FlaskClient):
    body = json.dumps("x" * 9_998)
    assert len(body) == 10_000
    assert client.post("/api/v1/echo", data=body, content_type="application/json").status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 9_000, b"1" * 9_000, b"nan", b'{"a": NaN}', b"Infinity"]
)
def test_what_is_no_json_is_a_bad_request(client: FlaskClient, body: bytes):
    answer = client.post("/api/v1/echo", data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_another_kind_of_body_is_not_taken(client: FlaskClient):
    assert client.post("/api/v1/echo", data={"a": "b"}).status_code == 415
