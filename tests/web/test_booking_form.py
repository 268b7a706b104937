"""The form that asks for a window: what it begins with, what it checks, what it books, and what it refuses."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking.db import db, transaction
from booking.domain.windows import Window
from booking.models.bookings import Claim
from booking.models.facilities import Facility
from booking.models.resources import Resource
from booking.models.teams import Membership
from booking.services.bookings import request_booking
from tests.support.booking_form import bookings, change_row, press, typed
from tests.support.pages import said_of, text_of, value_of
from tests.support.statements import counted_statements
from tests.support.visitors import enter
from tests.support.world import SINCE, World, build_world

NOW = datetime(2026, 3, 2, 1, 7, tzinfo=UTC)  # 09:07 in Shanghai
TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 there
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _at_seven_past_nine():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world(app: Flask, client: FlaskClient) -> World:
    """A world in which the client is the team's lead."""
    world = build_world(app)
    enter(client, "lead@example.org")
    return world


def hold(app: Flask, world: World, units: int, start: datetime = TEN, hours: int = 4, **more: Any) -> None:
    """Another booking, of the rival's team unless it is said."""
    with app.app_context():
        order = world.order(Window(start, start + hours * HOUR), units, **{"team": world.rival_team, **more})
        actor = world.lead if order.team_id == world.team else world.rival
        request_booking(order, actor=actor, now=NOW)


class TestWhatItBeginsWith:
    def test_a_visitor_signs_in_first_and_comes_back_to_it(self, app: Flask):
        build_world(app)
        visitor = app.test_client()
        answer = visitor.get("/bookings/new?resource=north-a100")
        assert answer.status_code == 303
        assert "next=/bookings/new?resource%3Dnorth-a100" in answer.location

    def test_a_link_fills_it_in_the_time_of_the_place(self, client: FlaskClient, world: World):
        link = "resource=north-a100&units=16&resource=north-radar&starts_at=2026-03-02T02:00:00Z"
        page = client.get(f"/bookings/new?{link}&ends_at=2026-03-02T06:30:00Z&team=team&purpose=Trial").text
        assert '<option selected value="north-a100">' in page
        assert '<option selected value="north-radar">' in page
        assert '<option selected value="Asia/Shanghai">' in page
        assert value_of(page, "claims-0-units") == "16"
        assert value_of(page, "claims-1-units") == "1"
        assert value_of(page, "starts_at") == "2026-03-02T10:00"
        assert value_of(page, "ends_at") == "2026-03-02T14:30"
        assert value_of(page, "hours") == ""
        assert "Trial</textarea>" in page

    def test_without_a_link_it_begins_at_the_next_step_of_the_grid(self, client: FlaskClient, world: World):
        page = client.get("/bookings/new").text
        assert value_of(page, "starts_at") == "2026-03-02T09:15"
        assert value_of(page, "hours") == "4"

    def test_a_link_that_cannot_be_meant_is_no_error(self, client: FlaskClient, world: World):
        for link in (
            "resource=nothing",
            "resource=north-a100&units=x",
            "resource=north-a100&units=99999999999999999999",
            "starts_at=never&ends_at=2026-03-02",
            "starts_at=0001-01-01T00:00:00Z",
            "starts_at=9999-12-31T23:59:00Z",
            "team=rival-team",
            "resource=<script>&purpose=<script>alert(1)</script>",
            "&".join(f"resource=r{number}" for number in range(50)),
        ):
            answer = client.get(f"/bookings/new?{link}")
            assert answer.status_code == 200, link
            assert "<script>alert" not in answer.text, link

    def test_who_has_two_teams_chooses_and_who_has_one_does_not(self, app: Flask, client: FlaskClient, world: World):
        assert '<option selected value="team">Team</option>' in client.get("/bookings/new").text
        with app.app_context(), transaction() as session:
            session.add(
                Membership(team_id=world.rival_team, user_id=world.lead.user_id, role="member", joined_at=SINCE)
            )
        page = client.get("/bookings/new").text
        assert "Choose a team" in page
        assert '<option selected value="team">' not in page
        answer = press(client, "book", typed(team=""))
        assert answer.status_code == 422
        assert said_of(answer.text, "team") == "Choose the team that you book for."

    def test_who_is_in_no_team_hears_what_to_do(self, app: Flask):
        build_world(app)
        client = app.test_client()
        enter(client, "stranger@example.org")
        assert "you are in none yet" in client.get("/bookings/new").text

    def test_drafts_and_datasets_without_seats_are_not_offered(self, app: Flask, client: FlaskClient, world: World):
        change_row(app, world.other_pool, state="draft")
        change_row(app, world.dataset, seats=None)
        page = client.get("/bookings/new").text
        assert 'value="north-a100"' in page
        assert 'value="south-h100"' not in page
        assert 'value="north-radar"' not in page

    def test_its_number_of_questions_is_fixed(self, app: Flask, client: FlaskClient, world: World):
        with counted_statements(app) as few:
            client.get("/bookings/new?resource=north-a100")
        with app.app_context(), transaction() as session:
            for number in range(30):
                session.add(
                    Resource(
                        kind="pool", name=f"Pool {number}", slug=f"pool-{number}", organisation_id=world.north,
                        facility_id=world.facility, gpu_model="A10", state="published", created_at=SINCE,
                    )
                )  # fmt: skip
        with counted_statements(app) as many:
            client.get("/bookings/new?resource=north-a100")
        assert len(many) == len(few) == 4  # who asks; what can be booked; the teams; how many notices are unread


