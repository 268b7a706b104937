"""The pages of bookings: one's teams' list, one booking with its buttons, and the form that changes it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from booking.db import transaction
from booking.models.bookings import Booking as Row
from booking.models.bookings import Claim
from booking.models.capacity import Displacement
from booking.services import booking_moves, due_bookings
from tests.support.booking_form import change_row
from tests.support.booking_pages import found, press, totals
from tests.support.lives import NOW, at
from tests.support.pages import buttons_of, said_of, text_of, value_of
from tests.support.statements import counted_statements
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("clock")

Clients = Callable[[str], FlaskClient]


ASKS = {"auto_approve_unit_hours": 0}


class TestTheList:
    def test_it_shows_what_is_now_what_waits_and_what_comes_next(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int]
    ):
        book(0, 3, 8)
        book(24, 26, 16, seats=1)
        change_row(app, world.dataset, policy=ASKS)
        book(48, 50, 0, seats=2)
        with app.app_context():
            due_bookings.start_due(NOW)
        page = text_of(as_("lead").get("/bookings").text)
        assert "Now Now When What and why 2 Mar 2026 16:00 – 19:00 (Asia/Shanghai) running 8 GPUs of NORTH-A100" in page
        assert "4 Mar 2026 16:00 – 18:00 (Asia/Shanghai) waiting for approval 2 seats of Radar pictures" in page
        assert "3 Mar 2026 16:00 – 18:00 (Asia/Shanghai) confirmed 16 GPUs of NORTH-A100 1 seat of Radar" in page
        assert page.index("Now Now") < page.index("answer Waiting for an answer") < page.index("Next Next")

    def test_what_is_over_stands_apart_the_latest_first(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int]
    ):
        for start in (24, 48):
            booking_id = book(start, start + 2)
            with app.app_context():
                booking_moves.cancel_booking(booking_id, actor=world.lead, now=NOW)
        client = as_("lead")
        assert "cancelled" not in text_of(client.get("/bookings").text).replace("cancelled declined", "")
        page = text_of(client.get("/bookings?show=over").text)
        assert page.index("4 Mar 2026") < page.index("3 Mar 2026")

    def test_one_state_can_be_asked_for(self, as_: Clients, book: Callable[..., int]):
        book()
        client = as_("member")
        assert "3 Mar 2026" in client.get("/bookings?state=confirmed").text
        assert "no booking in this state" in client.get("/bookings?state=declined").text
        assert client.get("/bookings?state=nonsense").status_code == 200

    def test_other_teams_bookings_are_not_in_it(self, as_: Clients, book: Callable[..., int]):
        book()
        assert "Nothing is booked." in as_("rival").get("/bookings").text
        assert "Nothing is booked." in as_("stranger").get("/bookings").text

    def test_it_goes_on_page_by_page_with_a_fixed_number_of_questions(
        self, app: Flask, as_: Clients, book: Callable[..., int]
    ):
        client = as_("lead")
        book(24, 25, 1)
        client.get("/bookings")
        with counted_statements(app) as few:
            client.get("/bookings")
        for hour in range(54):
            book(30 + hour, 31 + hour, 1)
        with counted_statements(app) as many:
            first = client.get("/bookings").text
        assert len(many) == len(few)
        assert first.count('href="/bookings/') - first.count('href="/bookings/new"') == 50
        assert 'href="/bookings?page=2"' in first
        second = client.get("/bookings?page=2").text
        assert second.count('href="/bookings/') - second.count('href="/bookings/new"') == 5


class TestWhoMaySee:
    @pytest.mark.parametrize(
        ("name", "status"),
        [("lead", 200), ("member", 200), ("operator", 200), ("steward", 200), ("admin", 200), ("rival", 404),
         ("other_operator", 404), ("stranger", 404), ("funder", 404)],
    )  # fmt: skip
    def test_a_booking_is_seen_by_its_team_and_the_owners_of_what_it_claims(
        self, as_: Clients, book: Callable[..., int], name: str, status: int
    ):
        booking_id = book()
        client = as_(name)
        assert client.get(f"/bookings/{booking_id}").status_code == status
        assert (client.get(f"/bookings/{booking_id}/edit").status_code in (200, 403)) is (status == 200)

    def test_what_another_team_would_do_with_it_finds_nothing(self, app: Flask, as_: Clients, book: Callable[..., int]):
        booking_id, rival = book(), as_("rival")
        for verb in ("cancel", "finish", "check-in", "accept", "decline", "revoke", "edit"):
            assert press(rival, booking_id, verb, reason="mine now").status_code == 404
        assert found(app, booking_id).version == 1

    @pytest.mark.parametrize("booking_id", ["0", "-1", "x", "1.0", "99999999999999999999", "%00", "１"])
    def test_a_number_that_is_no_bookings_finds_nothing(self, as_: Clients, world: World, booking_id: str):
        assert as_("lead").get(f"/bookings/{booking_id}").status_code == 404

    def test_a_visitor_signs_in_first(self, client: FlaskClient, book: Callable[..., int]):
        assert client.get(f"/bookings/{book()}").status_code == 303


class TestOneBooking:
    def test_it_says_what_is_claimed_what_it_costs_and_what_happened(self, as_: Clients, book: Callable[..., int]):
        page = text_of(as_("lead").get(f"/bookings/{book(24, 26, 16, seats=1)}").text)
        assert "3 Mar 2026 16:00 – 18:00 (Asia/Shanghai)" in page
        assert "16 GPUs, NORTH-A100 32 GPU-hours 32 GPU-hours 0 GPU-hours" in page
        assert "1 seat, Radar pictures 2 access-hours 2 access-hours 0 access-hours" in page
        assert "2 Mar 2026 16:00 (Asia/Shanghai) confirmed lead@example.org" in page

    @pytest.mark.parametrize(
        ("name", "shown"), [("lead", True), ("member", True), ("operator", False), ("admin", False)]
    )
    def test_how_to_use_it_is_for_members(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int], name: str, shown: bool
    ):
        change_row(app, world.pool, how_to_use="ssh login.example <b>now</b>")
        page = as_(name).get(f"/bookings/{book()}").text
        assert ("ssh login.example &lt;b&gt;now&lt;/b&gt;" in page) is shown

    def test_how_to_use_it_is_for_what_is_confirmed(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int]
    ):
        change_row(app, world.pool, how_to_use="ssh login.example", policy=ASKS)
        booking_id, client = book(), as_("lead")
        assert "ssh login.example" not in client.get(f"/bookings/{booking_id}").text
        with app.app_context():
            booking_moves.approve_booking(booking_id, actor=world.operator, now=NOW)
        assert "ssh login.example" in client.get(f"/bookings/{booking_id}").text
        press(client, booking_id, "cancel")
        assert "ssh login.example" not in client.get(f"/bookings/{booking_id}").text

    def test_what_people_wrote_stays_text(self, app: Flask, world: World, as_: Clients, book: Callable[..., int]):
        booking_id = book()
        with app.app_context(), transaction() as session:
            session.execute(update(Row).where(Row.id == booking_id).values(purpose="<script>alert(1)</script>"))
        for path in (f"/bookings/{booking_id}", "/bookings", "/"):
            page = as_("lead").get(path).text
            assert "&lt;script&gt;" in page
            assert "<script>" not in page

    def test_a_displaced_one_says_so(self, app: Flask, world: World, as_: Clients, book: Callable[..., int]):
        booking_id = book()
        with app.app_context(), transaction() as session:
            session.add(Displacement(booking_id=booking_id, resource_id=world.pool, created_at=NOW))
        assert "An outage has taken the place" in as_("lead").get(f"/bookings/{booking_id}").text

    def test_its_number_of_questions_is_fixed(self, app: Flask, world: World, as_: Clients, book: Callable[..., int]):
        client = as_("lead")
        small, large = book(24, 26, 1), book(24, 26, 1, seats=1)
        client.get(f"/bookings/{small}")
        with counted_statements(app) as few:
            client.get(f"/bookings/{small}")
        with counted_statements(app) as many:
            client.get(f"/bookings/{large}")
        assert len(many) == len(few)


class TestButtons:
    def test_a_lead_may_cancel_and_the_price_is_said_before(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int]
    ):
        change_row(app, world.pool, policy={"cancel_cutoff_minutes": 60 * 48, "late_cancel_percent": 25})
        booking_id, client = book(24, 26, 8, seats=1), as_("lead")
        page = client.get(f"/bookings/{booking_id}").text
        assert "Cancelling now costs 4 GPU-hours, 0 access-hours; the rest goes back." in text_of(page)
        answer = press(client, booking_id, "cancel", price=value_of(page, "price"))
        assert answer.status_code == 303
        assert "The booking has been cancelled." in client.get(answer.location).text
        assert found(app, booking_id).state == "cancelled"
        assert totals(app, world.pool_grant) == (0, 4)
        assert totals(app, world.dataset_grant) == (0, 0)

    def test_a_price_that_rose_meanwhile_is_said_again_first(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int], clock: Any
    ):
        change_row(app, world.pool, policy={"cancel_cutoff_minutes": 60, "late_cancel_percent": 50})
        booking_id, client = book(), as_("lead")
        price = value_of(client.get(f"/bookings/{booking_id}").text, "price")
        assert price == "0"
        clock.move_to(at(23.5))
        answer = press(client, booking_id, "cancel", price=price)
        page = client.get(answer.location).text
        assert "costs more now than the page said" in page
        assert found(app, booking_id).state == "confirmed"
        press(client, booking_id, "cancel", price=value_of(page, "price"))
        assert found(app, booking_id).state == "cancelled"

    @pytest.mark.parametrize(
        ("name", "buttons"),
        [("lead", ["Cancel the booking"]), ("member", []), ("operator", ["Revoke the booking"]), ("steward", [])],
    )
    def test_each_reader_has_the_buttons_that_are_theirs(
        self, as_: Clients, book: Callable[..., int], name: str, buttons: list[str]
    ):
        assert buttons_of(as_(name).get(f"/bookings/{book()}").text) == buttons

    def test_a_member_cannot_cancel_what_others_requested(self, app: Flask, as_: Clients, book: Callable[..., int]):
        booking_id = book()
        assert press(as_("member"), booking_id, "cancel").status_code == 403
        assert found(app, booking_id).state == "confirmed"

    def test_what_is_over_has_no_buttons_and_says_what_it_is_to_who_tries(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int]
    ):
        booking_id, client = book(), as_("lead")
        press(client, booking_id, "cancel")
        assert buttons_of(client.get(f"/bookings/{booking_id}").text) == []
        again = press(client, booking_id, "cancel")
        assert again.status_code == 409
        assert "This is cancelled" in text_of(again.text)
        assert totals(app, world.pool_grant) == (0, 0)

    def test_a_member_checks_in_once_it_is_open_and_the_team_finishes_early(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int], clock: Any
    ):
        change_row(app, world.pool, policy={"check_in_minutes": 30})
        booking_id, member, lead = book(2, 6, 8), as_("member"), as_("lead")
        page = member.get(f"/bookings/{booking_id}").text
        assert "from 2 Mar 2026 17:30 (Asia/Shanghai) until 2 Mar 2026 18:30 (Asia/Shanghai)" in text_of(page)
        assert buttons_of(page) == []

        clock.move_to(at(1.75))
        assert buttons_of(member.get(f"/bookings/{booking_id}").text) == ["Check in"]
        assert press(member, booking_id, "check-in").status_code == 303
        assert "Check-in done" in text_of(member.get(f"/bookings/{booking_id}").text)
        with app.app_context():
            due_bookings.start_due(at(2))

        clock.move_to(at(3))
        page = lead.get(f"/bookings/{booking_id}").text
        assert buttons_of(page) == ["Finish now"]
        assert "Access open now" in text_of(page)
        assert "Finishing now costs 8 GPU-hours; the rest goes back." in text_of(page)
        assert press(lead, booking_id, "finish").status_code == 303
        assert found(app, booking_id).state == "completed"
        assert totals(app, world.pool_grant) == (0, 8)
        assert "8 GPU-hours" in text_of(lead.get(f"/bookings/{booking_id}").text)

    def test_what_has_begun_by_the_clock_can_be_finished_before_the_scheduler_comes(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int], clock: Any
    ):
        booking_id, client = book(1, 5, 8), as_("lead")
        clock.move_to(at(2))
        page = client.get(f"/bookings/{booking_id}").text
        assert buttons_of(page) == ["Finish now"]
        press(client, booking_id, "finish")
        assert found(app, booking_id).state == "completed"
        assert totals(app, world.pool_grant) == (0, 8)

    def test_an_offer_is_taken_or_declined(self, app: Flask, world: World, as_: Clients, book: Callable[..., int]):
        change_row(app, world.pool, policy=ASKS)
        taken, declined, client = book(24, 26), book(48, 50), as_("member")
        with app.app_context(), transaction() as session:
            session.execute(update(Row).values(state="offered"))
            session.execute(update(Claim).values(approval="given"))
        assert buttons_of(client.get(f"/bookings/{taken}").text) == ["Accept the offer", "Decline it"]
        press(client, taken, "accept")
        press(client, declined, "decline")
        assert found(app, taken).state == "confirmed"
        assert found(app, declined).state == "declined"

    def test_an_owner_revokes_with_a_reason_that_the_team_reads(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int]
    ):
        booking_id, owner = book(), as_("operator")
        refused = press(owner, booking_id, "revoke", reason=" ")
        assert refused.status_code == 422
        assert said_of(refused.text, "reason") == "Say why; the team reads it."
        assert press(owner, booking_id, "revoke", reason="Cooling <failed>").status_code == 303
        assert found(app, booking_id).state == "revoked"
        assert "Cooling &lt;failed&gt;" in as_("lead").get(f"/bookings/{booking_id}").text
        assert press(as_("lead"), booking_id, "revoke", reason="x").status_code == 403

    def test_nothing_is_done_by_a_link_or_without_the_word_against_forgery(
        self, app: Flask, as_: Clients, book: Callable[..., int]
    ):
        booking_id, client = book(), as_("lead")
        assert client.get(f"/bookings/{booking_id}/cancel").status_code == 405
        assert client.post(f"/bookings/{booking_id}/cancel").status_code == 400
        assert press(client, booking_id, "explode").status_code in (404, 405)
        assert found(app, booking_id).state == "confirmed"
