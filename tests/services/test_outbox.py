"""The outbox on both databases: delivered in order, tried again, parked, never dropped."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from booking.changes.outbox import row, tell, tell_all
from booking.db import transaction
from booking.domain.jobs import JobResult
from booking.domain.notices import Letter
from booking.domain.outbox import LEASE, MOST_ATTEMPTS, Permanent, Temporary, Unreachable
from booking.services.outbox import deliver_due
from tests.support.outbox import ANA, BEA, CLEO, NOW, Postman, items, statements, write


@pytest.fixture(autouse=True)
def _in_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def test_mail_that_arrived_is_not_sent_again():
    write(ANA, link_token="abc")
    postman = Postman()

    assert deliver_due(NOW, mail=postman) == JobResult(items=1)
    assert deliver_due(NOW, mail=postman) == JobResult()

    assert postman.addresses == [ANA]
    (item,) = items()
    assert (item.state, item.delivered_at is not None, item.attempts) == ("delivered", True, 1)


def test_a_link_that_opens_an_account_is_not_kept():
    write(ANA, link_token="abc")

    deliver_due(NOW, mail=Postman())

    assert items()[0].payload == {}


def test_without_a_mail_server_mail_waits_as_it_is():
    write(ANA)

    assert deliver_due(NOW, mail=None) == JobResult()

    (item,) = items()
    assert (item.state, item.attempts, item.leased_until) == ("waiting", 0, None)


def test_one_bad_address_does_not_stop_the_batch():
    for address in (ANA, BEA, CLEO):
        write(address)
    postman = Postman({BEA: Permanent("550 no such mailbox")})

    result = deliver_due(NOW, mail=postman)

    assert postman.addresses == [ANA, CLEO]
    assert (result.items, len(result.errors)) == (2, 1)
    (bad,) = items(destination=f"mail:{BEA}")
    assert (bad.state, bad.attempts, bad.last_error) == ("parked", 1, "550 no such mailbox")


@pytest.mark.parametrize("fault", [Temporary("451 later"), KeyError("nobody thought of it")])
def test_what_fails_is_tried_again_after_its_pause(fault: Exception):
    write(ANA)
    write(BEA)
    postman = Postman({ANA: fault})

    deliver_due(NOW, mail=postman)
    deliver_due(NOW + timedelta(seconds=29), mail=postman)
    assert postman.tried == [ANA, BEA]

    del postman.fails[ANA]
    deliver_due(NOW + timedelta(seconds=40), mail=postman)
    assert postman.addresses == [BEA, ANA]
    assert items(destination=f"mail:{ANA}")[0].attempts == 2


def test_a_server_that_cannot_be_reached_is_asked_once_a_run():
    for address in (ANA, BEA, CLEO):
        write(address)
    postman = Postman(dict.fromkeys((ANA, BEA, CLEO), Unreachable("connection refused")))

    result = deliver_due(NOW, mail=postman)

    assert postman.tried == [ANA]
    assert len(result.errors) == 1
    assert [item.attempts for item in items()] == [1, 0, 0]
    assert {item.leased_until for item in items()} == {None}


def test_a_server_that_was_down_for_two_days_gets_everything_within_the_hour_after():
    for address in (ANA, BEA, CLEO):
        write(address)
    postman = Postman(dict.fromkeys((ANA, BEA, CLEO), Unreachable("connection refused")))
    for minutes in range(0, 2 * 24 * 60, 20):
        deliver_due(NOW + timedelta(minutes=minutes), mail=postman)

    postman.fails.clear()
    for minutes in range(0, 61, 20):
        deliver_due(NOW + timedelta(days=2, minutes=minutes), mail=postman)

    assert sorted(postman.addresses) == [ANA, BEA, CLEO]


def test_what_keeps_failing_is_parked_and_stays_to_be_seen():
    write(ANA)
    postman = Postman({ANA: Temporary("451 later")})
    moment = NOW
    for _ in range(MOST_ATTEMPTS):
        deliver_due(moment, mail=postman)
        moment += timedelta(hours=1, seconds=1)

    (item,) = items()
    assert (item.state, item.attempts, item.last_error) == ("parked", MOST_ATTEMPTS, "451 later")
    deliver_due(moment, mail=postman)
    assert len(postman.tried) == MOST_ATTEMPTS


def test_nothing_overtakes_on_the_way_to_one_destination_about_one_subject():
    write(ANA, "booking:1", "pending", audience="member")
    write(ANA, "booking:1", "confirmed", audience="member")
    write(ANA, "booking:2", "confirmed", audience="member")
    write(BEA, "booking:1", "confirmed", audience="member")
    postman = Postman({ANA: Temporary("451 later")})

    deliver_due(NOW, mail=postman)
    assert postman.tried == [ANA, ANA, BEA], "the first of each subject, and who is not concerned"

    postman.fails.clear()
    deliver_due(NOW + timedelta(minutes=1), mail=postman)
    heard = [letter.notice.event for letter in postman.letters if letter.thread == "booking:1"]
    assert heard == ["confirmed", "pending", "confirmed"]


def test_a_parked_item_holds_up_its_own_subject_only():
    write(ANA, "booking:1", "pending", audience="member")
    postman = Postman({ANA: Permanent("550 no")})
    deliver_due(NOW, mail=postman)
    write(ANA, "booking:1", "confirmed", audience="member")
    write(ANA, "booking:2", "confirmed", audience="member")
    write(BEA, "booking:1", "confirmed", audience="member")
    postman.fails.clear()

    deliver_due(NOW, mail=postman)

    assert [(letter.reader.address, letter.thread) for letter in postman.letters] == [
        (ANA, "booking:2"), (BEA, "booking:1"),
    ]  # fmt: skip


def test_the_three_hours_that_nobody_delivered_are_caught_up_once_and_in_order():
    for number in range(20):
        write(ANA, "booking:1", "changed", audience="member", reason=str(number))
    postman = Postman()

    deliver_due(NOW + timedelta(hours=3), mail=postman)
    deliver_due(NOW + timedelta(hours=3), mail=postman)

    assert [letter.notice.reason for letter in postman.letters] == [str(number) for number in range(20)]


class Dying(Postman):
    """Sends a letter and dies before anyone can write that down."""

    def send(self, letter: Letter) -> None:
        super().send(letter)
        raise SystemExit


def test_mail_that_may_have_arrived_before_a_crash_is_sent_again_under_the_same_id():
    write(ANA)
    dying, heir = Dying(), Postman()
    with pytest.raises(SystemExit):
        deliver_due(NOW, mail=dying)

    deliver_due(NOW + LEASE - timedelta(seconds=1), mail=heir)
    assert heir.letters == [], "the lease of the dead one still holds"
    deliver_due(NOW + LEASE + timedelta(seconds=1), mail=heir)

    assert [letter.stable_id for letter in heir.letters] == [letter.stable_id for letter in dying.letters]


def test_a_failure_that_is_reported_after_the_lease_has_passed_on_changes_nothing():
    write(ANA)

    class Slow(Postman):
        def send(self, letter: Letter) -> None:
            deliver_due(NOW + LEASE + timedelta(seconds=1), mail=heir)
            raise Permanent("550 too late to say so")

    heir = Postman()
    deliver_due(NOW, mail=Slow())

    assert heir.addresses == [ANA]
    assert items()[0].state == "delivered"


def test_what_is_told_leaves_only_if_the_transaction_commits():
    with transaction() as session:
        tell(session, destination="notices", subject="booking:1", event="confirmed", payload={}, now=NOW)
        session.rollback()

    assert items() == []


def test_many_things_are_told_by_one_statement():
    rows = [row("mail:" + address, "user:1", "confirm_email", {}, now=NOW) for address in (ANA, BEA, CLEO)]

    with transaction() as session, statements() as sent:
        tell_all(session.connection(), rows)
        tell_all(session.connection(), [])

    assert len(sent) == 1
    assert len({item.stable_id for item in items()}) == 3
