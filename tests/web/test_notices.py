"""The pages of notices."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.db import db
from booking.domain.stop_links import stop_token
from booking.models.outbox import OutboxItem
from booking.queries.received import received
from booking.services.outbox import address_notices
from tests.support.lives import NOW
from tests.support.visitors import send
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def told(app: Flask, world: World, book) -> int:
    """A booking that its team has been told of."""
    number = book()
    with app.app_context():
        address_notices(NOW)
    return number


def test_what_one_was_told_stands_in_the_page_until_it_is_read(as_, told: int):
    client = as_("lead")
    page = client.get("/notices").text
    assert f"Booking {told} is confirmed" in page
    assert "Notices (1 new)" in page

    send(client, "/notices/read")
    assert "(1 new)" not in client.get("/notices").text
    assert "Nothing new." in client.get("/notices?show=new").text
    assert "You have not been told of anything yet." in as_("rival").get("/notices").text


def test_a_notice_leads_to_what_it_is_about(app: Flask, as_, told: int, world: World):
    with app.app_context():
        number = received(db.session(), world.lead.user_id, limit=1)[0].id
    client = as_("lead")
    assert send(client, f"/notices/{number}/open").location == f"/bookings/{told}"
    assert "(1 new)" not in client.get("/notices").text
    assert send(as_("rival"), f"/notices/{number}/open").status_code == 404


def test_each_event_is_told_as_one_chooses(as_, told: int):
    client = as_("lead")
    form = {"hour": "20", "timezone": "Asia/Shanghai", "way-confirmed": "digest", "way-reminder": "page"}
    assert send(client, "/notices/preferences", form).status_code == 303
    page = client.get("/notices/preferences").text
    assert '<option selected value="20">20:00</option>' in page
    assert "Booking … is confirmed" in page
    assert page.count('value="digest" selected') == 1
    assert send(client, "/notices/preferences", {**form, "hour": "25"}).status_code == 422


def test_mail_is_stopped_by_one_press_without_signing_in(app: Flask, client: FlaskClient, world: World):
    address = f"/notices/stop/{stop_token(world.lead.user_id, 'confirmed', 'secret of the tests')}"
    assert "Shall there be no more mail" in client.get(address).text
    answer = app.test_client().post(address, data={"List-Unsubscribe": "One-Click"})
    assert "There will be no more mail of this kind" in answer.text
    assert client.get("/notices/stop/7.confirmed.forged").status_code == 404
    assert client.post("/notices/stop/7.confirmed.forged").status_code == 404


def test_somebody_who_looks_after_things_tests_the_mail(app: Flask, as_, world: World):
    answer = send(as_("admin"), "/notices/test-mail", follow_redirects=True)
    assert "no mail server is set" in answer.text
    with app.app_context():
        mail = db.session.scalars(select(OutboxItem).where(OutboxItem.event == "mail_test")).one()
    assert mail.destination == "mail:admin@example.org"