class TestChecking:
    def test_it_says_what_it_costs_and_what_is_left_and_books_nothing(
        self, app: Flask, client: FlaskClient, world: World
    ):
        form = typed(claims__1__resource="north-radar", claims__1__units="1", purpose="")
        answer = press(client, "check", form)
        assert answer.status_code == 200
        text = text_of(answer.text)
        assert "It fits It would be confirmed at once." in text
        assert "NORTH-A100 32 GPU-hours" in text
        assert "Radar pictures 4 access-hours" in text
        assert "100,000 GPU-hours → 99,968 GPU-hours" in text
        assert "1,000 access-hours → 996 access-hours" in text
        assert bookings(app) == []
        assert value_of(answer.text, "claims-0-units") == "8"
        assert value_of(answer.text, "starts_at") == "2026-03-02T10:00"

    def test_it_says_who_must_agree_and_by_when(self, app: Flask, client: FlaskClient, world: World):
        change_row(app, world.pool, policy={"auto_approve_unit_hours": 0, "hold_minutes": 30, "check_in_minutes": 15})
        text = text_of(press(client, "check", typed()).text)
        assert "wait for approval by the owner of NORTH-A100, until 2 Mar 2026 09:37 (Asia/Shanghai)" in text
        assert "Check in between 2 Mar 2026 09:45 (Asia/Shanghai) and 2 Mar 2026 10:15 (Asia/Shanghai)" in text

    def test_it_says_when_nothing_is_held_meanwhile(self, app: Flask, client: FlaskClient, world: World):
        change_row(app, world.pool, policy={"auto_approve_unit_hours": 0, "hold_minutes": 0})
        assert "Nothing is held for you meanwhile." in press(client, "check", typed()).text

    def test_it_counts_the_weight_of_a_pool(self, app: Flask, client: FlaskClient, world: World):
        change_row(app, world.pool, policy={"weight_percent": 300})
        assert "NORTH-A100 96 GPU-hours" in text_of(press(client, "check", typed()).text)

    def test_a_team_that_holds_a_seat_throughout_hears_that_it_needs_no_second(
        self, app: Flask, client: FlaskClient, world: World
    ):
        hold(app, world, 0, TEN - HOUR, 6, seats=1, team=world.team)
        assert "Your team holds a seat of Radar pictures throughout" in press(client, "check", typed()).text
        longer = press(client, "check", typed(hours="6"))
        assert "holds a seat" not in longer.text

    def test_the_number_of_questions_is_fixed(self, app: Flask, client: FlaskClient, world: World):
        form = typed(claims__1__resource="north-radar", claims__1__units="1")
        press(client, "check", form)
        with counted_statements(app) as few:
            press(client, "check", form)
        for number in range(8):
            hold(app, world, 1, TEN + number * HOUR, 1)
        with counted_statements(app) as many:
            press(client, "check", form)
        assert len(many) == len(few)


