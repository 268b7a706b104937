"""Requests that wait together are served together, and nobody suffers for another's error."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from booking.domain.bookings import Booking
from booking.domain.windows import Window
from booking.services.bookings import Request, decide_in_turn
from booking.services.fsck import check_rules
from booking.services.turns import Counter
from tests.support.world import build_world

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_whoever_waits_while_another_is_served_is_served_in_the_next_turn() -> None:
    turns: list[list[int]] = []
    first, others_wait = threading.Event(), threading.Event()

    def serve(asked: Sequence[int]) -> list[int]:
        turns.append(sorted(asked))
        if not first.is_set():
            first.set()
            others_wait.wait()
        return [number * 10 for number in asked]

    counter = Counter(serve)
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(counter.ask, 1)]
        first.wait()
        answers += [pool.submit(counter.ask, number) for number in (2, 3, 4)]
        while len(counter._queue) < 3:
            pass
        others_wait.set()
        assert [answer.result() for answer in answers] == [10, 20, 30, 40]
    assert turns == [[1], [2, 3, 4]]


def test_an_error_is_told_to_the_one_who_caused_it() -> None:
    def serve(asked: Sequence[int]) -> list[int]:
        if 0 in asked:
            raise ZeroDivisionError
        return list(asked)

    counter = Counter(serve)
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(counter.ask, number) for number in (1, 0, 2, 3)]
    assert [answer.result() for answer in answers if answer.exception() is None] == [1, 2, 3]
    with pytest.raises(ZeroDivisionError):
        answers[1].result()


def test_one_turn_holds_windows_that_lie_far_apart_and_leaves_what_lies_between(app: Flask) -> None:
    """The levels between two windows of a turn are not read, and must not be written either."""
    world = build_world(app)
    with app.app_context():
        between = [(10, 20), (11, 13), (15, 16), (30, 31)]
        around = [(8, 9), (9, 10), (21, 22), (40, 41), (12, 13), (40, 42)]
        for hours in (between, around):
            requests = [
                Request(world.order(Window(NOW + since * HOUR, NOW + until * HOUR), 4), world.lead, NOW)
                for since, until in hours
            ]
            assert all(isinstance(answer, Booking) for answer in decide_in_turn(requests))
        assert [finding for finding in check_rules(NOW) if not finding.is_kept] == []
