"""Health: whether the process is up, whether it is ready, and what a monitor counts."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from booking import clock
from booking.http.reading import reading
from booking.queries import clusters
from booking.queries import health as questions

LED_WITHIN = timedelta(minutes=1)

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> Response:
    """The process is up."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> tuple[Response, int]:
    """The database is reachable, its schema current, and a scheduler has led within the last minute."""
    checks = _checks()
    well = all(check == "ok" for check in checks.values())
    return jsonify(status="ok" if well else "not ready", **checks), 200 if well else 503


@bp.get("/metrics")
def metrics() -> Response:
    """What Prometheus reads: jobs, outbox, open bookings."""
    registry = CollectorRegistry()
    registry.register(_Counts())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _checks() -> dict[str, str]:
    session = reading()
    try:
        led = questions.last_led(session)
        current = questions.schema_revisions(session) == _newest_schema(current_app.root_path)
    except SQLAlchemyError as error:
        session.rollback()
        return {"database": type(error).__name__}
    return {
        "database": "ok",
        "schema": "ok" if current else "not current: run flask --app wsgi init",
        "scheduler": "ok" if led and led > clock.now() - LED_WITHIN else "none has led within the last minute",
    }


@cache
def _newest_schema(root_path: str) -> set[str]:
    return set(ScriptDirectory(str(Path(root_path).parent / "migrations")).get_heads())


class _Counts(Collector):
    def collect(self) -> Iterator[Metric]:
        session = reading()
        yield from _jobs(session)
        yield _by_state("booking_outbox_items", "Items that have not been delivered", questions.outbox_counts(session))
        yield from _clusters(session)
        yield _by_state("booking_open_bookings", "Bookings that are not over", questions.open_bookings(session))


def _jobs(session: Session) -> Iterator[Metric]:
    started = GaugeMetricFamily("booking_job_started_seconds", "When a job last began", labels=["job"])
    took = GaugeMetricFamily("booking_job_duration_seconds", "How long its last run took", labels=["job"])
    items = GaugeMetricFamily("booking_job_items", "What its last run did", labels=["job"])
    errors = GaugeMetricFamily("booking_job_errors", "What failed in its last run", labels=["job"])
    for run in questions.job_runs(session):
        started.add_metric([run.name], run.started_at.timestamp())
        took.add_metric([run.name], run.milliseconds / 1000)
        items.add_metric([run.name], run.items)
        errors.add_metric([run.name], run.errors)
    yield from (started, took, items, errors)


def _clusters(session: Session) -> Iterator[Metric]:
    up = GaugeMetricFamily("booking_cluster_up", "Whether a cluster answers", labels=["cluster"])
    waiting = GaugeMetricFamily("booking_cluster_waiting", "Items that it is still to be told", labels=["cluster"])
    for cluster in clusters.clusters(session):
        up.add_metric([cluster.name], 0 if cluster.silent_since else 1)
        waiting.add_metric([cluster.name], clusters.waiting(session, cluster.name).items)
    astray = GaugeMetricFamily("booking_cluster_drift", "What it has otherwise than it should", labels=["cluster"])
    for name, number in clusters.drift_counts(session).items():
        astray.add_metric([name], number)
    yield from (up, waiting, astray)


def _by_state(name: str, line: str, counts: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, line, labels=["state"])
    for state, number in counts.items():
        family.add_metric([state], number)
    return family
