"""Series that are asked for at once, in processes of their own: each has all of its dates or none."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial

from flask import Flask

from booking.domain.windows import Window
from tests.support.api import series
from tests.support.lives import check, levels
from tests.support.load import Answer, Client, at_once
from tests.support.web_server import WebServer
from tests.support.world import World, build_world

ROUNDS = 4


def test_of_two_series_for_the_same_last_units_one_is_booked_whole(
    app: Flask, live_server: Callable[..., WebServer]
) -> None:
    """Each claims the two pools in another order, so that they also could lock each other out."""
    world = build_world(app, units=8, other_units=8)
    server = live_server(workers=2)
    with ExitStack() as stack, app.app_context():
        lead, rival = (stack.enter_context(closing(Client(server.url, world.tokens[who]))) for who in ("lead", "rival"))
        for number in range(ROUNDS):
            first = _day(2 + 5 * number)
            asked = [
                lead.prepared("POST", "/api/v1/series", _body(first, World.POOL, World.OTHER_POOL)),
                rival.prepared(
                    "POST", "/api/v1/series", _body(first, World.OTHER_POOL, World.POOL, team=World.RIVAL_TEAM)
                ),
            ]
            answers = at_once([partial(lead.send, asked[0]), partial(rival.send, asked[1])])
            assert sorted(answer.status for answer in answers if isinstance(answer, Answer)) == [201, 409]
        held = levels(world.pool, _all(first))
        assert {level for _, level in held.changes} == {0, 8}
        check()


def test_of_two_changes_of_one_series_at_once_one_wins(app: Flask, live_server: Callable[..., WebServer]) -> None:
    world = build_world(app)
    server = live_server(workers=2)
    with ExitStack() as stack, app.app_context():
        clients = [stack.enter_context(closing(Client(server.url, world.tokens["lead"]))) for _ in range(2)]
        for number in range(ROUNDS):
            first = _day(2 + 5 * number)
            made = clients[0].send(clients[0].prepared("POST", "/api/v1/series", _body(first, World.POOL))).json()
            path = f"/api/v1/series/{made['id']}"
            asked = [
                clients[0].prepared("PATCH", path, {"ends_at": f"{first}T13:00"}, If_Match='"1"'),
                clients[1].prepared("PATCH", path, {"starts_at": f"{first}T09:00"}, If_Match='"1"'),
            ]
            answers = at_once([partial(client.send, one) for client, one in zip(clients, asked, strict=True)])
            assert sorted(answer.status for answer in answers if isinstance(answer, Answer)) == [200, 412]
        check()


def _day(later: int) -> str:
    return (datetime.now(UTC) + timedelta(days=later)).strftime("%Y-%m-%d")


def _all(last: str) -> Window:
    end = datetime.fromisoformat(last).replace(tzinfo=UTC) + timedelta(days=9)
    return Window(end - timedelta(days=60), end)


def _body(first: str, *pools: str, **changed: str) -> dict[str, object]:
    times = {"starts_at": f"{first}T10:00", "ends_at": f"{first}T12:00"}
    return series(*((pool, 8) for pool in pools), **times, **changed)
