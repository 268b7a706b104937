"""Writes of wishes that were refused."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite

from booking.domain.orders import Order
from booking.models.utilisation import RefusedWish

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
WISH = ["resource_id", "team_id", "starts_at", "ends_at", "units"]


def note(connection: Connection, order: Order, codes: Iterable[str], now: datetime) -> None:
    """Count a refused order, a row for each of its claims; the same wish asked again makes no row of its own."""
    said = " ".join(dict.fromkeys(codes))[:500]
    insert = _INSERT[connection.dialect.name](RefusedWish)
    again = insert.on_conflict_do_update(
        index_elements=WISH,
        set_={"codes": insert.excluded.codes, "times": RefusedWish.times + 1, "last_at": insert.excluded.last_at},
    )
    claims = sorted(order.claims, key=lambda claim: claim.resource_id)
    connection.execute(again, [_row(order, claim.resource_id, claim.units, said, now) for claim in claims])


def forget(connection: Connection, before: datetime) -> int:
    """Forget wishes that nobody has asked for since then; how many there were."""
    return connection.execute(delete(RefusedWish).where(RefusedWish.last_at < before)).rowcount


def _row(order: Order, resource_id: int, units: int, codes: str, now: datetime) -> dict[str, Any]:
    return {
        "resource_id": resource_id,
        "team_id": order.team_id,
        "units": units,
        "starts_at": order.window.start,
        "ends_at": order.window.end,
        "codes": codes,
        "times": 1,
        "first_at": now,
        "last_at": now,
    }
