"""Use cases of asking for a booking: request it, or only preview the answer."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from booking.changes import bookings as changes
from booking.changes import refused_wishes
from booking.changes.bookings import Admitted
from booking.changes.tokens import Answered, forget_answer, keep_answers
from booking.db import db, quick_transaction, transaction
from booking.db.direct import send_ahead
from booking.domain.admission import admit, after
from booking.domain.bookings import BookedClaim, Booking, Move
from booking.domain.errors import Invalid
from booking.domain.orders import Decision, Order, Resource
from booking.domain.permissions import Actor, may_book_for, may_book_on_behalf
from booking.domain.refusals import Code, Refusal, Refused
from booking.queries import bookings, resources, teams, tokens
from booking.queries.situations import Counted, counted, first_questions
from booking.services import holdings, looks
from booking.services.looks import Owes
from booking.services.turns import Counter

KEPT = timedelta(hours=24)
"""How long the answer to an idempotency key is kept."""

FREED_BY_SETTLING = frozenset(
    {Code.CAPACITY_EXCEEDED, Code.QUOTA_EXCEEDED, Code.PERIOD_CAP_EXCEEDED, Code.CONCURRENCY_EXCEEDED}
)


@dataclass(frozen=True, slots=True)
class Key:
    """A client's name for one request, with the digest of its body."""

    name: str
    body_digest: str


@dataclass(frozen=True, slots=True)
class Request:
    """An order with who asks, when, under which key, and why where it is for a team that one is not in.

    It is decided after those who wait for the same (`after_list`), unless its `now` is another time than the present.
    """

    order: Order
    actor: Actor
    now: datetime
    key: Key | None = None
    reason: str = ""
    after_list: bool = True


def request_booking(
    order: Order,
    *,
    actor: Actor,
    now: datetime,
    key: Key | None = None,
    reason: str = "",
    settles_due: bool = True,
) -> Booking:
    """Hold units and quota for a team, or raise every reason why not.

    Requests that wait together in this process share one transaction and are decided one after the other. Where units
    were freed for which somebody waits, the wait list is served first. Where something that is due stands in the way it
    is settled first, and the order decided once more. Neither is so where `now` is another time than the present, at
    which other people's bookings are not due (`settles_due` False). The same key and body answer with the same booking.

    Raises Refused with every refusal, that of a team one is not in alone.
    """
    check_permission(order, actor, reason)
    request = Request(order, actor, now, key, reason, after_list=settles_due)
    kept = kept_answer(request)
    if kept is not None:
        return kept

    try:
        return _serve(request)
    except Refused as refused:
        in_the_way = settles_due and FREED_BY_SETTLING & {refusal.code for refusal in refused.refusals}
        if not in_the_way or not settle_due(order, now):
            _count_refusal(order, refused, settles_due, now)
            raise
    try:
        return _serve(request)
    except Refused as refused:
        _count_refusal(order, refused, settles_due, now)
        raise


def _count_refusal(order: Order, refused: Refused, is_present: bool, now: datetime) -> None:
    """Note what was wanted and not had, in a transaction of its own, so that nobody waits for it under a lock.

    A request of another time than the present, such as a replay's, is nobody's demand.
    """
    if is_present:
        with transaction() as session:
            refused_wishes.note(session.connection(), order, [one.code for one in refused.refusals], now)


def preview_booking(order: Order, *, actor: Actor, now: datetime, reason: str = "") -> Decision:
    """What would become of an order at this moment, without holding anything: advisory, and by the same evaluator."""
    check_permission(order, actor, reason)
    with db.engine.connect() as connection:
        rows = resources.read_resources(connection, (claim.resource_id for claim in order.claims))
        book = counted(connection, rows, [(order, now)], lock=False, actors=[actor.user_id])
        return admit(order, book.situation(order, now, by=actor.user_id))


def _serve(request: Request) -> Booking:
    return looks.after_those_who_wait(partial(_answer, request), now=request.now)


def _answer(request: Request) -> Booking:
    try:
        answer = _counter().ask(request)
    except IntegrityError:
        # The same key was answered at the same time, here or in another process; its answer holds for both.
        kept = kept_answer(request)
        if kept is None:
            raise
        return kept
    if isinstance(answer, Refused | Owes):
        raise answer
    return answer


_counters: WeakKeyDictionary[Engine, Counter[Request, Booking | Refused | Owes]] = WeakKeyDictionary()


def _counter() -> Counter[Request, Booking | Refused | Owes]:
    return _counters.setdefault(db.engine, Counter(decide_in_turn))


