"""Calls on activities and courses: announced, taken part in, completed, and what cannot be meant."""

from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient

from tests.support.world import build_world

NEXT = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
ACTIVITY = {
    "name": "Safety, Monday", "slug": "safety-1", "organisation": "north", "kind": "training", "region": "Beijing",
    "place": "Room 2", "starts_at": f"{NEXT:%Y-%m-%dT%H:%M:%SZ}", "places": 1, "course": "safety",
    "ends_at": f"{NEXT + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}",
}  # fmt: skip


def test_a_course_its_session_and_who_completes_it(app: Flask, client: FlaskClient) -> None:
    world = build_world(app)

    def call(who: str, path: str, body: object = None, method: str = "POST"):
        return client.open(f"/api/v1{path}", method=method, json=body, headers=world.bearer(who))

    course = {"name": "Safety", "slug": "safety", "organisation": "north", "valid_days": 30}
    assert call("lead", "/courses", course).status_code == 403
    assert call("operator", "/courses", course).status_code == 201
    assert call("operator", "/courses", course).status_code == 409
    assert call("operator", "/courses", {**course, "slug": "other", "valid_days": 0}).status_code == 422
    assert call("operator", "/activities", {**ACTIVITY, "kind": "contest"}).json["errors"][0]["field"] == "course"
    assert call("operator", "/activities", {**ACTIVITY, "ends_at": ACTIVITY["starts_at"]}).status_code == 422
    assert call("operator", "/activities", ACTIVITY).status_code == 201
    (session,) = client.get("/api/v1/courses/safety/sessions").json["items"]
    assert (session["id"], session["free"], session["course"]) == ("safety-1", 1, "safety")

    assert call("lead", "/activities/safety-1/enrolments").json["state"] == "enrolled"
    full = call("rival", "/activities/safety-1/enrolments")
    assert (full.status_code, full.json["refusals"][0]["code"]) == (409, "capacity_exceeded")
    assert call("rival", "/activities/safety-1/enrolments", {"waits": True}).json["state"] == "waiting"
    seen = call("rival", "/activities/safety-1/enrolments", method="GET").json["items"]
    assert [one["person"] for one in seen] == ["rival@example.org"]
    assert len(call("operator", "/activities/safety-1/enrolments", method="GET").json["items"]) == 2
    assert call("lead", "/activities/safety-1/places", {"places": 2}).status_code == 403
    assert call("operator", "/activities/safety-1/places", {"places": 2}).json["waiting"] == 0
    assert call("lead", "/activities/safety-1/leave").json["state"] == "left"

    done = call("operator", "/courses/safety/completions", {"email": "lead@example.org"})
    assert done.status_code == 201
    assert len(call("lead", "/courses/safety/completions", method="GET").json["items"]) == 1
    assert call("lead", f"/completions/{done.json['id']}/revoke", {"reason": "x"}).status_code == 404
    assert call("operator", f"/completions/{done.json['id']}/revoke", {"reason": "Not she"}).json["revoked_at"]
    assert call("operator", "/activities/safety-1/cancel", {"reason": "No trainer"}).json["cancelled_at"]
