"""Use cases of measured use: bring it in from clusters and files, check bookings in by it, and settle their prices."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from booking.changes import bookings as booking_changes
from booking.changes import clusters as cluster_changes
from booking.changes import usage as changes
from booking.connectors.cluster import Cluster
from booking.db import db, transaction
from booking.domain.bookings import BookedClaim
from booking.domain.clusters import KnownCluster, booking_of
from booking.domain.drift import Difference, Kind
from booking.domain.errors import Forbidden
from booking.domain.jobs import JobResult, each
from booking.domain.ledger import price_of_end
from booking.domain.lifecycle import State
from booking.domain.outbox import DeliveryError, Unreachable
from booking.domain.permissions import Actor, may_operate
from booking.domain.usage import CLOCKS_APART, Doubtful, UsedJob, believable
from booking.domain.windows import Window
from booking.queries import clusters
from booking.queries import usage as questions
from booking.queries.resources import lock_resources
from booking.services import holdings
from booking.services.holdings import Locked

logger = logging.getLogger(__name__)

ASKED_AGAIN = timedelta(hours=1)
"""What is asked for anew each time, so that rows that came late are found."""

LONGEST_ASKED = timedelta(days=30)
"""No further back is asked for the ends of jobs: what still seems to run then has lost its end for good."""


@dataclass(frozen=True, slots=True)
class Posted:
    """How many rows stand now, and those that were left out."""

    rows: int
    doubtful: tuple[Doubtful, ...] = ()


def import_usage(now: datetime, *, reachable: Mapping[str, Cluster]) -> JobResult:
    """Bring in what jobs have used on every cluster since the last time; a cluster that fails is asked again later."""
    result = JobResult()
    with db.session() as session:
        known = clusters.clusters(session)
    for cluster in known:
        if cluster.name in reachable:
            result += _import_from(cluster, reachable[cluster.name], now)
    return result + _check_in_by_jobs(now)


def post_usage(name: str, rows: Sequence[UsedJob], *, actor: Actor, now: datetime) -> Posted:
    """Post rows that somebody has written down for a cluster; each good one counts once, however often it comes."""
    with transaction() as session:
        cluster = clusters.find_cluster(session, name)
        if not may_operate(actor, cluster.organisation_id):
            raise Forbidden("Only operators of %(organisation)s look after its clusters.",
                            numbers={"organisation": cluster.organisation_name})  # fmt: skip
        return _post(session.connection(), cluster, rows, now)


def settle_measured(now: datetime) -> JobResult:
    """Charge what ended bookings have used, once that is known; what nobody can say in time is charged as served."""
    with db.engine.connect() as connection:
        todo = questions.unsettled(connection)
    return each(todo, lambda booking_id: _settle(booking_id, now))


def _import_from(cluster: KnownCluster, machines: Cluster, now: datetime) -> JobResult:
    try:
        told = machines.usage(Window(_asked_since(cluster, now), now))
    except DeliveryError as error:
        if isinstance(error, Unreachable):
            with transaction() as session:
                cluster_changes.note_silence(session.connection(), cluster.id, str(error), now)
        return JobResult(errors=(f"{cluster.name}: {error}",))
    ours = [job for job in told if job.account.startswith(cluster.account_prefix) or booking_of(job.reservation)]
    with transaction() as session:
        connection = session.connection()
        posted = _post(connection, cluster, ours, now)
        cluster_changes.note_answer(connection, cluster.id, now, usage_until=now)
        _list_doubtful(connection, cluster, posted.doubtful, now)
    return JobResult(posted.rows, tuple(f"{cluster.name}: {one}" for one in posted.doubtful))


def _asked_since(cluster: KnownCluster, now: datetime) -> datetime:
    """From when on a cluster is asked: so that what came late is found, and the end of whatever seemed to run still."""
    since = min(cluster.usage_until or cluster.created_at, now) - ASKED_AGAIN
    with db.engine.connect() as connection:
        running = questions.running_since(connection, cluster.id)
    return since if running is None else min(since, max(running, now - LONGEST_ASKED))


def _post(connection: Connection, cluster: KnownCluster, rows: Sequence[UsedJob], now: datetime) -> Posted:
    # Two that post at once would each sum up a part, and who has the booking of a row would wait for the pool of it.
    lock_resources(connection, set(clusters.node_owners(connection, cluster.id).values()))
    accounts = questions.teams_by_account(connection, cluster)
    known = questions.known_jobs(connection, cluster.id, {row.job for row in rows})
    good, doubtful = believable(rows, known, accounts)
    named = {booking_id for row in good if (booking_id := booking_of(row.reservation))}
    booked = questions.bookings_named(connection, cluster.id, named)
    pools = clusters.node_owners(connection, cluster.id)

    placed: list[tuple[UsedJob, int | None, int | None]] = []
    for row in good:
        booking_id = booking_of(row.reservation)
        booking = booked.get(booking_id) if booking_id else None
        if booking and row.started_at < booking.made_at - CLOCKS_APART:
            booking = None  # the reservation had its number before, from another installation
        if booking_id and booking and booking.team_id != accounts[row.account]:
            doubtful.append(Doubtful(row.job, f"it ran for {row.account} in {row.reservation} of another team"))
        elif booking_id and booking:
            own = [pools[node] for node in row.nodes if pools.get(node) in booking.pools]
            placed.append((row, booking_id, own[0] if own else booking.pools[0]))
        else:
            placed.append((row, None, None))
    changes.post(connection, cluster.id, placed, now)
    used = questions.gpu_seconds_of(connection, booked)
    changes.note_measured(connection, used, questions.weights(connection, booked))
    return Posted(len(placed), tuple(doubtful))


def _list_doubtful(connection: Connection, cluster: KnownCluster, doubtful: Iterable[Doubtful], now: datetime) -> None:
    """Rows that cannot be believed stand in sight of operators for as long as the cluster tells them."""
    found = {one.job: Difference(Kind.USAGE, one.job, one.reason) for one in doubtful}
    listed = {subject for kind, subject in clusters.open_drifts(connection, cluster.id) if kind == Kind.USAGE}
    cluster_changes.note_drift(connection, cluster.id, [one for job, one in found.items() if job not in listed], now)
    gone = [(Kind.USAGE.value, subject) for subject in listed if subject not in found]
    cluster_changes.note_mended(connection, cluster.id, gone, now)


def _check_in_by_jobs(now: datetime) -> JobResult:
    """The first job of a booking says that its team is there."""
    with db.engine.connect() as connection:
        todo = questions.first_jobs(connection)
    return each(todo, lambda found: _check_in(*found, now=now))


def _check_in(booking_id: int, at: datetime, *, now: datetime) -> bool:
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        booking = held.booking
        if booking.state is not State.CONFIRMED or booking.checked_in_at is not None or booking.check_in_until is None:
            return False
        starts = booking.window.start <= now
        booking_changes.record(
            held.connection, booking, State.ACTIVE if starts else State.CONFIRMED, now=now, by=holdings.SYSTEM,
            reason="a job began", event="active" if starts else "checked_in", checked_in_at=at,
        )  # fmt: skip
        return True


def _settle(booking_id: int, now: datetime) -> bool:
    with transaction() as session:
        held = holdings.locked(session, booking_id)
        waiting = questions.settle_by(held.connection, booking_id)
        ended_at = held.booking.ended_at or held.booking.window.end
        known = questions.is_known(held.connection, booking_id, ended_at)
        due = {resource_id for resource_id, until in waiting.items() if known or until <= now}
        if not due:
            return False
        _charge(held, due, ended_at, known=known, now=now)
        for name in questions.clusters_of(held.connection, booking_id):
            cluster_changes.tell_of_booking(held.connection, name, booking_id, "settled", now)
        return True


def _charge(held: Locked, due: Iterable[int], ended_at: datetime, *, known: bool, now: datetime) -> None:
    booking = held.booking
    claims = {claim.resource_id: claim for claim in booking.claims if claim.resource_id in due}
    lines = {resource_id: lines for resource_id, lines in held.held_lines().items() if resource_id in claims}
    prices = {
        resource_id: _price(claim, booking.window, ended_at, known=known) for resource_id, claim in claims.items()
    }
    reason = "measured" if known else "never measured"
    booking_changes.settle_claims(held.connection, booking, lines, prices, now=now, by=holdings.SYSTEM, reason=reason)
    for resource_id in claims:
        changes.settled(held.connection, booking.id, resource_id)


def _price(claim: BookedClaim, window: Window, ended_at: datetime, *, known: bool) -> int:
    """Where it is known that there was no job, nothing was used; where nothing is known, that is not zero."""
    return price_of_end(
        claim.terms,
        asked=None if ended_at >= window.end else ended_at,
        served_until=ended_at,
        measured=(claim.measured_unit_seconds or 0) if known else None,
    )
