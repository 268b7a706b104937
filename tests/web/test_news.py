"""News of the catalogue, as programs that read Atom fetch them."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from booking.domain.capacity_changes import NewChange
from booking.services.capacity import add_capacity
from booking.services.outcomes import review_outcome
from tests.support.booking_form import change_row
from tests.support.outcomes import submitted
from tests.support.world import World, build_world

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _at_eight():
    with time_machine.travel(NOW, tick=False):
        yield


def entries(client: FlaskClient) -> list[tuple[str | None, str | None, str]]:
    """Title, summary and address of each entry."""
    answer = client.get("/news.atom")
    assert answer.mimetype == "application/atom+xml"
    found = ElementTree.fromstring(answer.data).findall(f"{ATOM}entry")
    return [
        (one.findtext(f"{ATOM}title"), one.findtext(f"{ATOM}summary"), one.find(f"{ATOM}link").attrib["href"])
        for one in found
    ]


def test_the_newest_is_first_and_what_is_a_draft_is_no_news(app: Flask, client: FlaskClient) -> None:
    world: World = build_world(app)
    change_row(app, world.other_pool, state="draft")
    with app.app_context():
        case = submitted(world, NOW)
        review_outcome(case, "publish", actor=world.people["reviewer"], now=NOW - HOUR)
        for new in (
            NewChange(-8, NOW + HOUR, NOW + 3 * HOUR, "<b>cooling</b> repair"),
            NewChange("closed", NOW + 9 * HOUR, None, "moving house"),
        ):
            add_capacity(world.POOL, new, actor=world.operator, now=NOW)
        secret = NewChange(-1, NOW, None, "secret")
        add_capacity(world.OTHER_POOL, secret, actor=world.people["other_operator"], now=NOW)
    found = entries(client)
    assert [title for title, _words, _address in found[:2]] == ["NORTH-A100 is closed", "NORTH-A100: 8 GPUs fewer"]
    assert found[0][1] == "From 3 Mar 2026 01:00 (Asia/Shanghai) until further notice: moving house"
    assert found[1][1].endswith("2 Mar 2026 19:00 (Asia/Shanghai): <b>cooling</b> repair")
    assert found[0][2] == "http://localhost/pools/north-a100"
    assert found[2][2] == f"http://localhost/outcomes/{case}"
    assert "NORTH-A100 can be booked" in {title for title, _words, _address in found[2:]}
    assert "secret" not in client.get("/news.atom").text
    assert 'href="/news.atom"' in client.get("/catalogue").text
