"""Is everything told once, under one identity, and in order?"""

from sqlalchemy import func, select

from booking.domain.outbox import ItemState
from booking.models.outbox import OutboxItem
from booking.queries.breaches import Check, ask

REPEATED = (
    select(OutboxItem.stable_id)
    .group_by(OutboxItem.stable_id)
    .having(func.count() > 1)
    .order_by(OutboxItem.stable_id)
)  # fmt: skip

_waiting = (
    select(OutboxItem.destination, OutboxItem.subject, func.min(OutboxItem.id).label("first"))
    .where(OutboxItem.state != ItemState.DELIVERED.value)
    .group_by(OutboxItem.destination, OutboxItem.subject)
    .subquery()
)
OVERTAKING = (
    select(OutboxItem.id)
    .join(
        _waiting,
        (OutboxItem.destination == _waiting.c.destination)
        & (OutboxItem.subject == _waiting.c.subject)
        & (OutboxItem.id > _waiting.c.first),
    )
    .where(OutboxItem.state == ItemState.DELIVERED.value)
    .order_by(OutboxItem.id)
)
UNDATED = (
    select(OutboxItem.id)
    .where((OutboxItem.state == ItemState.DELIVERED.value) == OutboxItem.delivered_at.is_(None))
    .order_by(OutboxItem.id)
)

CHECKS = (
    Check(9, "items of the outbox with the same identity", ask(REPEATED)),
    Check(9, "items delivered before an earlier one to the same destination about the same thing", ask(OVERTAKING)),
    Check(9, "items delivered at no time, or the reverse", ask(UNDATED)),
)