class TestBooking:
    def test_a_booking_is_made_at_the_instants_that_clocks_of_the_place_show(
        self, app: Flask, client: FlaskClient, world: World
    ):
        answer = press(client, "book", typed())
        assert answer.status_code == 303
        (booking,) = bookings(app)
        assert answer.location == f"/bookings/{booking.id}"
        assert (booking.starts_at, booking.ends_at) == (TEN, TEN + 4 * HOUR)
        assert (booking.team_id, booking.state, booking.purpose) == (
            world.team,
            "confirmed",
            "Train the crossing model",
        )
        assert "Your booking is confirmed." in client.get(answer.location).text

    def test_an_end_may_be_said_in_place_of_hours(self, app: Flask, client: FlaskClient, world: World):
        press(client, "book", typed(hours="", ends_at="2026-03-03T10:00"))
        assert bookings(app)[0].ends_at == TEN + 24 * HOUR

    def test_up_to_four_resources_are_booked_together(self, app: Flask, client: FlaskClient, world: World):
        form = typed(
            claims__1__resource="north-radar",
            claims__1__units="2",
            claims__3__resource="south-h100",
            claims__3__units="4",
        )
        assert press(client, "book", form).status_code == 303
        with app.app_context():
            claims = db.session.execute(select(Claim.resource_id, Claim.units)).all()
        assert set(claims) == {(world.pool, 8), (world.dataset, 2), (world.other_pool, 4)}

    def test_a_button_that_is_pressed_twice_books_once(self, app: Flask, client: FlaskClient, world: World):
        form = typed(once="the same word")
        first, second = press(client, "book", form), press(client, "book", form)
        assert first.location == second.location
        assert len(bookings(app)) == 1

    def test_going_back_and_booking_something_else_with_the_same_form_is_not_mistaken_for_a_repeat(
        self, app: Flask, client: FlaskClient, world: World
    ):
        press(client, "book", typed(once="the same word"))
        answer = press(client, "book", typed(once="the same word", claims__0__units="9"))
        assert answer.status_code == 422
        assert len(bookings(app)) == 1
        assert value_of(answer.text, "once") != "the same word"
        again = press(client, "book", typed(once=value_of(answer.text, "once"), claims__0__units="9"))
        assert again.status_code == 303

    def test_a_form_of_another_session_books_nothing(self, app: Flask, client: FlaskClient, world: World):
        answer = client.post("/bookings/new", data={**typed(), "book": "1"})
        assert answer.status_code == 400
        assert bookings(app) == []


