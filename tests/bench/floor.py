"""The floor: what PostgreSQL alone needs for the bare writes of a booking, by pgbench.

Six round trips: begin, lock the pool's row, sum what overlaps, insert the booking, insert the ledger row, commit.
"""

import re
from pathlib import Path

import psycopg

from tests.support.postgresql import Cluster

SCHEMA = """
DROP TABLE IF EXISTS floor_ledger, floor_booking, floor_pool;
CREATE TABLE floor_pool (id int PRIMARY KEY, units int NOT NULL);
CREATE TABLE floor_booking (
    id bigserial PRIMARY KEY, pool_id int NOT NULL REFERENCES floor_pool, team_id int NOT NULL,
    starts_at timestamptz NOT NULL, ends_at timestamptz NOT NULL, units int NOT NULL
);
CREATE INDEX ON floor_booking (pool_id, starts_at, ends_at);
CREATE TABLE floor_ledger (
    id bigserial PRIMARY KEY, booking_id bigint NOT NULL, grant_id int NOT NULL, unit_seconds bigint NOT NULL,
    at timestamptz NOT NULL
);
INSERT INTO floor_pool SELECT n, 100000 FROM generate_series(1, 64) n;
"""

SCRIPT = """
\\set pool random(1, {pools})
\\set slot random(0, 8639)
BEGIN;
SELECT units FROM floor_pool WHERE id = :pool FOR UPDATE;
SELECT coalesce(sum(units), 0) FROM floor_booking WHERE pool_id = :pool
    AND starts_at < timestamptz '2027-01-01Z' + (:slot + 4) * interval '15 min'
    AND ends_at > timestamptz '2027-01-01Z' + :slot * interval '15 min';
INSERT INTO floor_booking (pool_id, team_id, starts_at, ends_at, units) VALUES (:pool, :client_id,
    timestamptz '2027-01-01Z' + :slot * interval '15 min',
    timestamptz '2027-01-01Z' + (:slot + 4) * interval '15 min', 1);
INSERT INTO floor_ledger (booking_id, grant_id, unit_seconds, at)
    VALUES (currval('floor_booking_id_seq'), :client_id, 3600, now());
COMMIT;
"""


def floor(cluster: Cluster, database: str, *, clients: int, pools: int, seconds: int) -> float:
    """Bookings a second of the bare writes, its tables emptied before."""
    with psycopg.connect(cluster.url(database), autocommit=True) as connection:
        connection.execute(SCHEMA)
    script = Path(cluster.directory) / "floor.sql"
    script.write_text(SCRIPT.format(pools=pools), encoding="utf-8")
    options = ["--no-vacuum", f"--client={clients}", "--jobs=1", f"--time={seconds}", f"--file={script}"]
    printed = cluster.run("pgbench", f"--host={cluster.directory}", "--username=postgres", *options, database)
    found = re.search(r"tps = ([\d.]+)", printed)
    if found is None:
        raise RuntimeError(f"pgbench said no rate: {printed}")
    return float(found[1])
