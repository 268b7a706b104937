"""The form that changes a booking: what it would cost is said before, and a stale page overwrites nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from booking.db import transaction
from booking.models.facilities import Facility
from booking.services import due_bookings
from tests.support import lives
from tests.support.booking_form import change_row
from tests.support.booking_pages import found, press, totals
from tests.support.lives import NOW, at
from tests.support.pages import said_of, text_of, value_of
from tests.support.visitors import send
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("clock")

Clients = Callable[[str], FlaskClient]


ASKS = {"auto_approve_unit_hours": 0}


def filled(page: str, **fields: Any) -> dict[str, Any]:
    """The form of a page as a browser would send it, with some fields changed."""
    names = [f"claims-{row}-units" for row in range(4)] + ["starts_at", "ends_at", "hours", "version"]
    usual = {name: value_of(page, name) for name in names}
    chosen = {"claims-0-resource": "north-a100", "zone": "Asia/Shanghai"}
    others = {f"claims-{row}-resource": "" for row in range(1, 4)}
    return {**others, **usual, **chosen, **{name.replace("__", "-"): value for name, value in fields.items()}}


class TestChanging:
    def edit(self, client: FlaskClient, booking_id: int, button: str, **fields: Any) -> Any:
        form = filled(client.get(f"/bookings/{booking_id}/edit").text, **fields)
        return send(client, f"/bookings/{booking_id}/edit", {**form, button: "1"})

    def test_the_form_begins_with_the_booking_as_it_is(self, as_: Clients, book: Callable[..., int]):
        page = as_("lead").get(f"/bookings/{book(24, 26, 16, seats=1)}/edit").text
        assert value_of(page, "claims-0-units") == "16"
        assert value_of(page, "claims-1-units") == "1"
        assert value_of(page, "starts_at") == "2026-03-03T16:00"
        assert value_of(page, "ends_at") == "2026-03-03T18:00"
        assert '<option selected value="north-radar">' in page

    def test_checking_says_what_it_would_cost_and_changes_nothing(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int]
    ):
        booking_id, client = book(24, 26, 8), as_("lead")
        answer = self.edit(client, booking_id, "check", ends_at="2026-03-03T19:00")
        assert answer.status_code == 200
        page = text_of(answer.text)
        assert "The change fits The booking stays confirmed." in page
        assert "NORTH-A100 24 GPU-hours" in page
        assert "99,984 GPU-hours → 99,976 GPU-hours" in page
        assert found(app, booking_id).version == 1

    def test_while_somebody_types_what_it_has_counts_as_free_and_what_is_missing_is_no_mistake(
        self, as_: Clients, book: Callable[..., int]
    ):
        booking_id, client = book(24, 26, 64), as_("lead")
        address, live = f"/bookings/{booking_id}/edit", {"headers": {"HX-Request": "true"}}
        form = filled(client.get(address).text, ends_at="2026-03-03T19:00")
        answer = send(client, address, form, **live)
        assert "The change fits" in text_of(answer.text)
        assert "at the tightest moment 64 of 64 are free, and you ask for 64." in text_of(answer.text)

        refused = send(client, address, {**form, "claims-0-units": "65"}, **live)
        assert refused.status_code == 422
        assert "only 64 of 64 are free" in text_of(refused.text)

        begun = send(client, address, {**form, "claims-0-units": ""}, **live)
        assert begun.status_code == 200
        assert "Still to be said GPUs: Say how many." in text_of(begun.text)
        assert "is-invalid" not in begun.text

    def test_it_is_moved_extended_and_shrunk(self, app: Flask, world: World, as_: Clients, book: Callable[..., int]):
        booking_id, client = book(24, 26, 8), as_("lead")
        moved = {"starts_at": "2026-03-04T16:00", "ends_at": "2026-03-04T20:00", "claims__0__units": "4"}
        assert self.edit(client, booking_id, "save", **moved).status_code == 303
        booking = found(app, booking_id)
        assert booking.window == lives.window(48, 52)
        assert [claim.units for claim in booking.claims] == [4]
        assert totals(app, world.pool_grant) == (16, 0)

    def test_what_is_given_up_late_is_priced_before(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int]
    ):
        change_row(app, world.pool, policy={"cancel_cutoff_minutes": 60 * 48, "late_cancel_percent": 50})
        booking_id, client = book(24, 26, 8), as_("lead")
        page = text_of(self.edit(client, booking_id, "check", claims__0__units="4").text)
        assert "NORTH-A100: charged at once for what is given up 4 GPU-hours" in page
        self.edit(client, booking_id, "save", claims__0__units="4")
        assert totals(app, world.pool_grant) == (8, 4)

    def test_a_refused_change_says_why_beside_the_field_and_changes_nothing(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int]
    ):
        booking_id, client = book(24, 26, 8), as_("lead")
        before = found(app, booking_id)
        answer = self.edit(client, booking_id, "save", claims__0__units="65")
        assert answer.status_code == 422
        assert "NORTH-A100 has 64 units free" in said_of(answer.text, "claims-0-units")
        assert value_of(answer.text, "claims-0-units") == "65"
        assert found(app, booking_id) == before

    def test_a_stale_page_shows_what_is_there_and_keeps_what_was_typed(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int]
    ):
        booking_id, mine, theirs = book(24, 26, 8), as_("lead"), as_("admin")
        form = filled(mine.get(f"/bookings/{booking_id}/edit").text, ends_at="2026-03-03T20:00")
        self.edit(theirs, booking_id, "save", claims__0__units="2")
        answer = send(mine, f"/bookings/{booking_id}/edit", {**form, "save": "1"})
        assert answer.status_code == 412
        page = text_of(answer.text)
        assert "Somebody has changed this booking since you loaded the page." in page
        assert "When 3 Mar 2026 16:00 – 18:00 (Asia/Shanghai) 3 Mar 2026 16:00 – 20:00 (Asia/Shanghai)" in page
        assert "Price as booked 4 GPU-hours 32 GPU-hours" in page
        assert "2 GPUs of NORTH-A100" in page
        assert value_of(answer.text, "ends_at") == "2026-03-03T20:00"
        assert found(app, booking_id).version == 2
        again = {**form, "version": value_of(answer.text, "version"), "save": "1"}
        assert send(mine, f"/bookings/{booking_id}/edit", again).status_code == 303
        assert [claim.units for claim in found(app, booking_id).claims] == [8]

    def test_a_growth_that_needs_approval_says_so_and_is_asked_for(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int]
    ):
        booking_id, client = book(24, 26, 8), as_("lead")
        change_row(app, world.pool, policy=ASKS)
        checked = self.edit(client, booking_id, "check", claims__0__units="9")
        assert "has to approve what this adds" in checked.text
        saved = self.edit(client, booking_id, "save", claims__0__units="9")
        assert saved.status_code == 303
        standing = found(app, booking_id)
        assert standing.change_request is not None
        assert standing.version == 1

    def test_a_running_one_changes_its_end_alone(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int], clock: Any
    ):
        booking_id, client = book(0, 2, 8), as_("lead")
        with app.app_context():
            due_bookings.start_due(NOW)
        clock.move_to(at(1))
        assert "only its end can change" in client.get(f"/bookings/{booking_id}/edit").text
        assert self.edit(client, booking_id, "save", starts_at="2026-03-02T16:30").status_code == 422
        assert self.edit(client, booking_id, "save", ends_at="2026-03-02T20:00").status_code == 303
        assert found(app, booking_id).window == lives.window(0, 4)

    def test_a_time_that_clocks_show_twice_stays_the_second_where_it_was_not_touched(
        self, app: Flask, world: World, as_: Clients, book: Callable[..., int], clock: Any
    ):
        with app.app_context(), transaction() as session:
            session.execute(update(Facility).values(timezone="Europe/Paris"))
        october = datetime(2026, 10, 20, 8, tzinfo=UTC)
        second = (datetime(2026, 10, 25, 1, 30, tzinfo=UTC) - NOW) / timedelta(hours=1)
        clock.move_to(october)
        booking_id = book(second, second + 4, 8, now=october)
        before = found(app, booking_id)
        answer = self.edit(as_("lead"), booking_id, "save", claims__0__units="7", zone="Europe/Paris")
        assert answer.status_code == 303
        assert found(app, booking_id).window == before.window

    def test_who_may_not_change_it_is_told(self, app: Flask, as_: Clients, book: Callable[..., int]):
        booking_id = book()
        answer = self.edit(as_("member"), booking_id, "save", claims__0__units="1")
        assert answer.status_code in (403, 422)
        assert "can change it" in text_of(answer.text)
        assert found(app, booking_id).version == 1

    def test_what_is_over_cannot_be_changed(self, app: Flask, world: World, as_: Clients, book: Callable[..., int]):
        booking_id, client = book(), as_("lead")
        press(client, booking_id, "cancel")
        answer = self.edit(client, booking_id, "save", claims__0__units="1")
        assert answer.status_code in (409, 422)
        assert "This is cancelled" in text_of(answer.text)
        assert found(app, booking_id).state == "cancelled"
