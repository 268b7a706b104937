"""Use cases of asking for many dates at once: preview them, or book all or the chosen ones together."""

from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from booking.changes import bookings as booking_changes
from booking.changes import refused_wishes
from booking.changes import series as changes
from booking.changes.bookings import Admitted
from booking.db import db, quick_transaction, transaction
from booking.db.direct import send_ahead
from booking.domain.admission import admit, after
from booking.domain.bookings import Booking
from booking.domain.errors import Invalid
from booking.domain.orders import Order
from booking.domain.permissions import Actor
from booking.domain.refusals import Refused
from booking.domain.series import Dates, Judged, Plan, Preview, Series, chosen, dates_of, of_date
from booking.queries import resources, teams
from booking.queries.series import find_series
from booking.queries.situations import Counted, counted, first_questions
from booking.services import looks
from booking.services.bookings import (
    FREED_BY_SETTLING,
    Key,
    Request,
    booked,
    check_permission,
    keep,
    kept_answer,
    settle_due,
)
from booking.services.looks import Owes
from booking.services.recurrences import days_of
from booking.services.turns import Counter

MOST_AT_ONCE = 4
"""How many series are booked in one go; each has many dates, and others wait for the same resources."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan with its dates, of which `days` were chosen where not all are wanted, and who asks, when, and why."""

    plan: Plan
    dates: Dates
    days: tuple[date, ...]
    actor: Actor
    now: datetime
    key: Key | None
    reason: str

    def request(self) -> Request:
        """The first of it, which stands for the whole where one booking is asked for."""
        return Request(self.dates.occurrences[0].order, self.actor, self.now, self.key, self.reason)

    def orders(self) -> list[Order]:
        return [one.order for one in self.dates.occurrences]


def preview_series(
    plan: Plan, *, actor: Actor, now: datetime, days: Sequence[date] | None = None, reason: str = ""
) -> Preview:
    """Each date of a plan, or each of the chosen `days`, with the evaluator's answer at this moment.

    The dates before it that fit are taken into account.

    Raises Invalid for a rule that cannot be meant, Refused where the actor may not book for the team.
    """
    dates = _asked(plan, days, actor, now, None, reason).dates
    check_permission(dates.occurrences[0].order, actor, reason)
    with db.engine.connect() as connection:
        rows = resources.read_resources(connection, (claim.resource_id for claim in plan.claims))
        orders = [(one.order, now) for one in dates.occurrences]
        book = counted(connection, rows, orders, lock=False, actors=[actor.user_id])
        return Preview(tuple(_judge(dates, book, now, actor)), dates.skipped)


def request_series(
    plan: Plan,
    *,
    actor: Actor,
    now: datetime,
    days: Sequence[date] | None = None,
    key: Key | None = None,
    reason: str = "",
) -> Series:
    """Book all dates of a plan, or the chosen `days` of it, by one transaction: together or not at all.

    They are judged one after the other, each against what those before it take, and come after those who wait for the
    same. Where something that is due stands in the way it is settled first. The same key and body answer with the same
    series.

    Raises Refused with every refusal of every date, its field being `dates.3.…`; Invalid for what cannot be meant.
    """
    asked = _asked(plan, days, actor, now, key, reason)
    check_permission(asked.request().order, actor, reason)
    kept = _kept(asked)
    if kept is not None:
        return kept

    try:
        return _serve(asked)
    except Refused as refused:
        in_the_way = FREED_BY_SETTLING & {refusal.code for refusal in refused.refusals}
        if not in_the_way or not settle_due(asked.request().order, now):
            _count_refusals(asked, refused)
            raise
    try:
        return _serve(asked)
    except Refused as refused:
        _count_refusals(asked, refused)
        raise


def _count_refusals(asked: Asked, refused: Refused) -> None:
    """Note each date that was wanted and not had, in a transaction of its own, so that nobody waits for it."""
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for refusal in refused.refusals:
        codes[refusal.numbers["date"]].append(refusal.code)
    with transaction() as session:
        for one in asked.dates.occurrences:
            if one.day.isoformat() in codes:
                refused_wishes.note(session.connection(), one.order, codes[one.day.isoformat()], asked.now)


def _asked(plan: Plan, days: Sequence[date] | None, actor: Actor, now: datetime, key: Key | None, reason: str) -> Asked:
    """What is asked for, dates that were not chosen being exceptions."""
    plan = replace(plan, rule=plan.rule.from_first(plan.times.first))
    by_rule = days_of(plan.rule, plan.times.first)
    dates = dates_of(plan, by_rule)
    if days is not None:
        dates = chosen(dates, days)
        plan = replace(plan, exceptions=frozenset(by_rule) - set(days), additions=plan.additions & set(days))
    listed = tuple(days) if days is not None else tuple(one.day for one in dates.occurrences)
    return Asked(plan, dates, listed, actor, now, key, reason)


def _serve(asked: Asked) -> Series:
    return looks.after_those_who_wait(partial(_answer, asked), now=asked.now)


def _answer(asked: Asked) -> Series:
    try:
        answer = _counter().ask(asked)
    except IntegrityError:
        # The same key was answered at the same time, here or in another process; its answer holds for both.
        kept = _kept(asked)
        if kept is None:
            raise
        return kept
    if isinstance(answer, Refused | Owes):
        raise answer
    return answer


