"""`make bench`: measure everything and print the table."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask_migrate import upgrade
from rich.console import Console
from rich.table import Table

from booking import create_app
from tests.bench import admission, due, pages, races, searches
from tests.bench.admission import Row
from tests.bench.world import build_field, load_past
from tests.support import web_server
from tests.support.postgresql import Cluster

DURABLE = {"max_connections": "200", "shared_buffers": "1GB", "max_wal_size": "8GB"}
MILLION = 1_000_000


@contextmanager
def durable_cluster(directory: Path) -> Iterator[Cluster]:
    """PostgreSQL as it comes, each commit on disk before it answers."""
    cluster = Cluster(directory / "postgresql")
    cluster.start(DURABLE)
    try:
        yield cluster
    finally:
        cluster.stop()


def measure(directory: Path, million: int) -> Iterator[Row]:
    """Every row of the table, as it is measured."""
    with durable_cluster(directory) as cluster:
        cluster.create("floor")
        url = cluster.create("booking")
        app = create_app({"DATABASE_URL": url, "SECRET_KEY": "bench", "SCHEDULER": False})
        with app.app_context():
            upgrade()
        field = build_field(app)
        server = web_server.start(url, directory / "log", workers=2, settings={"API_RATE_LIMIT": ""})
        try:
            yield from admission.admission_rows(cluster, server, field)
            yield from due.due_rows(app, cluster, url)
            load_past(app, url, field.small, 1_000)
            load_past(app, url, field.large, million)
            yield admission.history_row(server, field)
        finally:
            server.stop()
        yield from pages.page_rows(app, url, directory, field)
        yield from searches.search_rows(app, url, directory, field, million)
        yield from races.race_rows(cluster, directory)


def main() -> int:
    """Print each row as it comes, and the whole table at the end; 1 where a gate is missed."""
    million = int(os.environ.get("BENCH_MILLION", MILLION))
    console = Console()
    table = Table("what", "ratio", "gate", "reach", "measured", title="Ratios of one run on this machine")
    missed = False
    with tempfile.TemporaryDirectory(prefix="booking-bench-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        for row in measure(directory, million):
            missed |= row.is_missed
            gate, reach = row.goals
            console.print(f"{row.what}: {row.ratio:.2f} (gate {gate}, reach {reach}; {row.beside})")
            table.add_row(row.what, f"{row.ratio:.2f}", gate, reach, row.beside)
    console.print(table)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