def decide_in_turn(requests: Sequence[Request]) -> list[Booking | Refused | Owes]:
    """Lock and read, decide one after the other, write: one transaction for all who wait.

    Who asks for something that owes the wait list a look is not decided yet, and hears of that.
    """
    with quick_transaction() as connection:
        orders = [(request.order, request.now) for request in requests]
        send_ahead(connection, first_questions([order for order, _ in orders]))
        ids = iter(changes.new_ids(connection, len(orders)))
        askers = teams.teams_by_id(connection, {order.team_id for order, _ in orders})
        rows = resources.lock_resources(connection, {c.resource_id for order, _ in orders for c in order.claims})
        actors = {request.actor.user_id for request in requests}
        book = counted(connection, rows, orders, lock=True, askers=askers, actors=actors)

        owing = {row.id for row in rows if row.owes_look}
        decided = [_decide(request, book, owing) for request in requests]
        numbered = [(next(ids), one) for one in decided if isinstance(one, Admitted)]
        if numbered:
            changes.book(connection, numbered, book.held)

        made = iter(numbered)
        answers = [booked(*next(made), book) if isinstance(one, Admitted) else one for one in decided]
        keep(connection, requests, answers)
        return answers


def _decide(request: Request, book: Counted, owing: Set[int]) -> Admitted | Refused | Owes:
    first = owing & {claim.resource_id for claim in request.order.claims}
    if first and request.after_list:
        return Owes(first)
    situation = book.situation(request.order, request.now, by=request.actor.user_id)
    decision = admit(request.order, situation)
    if decision.refusals:
        return Refused(decision.refusals)
    book.take(after(situation, request.order, decision))
    who = request.actor
    return Admitted(request.order, decision, who.email, who.user_id, request.now, request.reason)


def booked(booking_id: int, one: Admitted, book: Counted) -> Booking:
    """The booking that was just written."""
    order, decision = one.order, one.decision
    return Booking(
        id=booking_id,
        team_id=order.team_id,
        team=book.teams[order.team_id].slug,
        state=decision.state,
        window=order.window,
        claims=tuple(_booked_claim(book.resources[c.resource_id], c.units, one) for c in order.claims),
        purpose=order.purpose,
        unit_seconds=order.unit_seconds,
        version=1,
        created_at=one.at,
        created_by=one.user_id,
        hold_until=decision.hold_until,
        check_in_from=decision.check_in_from,
        check_in_until=decision.check_in_until,
        series_id=one.series_id,
        occurrence=one.occurrence,
        history=(Move(one.at, None, decision.state, one.by, one.reason),),
    )


def _booked_claim(resource: Resource, units: int, one: Admitted) -> BookedClaim:
    return BookedClaim(
        resource_id=resource.id,
        resource=resource.slug,
        kind=resource.kind,
        organisation_id=resource.organisation_id,
        grid_minutes=resource.grid_minutes,
        units=units,
        terms=one.decision.terms[resource.id],
        approval="waiting" if resource.id in one.decision.approvals else "none",
        occupied=one.order.window if one.decision.holds else None,
        least_units=one.order.claim_of(resource.id).least_units,
    )


def keep(connection: Connection, requests: Iterable[Request], answers: Iterable[Booking | Refused | Owes]) -> None:
    """Remember the answers of requests that came with a key; only successes are kept."""
    keep_answers(
        connection,
        [
            Answered(request.actor.user_id, request.key.name, request.key.body_digest, answer.id, request.now)
            for request, answer in zip(requests, answers, strict=True)
            if request.key is not None and isinstance(answer, Booking)
        ],
    )


def kept_answer(request: Request) -> Booking | None:
    """The booking that answers this key already; Invalid where the key was used for another body."""
    if request.key is None:
        return None
    with db.engine.connect() as connection:
        kept = tokens.kept_answer(connection, request.actor.user_id, request.key.name)
        if kept is None:
            return None
        if kept.created_at > request.now - KEPT:
            if kept.body_digest != request.key.body_digest:
                raise Invalid("Idempotency-Key", "This Idempotency-Key was used for another request. Take a new one.")
            return bookings.find_booking(connection, kept.booking_id)
    with transaction() as session:
        forget_answer(session.connection(), request.actor.user_id, request.key.name, request.now - KEPT)
    return None


def settle_due(order: Order, now: datetime) -> bool:
    """Settle lapsed holds and no-shows on the claimed resources and of the team, each in its own transaction.

    Whether any was.
    """
    claimed = [claim.resource_id for claim in order.claims]
    with db.engine.connect() as connection:
        in_the_way = bookings.standing_in_the_way(connection, order.team_id, claimed, now)
    settled = False
    for what, booking_id in in_the_way:
        with transaction() as session:
            settled |= holdings.settle(session, what, booking_id, now=now)
    return settled


def check_permission(order: Order, actor: Actor, reason: str) -> None:
    """Refused, that alone, where the actor may not book in the team's name."""
    if may_book_for(actor, order.team_id):
        return
    with db.engine.connect() as connection:
        rows = resources.read_resources(connection, (claim.resource_id for claim in order.claims))
    if not may_book_on_behalf(actor, [(row.organisation_id, row.kind) for row in rows]):
        raise Refused([_not_a_member("You are not a member of this team and cannot book for it.")])
    if not reason.strip():
        raise Refused([_not_a_member("Say the reason why you book for a team that you are not in.")])


def _not_a_member(message: str) -> Refusal:
    return Refusal(Code.NOT_A_MEMBER, message, "team")
