"""Two processes fetch at once: they keep to the volume of their booking, and check it in once; on both databases."""

from datetime import datetime
from pathlib import Path

from flask import Flask

from booking.connectors.stores import FolderStore
from booking.db import db
from booking.domain.errors import Forbidden
from booking.domain.gateway import Pass
from booking.domain.ranges import Part
from booking.services import gateway
from tests.support.gateway import NAME, book_seat, build_gate
from tests.support.lives import NOW, at, check, events
from tests.support.processes import application, meet, together
from tests.support.world import World

ROUNDS = 5
MOST_GIB, SIZE = 1, 700 * 1024**2


def fetch(database_url: str, folder: str, dataset: int, user: int, booking_ids: list[int]) -> list[str]:
    """What one process is told of each booking: as the first who comes, and again once nothing is on its way."""
    with application(database_url):
        answers = []
        for turn, booking_id in enumerate(booking_ids):
            now = at(1 + turn)
            given = Pass(dataset, booking_id, user, at(99))
            begun = _begin(given, folder, now)
            meet()
            if isinstance(begun, int):
                gateway.end_download(begun, 0, now=now, why="broken")
            again = _begin(given, folder, now, in_front=True)
            answers += ["begun" if isinstance(one, int) else one for one in (begun, again)]
    return answers


def _begin(given: Pass, folder: str, now: datetime, *, in_front: bool = False) -> int | str:
    opened = gateway.open_file(given, NAME, {World.NORTH: FolderStore(Path(folder))}, now=now)
    meet()
    try:
        return gateway.begin_download(opened, Part(0, SIZE, SIZE), 200, now=now, in_front=in_front)
    except Forbidden as refused:
        return refused.code


def test_of_two_downloads_at_once_that_are_too_much_together_one_is_begun(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    policy = {"max_gib_per_booking": MOST_GIB, "check_in_minutes": 15}
    gate = build_gate(app, tmp_path, now=NOW, dataset_policy=policy)
    with app.app_context():
        ids = [gate.booking, *(book_seat(gate.world, NOW, 1 + turn, 2 + turn) for turn in range(1, ROUNDS))]
        db.session.remove()

    asked = (database_url, str(tmp_path), gate.world.dataset, gate.world.lead.user_id, ids)
    answers = list(zip(*together(fetch, *asked), strict=True))

    assert [sorted(pair) for pair in answers] == [["begun", "volume_exceeded"]] * (2 * ROUNDS)
    with app.app_context():
        assert [events(booking_id).count("active") for booking_id in ids] == [1] * ROUNDS
        check()
