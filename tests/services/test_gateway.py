"""Two processes fetch at once: they keep to the volume of their booking, and check it in once; on both databases."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from booking.connectors.stores import FolderStore
from booking.db import db
from booking.domain.errors import Forbidden
from booking.domain.gateway import Pass
from booking.domain.permissions import Actor
from booking.domain.ranges import Part
from booking.domain.windows import Window
from booking.services import gateway
from booking.services.booking_edits import change_booking
from tests.support.gateway import NAME, book_seat, build_gate
from tests.support.lives import NOW, at, check, events, found
from tests.support.processes import application, meet, together
from tests.support.world import World

ROUNDS = 5
MOST_GIB, SIZE = 15, 10 * 1024**3


def fetch(database_url: str, folder: str, dataset: int, lead: Actor, booking_ids: Sequence[int]) -> list[str]:
    """What one process is told of each booking: as the first who comes, and again once nothing is on its way."""
    answers = []
    with application(database_url):
        for turn, booking_id in enumerate(booking_ids):
            now = at(1 + 2 * turn)
            given = Pass(dataset, booking_id, lead.user_id, at(99))
            begun = _begin(given, folder, now)
            meet()
            if isinstance(begun, int):
                gateway.end_download(begun, 0, now=now, why="broken")
            again = _begin(given, folder, now, in_front=True)
            answers += ["begun" if isinstance(one, int) else one for one in (begun, again)]
            if meet():
                _edit(booking_id, lead, now)
            else:
                _ask(given, folder, now)
    return answers


def _begin(given: Pass, folder: str, now: datetime, *, in_front: bool = False) -> int | str:
    opened = gateway.open_file(given, NAME, {World.NORTH: FolderStore(Path(folder))}, now=now)
    meet()
    try:
        return gateway.begin_download(opened, Part(0, SIZE, SIZE), 200, now=now, in_front=in_front)
    except Forbidden as refused:
        return refused.code


def _edit(booking_id: int, lead: Actor, now: datetime) -> None:
    """Make it longer, quarter by quarter."""
    for _ in range(3):
        booking = found(booking_id)
        window = Window(booking.window.start, booking.window.end + (at(0.25) - at(0)))
        change_booking(booking_id, window=window, claims=None, actor=lead, now=now, version=booking.version)


def _ask(given: Pass, folder: str, now: datetime) -> None:
    """One byte that is left, and more than that, which is refused and written down, while the booking is changed."""
    for _ in range(9):
        opened = gateway.open_file(given, NAME, {World.NORTH: FolderStore(Path(folder))}, now=now)
        gateway.begin_download(opened, Part(0, 1, SIZE), 206, now=now)
        with pytest.raises(Forbidden, match="may fetch"):
            gateway.begin_download(opened, Part(0, SIZE, SIZE), 200, now=now)


def test_of_two_downloads_at_once_that_are_too_much_together_one_is_begun(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    policy = {"max_gib_per_booking": MOST_GIB, "check_in_minutes": 15}
    gate = build_gate(app, tmp_path, now=NOW, dataset_policy=policy)
    with app.app_context():
        ids = [gate.booking, *(book_seat(gate.world, NOW, 1 + 2 * turn, 2 + 2 * turn) for turn in range(1, ROUNDS))]
        db.session.remove()

    answers = together(fetch, database_url, str(tmp_path), gate.world.dataset, gate.world.lead, ids)

    assert [sorted(pair) for pair in zip(*answers, strict=True)] == [["begun", "volume_exceeded"]] * (2 * ROUNDS)
    with app.app_context():
        assert [events(booking_id).count("active") for booking_id in ids] == [1] * ROUNDS
        check()