_counters: WeakKeyDictionary[Engine, Counter[Asked, Series | Refused | Owes]] = WeakKeyDictionary()


def _counter() -> Counter[Asked, Series | Refused | Owes]:
    return _counters.setdefault(db.engine, Counter(book_in_turn, MOST_AT_ONCE))


def book_in_turn(asked: Sequence[Asked]) -> list[Series | Refused | Owes]:
    """Lock and read, decide one after the other, write: one transaction for all who wait, each booked whole or not."""
    with quick_transaction() as connection:
        orders = [order for one in asked for order in one.orders()]
        send_ahead(connection, first_questions(orders))
        series_ids = changes.new_ids(connection, len(asked))
        ids = iter(booking_changes.new_ids(connection, len(orders)))
        askers = teams.teams_by_id(connection, {one.plan.team_id for one in asked})
        rows = resources.lock_resources(connection, {claim.resource_id for one in asked for claim in one.plan.claims})
        timed = [(order, one.now) for one in asked for order in one.orders()]
        actors = {one.actor.user_id for one in asked}
        book = counted(connection, rows, timed, lock=True, askers=askers, actors=actors)

        owing = {row.id for row in rows if row.owes_look}
        decided = [_decide(one, book, owing) for one in asked]
        let_in = [
            LetIn(one, series_id, [(next(ids), _admitted(one, each, series_id)) for each in judged])
            for one, series_id, judged in zip(asked, series_ids, decided, strict=True)
            if not isinstance(judged, Refused | Owes)
        ]
        made = iter(_write(connection, let_in, book))
        return [one if isinstance(one, Refused | Owes) else next(made) for one in decided]


@dataclass(frozen=True, slots=True)
class LetIn:
    """A series that the evaluator has let in, under its id, and its bookings under theirs."""

    asked: Asked
    series_id: int
    numbered: list[tuple[int, Admitted]]


def _decide(asked: Asked, book: Counted, owing: Set[int]) -> list[Judged] | Refused | Owes:
    first = owing & {claim.resource_id for claim in asked.plan.claims}
    if first:
        return Owes(first)
    trial = book.trial()
    judged = _judge(asked.dates, trial, asked.now, asked.actor)
    refusals = [
        refusal
        for one in judged
        for refusal in of_date(one.decision.refusals, asked.days.index(one.occurrence.day), one.occurrence.day)
    ]
    if refusals:
        return Refused(refusals)
    book.adopt(trial)
    return judged


def _write(connection: Connection, let_in: Sequence[LetIn], book: Counted) -> list[Series]:
    """The rows of all series and their bookings; what they have become."""
    if not let_in:
        return []
    for one in let_in:
        who = one.asked.actor.user_id
        changes.begin(connection, one.series_id, one.asked.plan, user_id=who, now=one.asked.now)
    booking_changes.book(connection, [each for one in let_in for each in one.numbered], book.held)
    return [_written(connection, one, book) for one in let_in]


def _written(connection: Connection, one: LetIn, book: Counted) -> Series:
    """The series that was just written, of which people are told, and its key kept."""
    asked = one.asked
    made = tuple(booked(booking_id, admitted, book) for booking_id, admitted in one.numbered)
    by, now, reason = asked.actor.email, asked.now, asked.reason
    changes.tell(connection, one.series_id, "series_booked", made, now=now, by=by, reason=reason)
    keep(connection, [asked.request()], made[:1])
    return _series(asked, one.series_id, book, made)


def _judge(dates: Dates, book: Counted, now: datetime, actor: Actor) -> list[Judged]:
    """The decision on each date; what is admitted is counted for those after it."""
    judged = []
    for one in dates.occurrences:
        situation = book.situation(one.order, now, by=actor.user_id)
        decision = admit(one.order, situation)
        if not decision.refusals:
            book.take(after(situation, one.order, decision))
        judged.append(Judged(one, decision))
    return judged


def _admitted(asked: Asked, one: Judged, series_id: int) -> Admitted:
    who = asked.actor
    return Admitted(
        one.occurrence.order,
        one.decision,
        who.email,
        who.user_id,
        asked.now,
        asked.reason,
        series_id=series_id,
        occurrence=one.occurrence.day,
    )


def _series(asked: Asked, series_id: int, book: Counted, made: tuple[Booking, ...]) -> Series:
    """The series that was just written."""
    return Series(
        id=series_id,
        team=book.teams[asked.plan.team_id].slug,
        plan=asked.plan,
        version=1,
        created_at=asked.now,
        created_by=asked.actor.user_id,
        slugs={claim.resource_id: book.resources[claim.resource_id].slug for claim in asked.plan.claims},
        bookings=made,
    )


def _kept(asked: Asked) -> Series | None:
    """The series that answers this key already; Invalid where the key was used for another body."""
    booking = kept_answer(asked.request())
    if booking is None:
        return None
    if booking.series_id is None:
        raise Invalid("Idempotency-Key", "This Idempotency-Key was used for another request. Take a new one.")
    with db.engine.connect() as connection:
        return find_series(connection, booking.series_id, history=True)
