"""How often the hot paths ask the database, however much there is already."""

from flask import Flask

from tests.support.api import Program, body
from tests.support.statements import counted_statements
from tests.support.world import World


def test_a_booking_takes_the_same_few_statements_whatever_is_booked_already(app: Flask, program: Program) -> None:
    program.post("/bookings", body((World.POOL, 1)))
    with counted_statements(app) as few:
        assert program.post("/bookings", body((World.POOL, 1))).status_code == 201
    for _ in range(20):
        program.post("/bookings", body((World.POOL, 1)))
    with counted_statements(app) as many:
        assert program.post("/bookings", body((World.POOL, 1))).status_code == 201
    # On PostgreSQL they take three round trips: who asks; what the decision needs; what it writes, with the commit.
    assert len(many) == len(few) <= 14, "\n".join(many)


def test_a_page_of_bookings_takes_as_many_statements_as_one(app: Flask, program: Program) -> None:
    program.post("/bookings", body((World.POOL, 1)))
    with counted_statements(app) as few:
        assert len(program.get("/bookings").json["items"]) == 1
    for _ in range(9):
        program.post("/bookings", body((World.POOL, 1)))
    with counted_statements(app) as many:
        assert len(program.get("/bookings").json["items"]) == 10
    assert len(many) == len(few) <= 5, "\n".join(many)
