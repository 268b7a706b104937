"""How people are told: at once, in a summary a day, or in the page alone; each exactly once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from booking.db import db
from booking.domain.digests import Preferences
from booking.domain.errors import NotFound
from booking.domain.jobs import JobResult
from booking.domain.notices import Way
from booking.domain.stop_links import stop_token
from booking.queries.received import preferences_of, received, unread_count
from booking.services.outbox import address_notices, deliver_due
from booking.services.received import choose_ways, read_notices, send_digests, stop_by_link
from tests.support.mail import MailServer
from tests.support.outbox import NOW, book, destinations, happen, items
from tests.support.processes import application, meet, together
from tests.support.world import World, build_world

EVENING = Preferences(20, "Asia/Shanghai", {"confirmed": Way.DIGEST, "reminder": Way.PAGE, "active": Way.DIGEST})
AT_EIGHT = NOW.replace(hour=12)  # in the evening, in Shanghai
SECRET = "secret of the tests"


@pytest.fixture(autouse=True)
def world(app: Flask) -> Iterator[World]:
    """A world in which the lead wants a summary in the evening, and the member mail at once."""
    world = build_world(app)
    with app.app_context():
        choose_ways(EVENING, actor=world.lead)
        yield world


def listed(world: World, name: str = "lead") -> list[tuple[str, str]]:
    found = received(db.session(), world.people[name].user_id, limit=50)
    return [(one.part.notice.event, one.way.value) for one in found]


def test_everybody_is_told_in_the_way_that_they_chose(world: World):
    booking_id = book(world)
    happen("reminder", f"booking:{booking_id}")
    address_notices(NOW)

    assert destinations("confirmed") == ["mail:member@example.org"]
    assert destinations("reminder") == ["mail:member@example.org"]
    assert listed(world) == [("reminder", "page"), ("confirmed", "digest")]
    assert listed(world, "member") == [("reminder", "mail"), ("confirmed", "mail")]


def test_a_summary_is_written_once_at_its_hour_with_all_that_waited(world: World):
    booking_id = book(world)
    happen("active", f"booking:{booking_id}")
    address_notices(NOW)

    assert send_digests(AT_EIGHT - timedelta(seconds=1)) == JobResult()
    assert send_digests(AT_EIGHT) == JobResult(items=1)
    assert send_digests(AT_EIGHT + timedelta(hours=1)) == JobResult()
    assert send_digests(AT_EIGHT + timedelta(days=1)) == JobResult()

    (mail,) = items(event="digest")
    assert mail.destination == "mail:lead@example.org"
    assert [event for event, _ in mail.payload["parts"]] == ["confirmed", "active"]


def test_what_comes_after_a_summary_waits_for_the_next(world: World):
    book(world)
    address_notices(NOW)
    send_digests(AT_EIGHT)
    book(world, units=1)
    address_notices(AT_EIGHT + timedelta(minutes=1))

    assert send_digests(AT_EIGHT + timedelta(minutes=2)) == JobResult()
    assert send_digests(AT_EIGHT + timedelta(days=1)) == JobResult(items=1)
    assert len(items(event="digest")) == 2


def write(database_url: str) -> int:
    with application(database_url):
        meet()
        return send_digests(AT_EIGHT).items


def test_of_two_processes_that_write_summaries_at_once_one_does(world: World, database_url: str):
    book(world)
    address_notices(NOW)

    assert sum(together(write, database_url)) == 1
    assert len(items(event="digest")) == 1


def test_a_link_stops_one_kind_of_mail_and_leaves_it_in_the_page(world: World):
    stop_by_link(stop_token(world.member.user_id, "confirmed", SECRET), secret=SECRET)
    book(world)
    address_notices(NOW)

    assert destinations("confirmed") == []
    assert listed(world, "member") == [("confirmed", "page")]
    with pytest.raises(NotFound):
        stop_by_link("forged", secret=SECRET)


def test_the_link_of_a_summary_stops_summaries(world: World):
    book(world)
    address_notices(NOW)
    stop_by_link(stop_token(world.lead.user_id, "digest", SECRET), secret=SECRET)

    assert send_digests(AT_EIGHT) == JobResult()
    assert set(preferences_of(db.session(), world.lead.user_id).ways.values()) == {Way.PAGE}


def test_notices_are_read_one_by_one_or_all_and_only_by_their_reader(world: World):
    for _ in range(3):
        book(world, units=1)
    address_notices(NOW)
    lead, member = world.lead, world.member
    own = [one.id for one in received(db.session(), lead.user_id, limit=9)]

    assert read_notices(own[:1], actor=lead, now=NOW) == 2
    assert read_notices(own, actor=member, now=NOW) == 3, "those of somebody else"
    assert read_notices(None, actor=lead, now=NOW) == 0
    assert unread_count(db.session(), member.user_id) == 3


def test_notices_are_forgotten_after_half_a_year(world: World):
    book(world)
    address_notices(NOW)
    send_digests(NOW + timedelta(days=181))
    assert listed(world) == []


def test_a_summary_arrives_at_a_real_mail_server_in_its_readers_language(
    app: Flask, world: World, smtp_server: MailServer, database_url: str
):
    book(world)
    address_notices(NOW)
    send_digests(AT_EIGHT)
    with application(database_url, smtp_server.url) as other:
        deliver_due(AT_EIGHT, mail=other.extensions["booking.connectors"]["mail"])
        deliver_due(AT_EIGHT + timedelta(days=1), mail=other.extensions["booking.connectors"]["mail"])

    (message,) = smtp_server.to("lead@example.org")
    assert message["Subject"] == "What happened in the last day"
    assert "is confirmed" in message.get_body(("plain",)).get_content()
    assert "/notices/stop/" in message["List-Unsubscribe"]