class TestWhatIsRefused:
    def test_every_reason_stands_beside_its_field_with_its_numbers_and_what_was_typed_stays(
        self, app: Flask, client: FlaskClient, world: World
    ):
        change_row(app, world.dataset, policy={"max_minutes": 60, "unit_step": 2})
        hold(app, world, 60)
        form = typed(claims__1__resource="north-radar", claims__1__units="1", purpose="Again & again")
        answer = press(client, "book", form)
        assert answer.status_code == 422
        page = answer.text
        assert "NORTH-A100 has 4 units free at 2 Mar 2026 10:00 (Asia/Shanghai) where you ask for 8" in said_of(
            page, "claims-0-units"
        )
        assert "multiples of 2 units" in said_of(page, "claims-1-units")
        assert "at most 60 minutes; this is 240" in said_of(page, "hours")
        assert value_of(page, "claims-0-units") == "8"
        assert "Again &amp; again</textarea>" in page
        assert len(bookings(app)) == 1

    def test_a_refusal_of_a_later_row_stands_there_though_rows_before_are_empty(
        self, client: FlaskClient, world: World
    ):
        form = typed(claims__0__resource="", claims__2__resource="north-radar", claims__2__units="3")
        page = press(client, "book", form).text
        assert "Radar pictures has 2 units free" in said_of(page, "claims-2-units")
        assert said_of(page, "claims-0-units") == ""

    def test_an_end_that_was_said_hears_what_is_about_the_end(self, client: FlaskClient, world: World):
        page = press(client, "book", typed(hours="", ends_at="2026-05-02T10:00")).text
        assert "at most 43,200 minutes" in said_of(page, "ends_at")

    def test_checking_hears_the_same_reasons(self, app: Flask, client: FlaskClient, world: World):
        hold(app, world, 60)
        answer = press(client, "check", typed())
        assert answer.status_code == 422
        assert "has 4 units free" in said_of(answer.text, "claims-0-units")

    def test_an_alternative_fills_the_form_and_fits(self, app: Flask, client: FlaskClient, world: World):
        hold(app, world, 60)
        page = press(client, "book", typed()).text
        links = [html.unescape(link) for link in re.findall(r'<a class="btn" href="(/bookings/new\?[^"]+)"', page)]
        assert len(links) >= 2
        for link in links:
            filled = client.get(link).text
            form = {name: value_of(filled, name) for name in ("claims-0-units", "starts_at", "ends_at", "hours")}
            answer = press(client, "check", typed(**{**form, "hours": form["hours"]}))
            assert answer.status_code == 200, link
            assert "Train the crossing model</textarea>" in filled

    def test_what_quota_lacks_is_said_in_hours(self, app: Flask, client: FlaskClient):
        build_world(app, pool_hours=10)
        enter(client, "lead@example.org")
        page = press(client, "book", typed()).text
        assert "needs 32 hours of quota on NORTH-A100; 10 are left (0 held, 0 charged)" in said_of(
            page, "claims-0-units"
        )

    def test_another_team_cannot_be_chosen(self, app: Flask, client: FlaskClient, world: World):
        answer = press(client, "book", typed(team="rival-team"))
        assert answer.status_code == 422
        assert said_of(answer.text, "team") == "Not a valid choice."
        assert press(client, "book", typed(team="", other_team="rival-team")).status_code == 422
        assert bookings(app) == []

    def test_what_it_is_for_must_be_said_to_book(self, app: Flask, client: FlaskClient, world: World):
        answer = press(client, "book", typed(purpose="  "))
        assert said_of(answer.text, "purpose") == "Say what it is for."
        assert bookings(app) == []

    def test_numbers_and_times_that_cannot_be_meant_are_refused_beside_their_fields_and_stay(
        self, app: Flask, client: FlaskClient, world: World
    ):
        answer = press(client, "book", typed(claims__0__units="1.5", hours="NaN"))
        assert answer.status_code == 422
        assert said_of(answer.text, "claims-0-units")
        assert said_of(answer.text, "hours") == "Say hours as a number, such as 4 or 1.5."
        assert value_of(answer.text, "claims-0-units") == "1.5"
        assert value_of(answer.text, "hours") == "NaN"
        assert bookings(app) == []

    def test_a_nul_character_is_refused(self, client: FlaskClient, world: World):
        assert press(client, "book", typed(purpose="a\0b")).status_code == 422


class TestClocksThatChange:
    @pytest.fixture
    def paris(self, app: Flask, world: World) -> World:
        with app.app_context(), transaction() as session:
            session.execute(update(Facility).where(Facility.id == world.facility).values(timezone="Europe/Paris"))
        return world

    def test_a_time_that_clocks_skip_is_refused_in_words(self, client: FlaskClient, paris: World):
        answer = press(client, "book", typed(zone="Europe/Paris", starts_at="2026-03-29T02:30"))
        assert answer.status_code == 422
        assert "does not exist" in said_of(answer.text, "starts_at")

    def test_a_time_that_clocks_show_twice_means_the_first(self, app: Flask, client: FlaskClient, world: World):
        change_row(app, world.pool, policy={"horizon_days": 365})
        with app.app_context(), transaction() as session:
            session.execute(update(Facility).where(Facility.id == world.facility).values(timezone="Europe/Paris"))
        form = typed(zone="Europe/Paris", starts_at="2026-10-25T02:30", hours="", ends_at="2026-10-25T03:00")
        assert press(client, "book", form).status_code == 303
        (booking,) = bookings(app)
        assert booking.starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        assert booking.ends_at == datetime(2026, 10, 25, 2, 0, tzinfo=UTC)

    def test_the_rule_stands_beside_the_field(self, client: FlaskClient, paris: World):
        page = client.get("/bookings/new?resource=north-a100").text
        assert "One that clocks show twice means the first; one that they skip is refused." in page
