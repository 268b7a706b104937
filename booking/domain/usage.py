"""Measured use: what jobs took of the machines, one row a job and start, and what of it can be believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.domain.csv_lines import BadLine, Record, records, shown

COLUMNS = ("cluster", "job", "account", "login", "reservation", "gpus", "started_at", "seconds")
MOST_GPUS = 1_000_000
LONGEST_JOB_SECONDS = 366 * 86_400
LONGEST_WORD = 80

SETTLED_AFTER = timedelta(hours=24)
"""A booking that is charged as measured waits so long for its measure; then what was served is charged."""

UNKNOWN_FOR = timedelta(hours=1)
"""So long after its grace a booking is no no-show while its cluster has not said whether a job began in time."""

CLOCKS_APART = timedelta(seconds=5)
"""The clocks of a cluster and of our servers may differ by so much."""

MARGIN = timedelta(minutes=1)
"""What a cluster tells of an instant is believed so much later: the end of a job reaches its accounts with a delay."""


@dataclass(frozen=True, slots=True)
class UsedJob:
    """What one job, from one start on, has taken so far; `ended_at` None while it runs.

    `reservation` is the name of the one that it ran in, empty where it ran in none.
    """

    job: str
    account: str
    login: str
    reservation: str
    gpus: int
    started_at: datetime
    seconds: int
    ended_at: datetime | None = None
    nodes: tuple[str, ...] = ()

    @property
    def gpu_seconds(self) -> int:
        return self.gpus * self.seconds

    @property
    def last_seen(self) -> datetime:
        """Until when it is known to have run."""
        return self.started_at + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A row that was left out, and why."""

    job: str
    reason: str

    def __str__(self) -> str:
        return f"job {self.job}: {self.reason}"


def believable(
    rows: Iterable[UsedJob], known: Mapping[str, Sequence[UsedJob]], accounts: Mapping[str, object]
) -> tuple[list[UsedJob], list[Doubtful]]:
    """The rows that can be posted, and the others with the reason; `known` are those that stand already, by job.

    A row that stands already is good again: it may have grown since. One job cannot run twice at the same time.
    """
    good: dict[tuple[str, datetime], UsedJob] = {}
    doubtful = []
    by_job = {job: list(standing) for job, standing in known.items()}
    for row in rows:
        reason = _doubt(row, by_job.get(row.job, ()), accounts)
        if reason:
            doubtful.append(Doubtful(row.job[:LONGEST_WORD], reason))
            continue
        good[row.job, row.started_at] = row
        standing = [one for one in by_job.get(row.job, ()) if one.started_at != row.started_at]
        by_job[row.job] = [*standing, row]
    return list(good.values()), doubtful


def _doubt(row: UsedJob, standing: Sequence[UsedJob], accounts: Mapping[str, object]) -> str:
    if row.account not in accounts:
        return f"no team has the account {shown(row.account)}"
    if not 0 <= row.gpus <= MOST_GPUS:
        return f"{row.gpus} GPUs"
    if not 0 <= row.seconds <= LONGEST_JOB_SECONDS:
        return f"it ran for {row.seconds} seconds"
    if row.ended_at is not None and row.ended_at < row.started_at:
        return "it ended before it began"
    for other in standing:
        if other.started_at != row.started_at and _overlap(row, other):
            return f"it ran from {other.started_at:%Y-%m-%d %H:%M:%S} on as well"
    return ""


def _overlap(one: UsedJob, other: UsedJob) -> bool:
    return one.started_at < other.last_seen and other.started_at < one.last_seen


def read_usage(content: bytes) -> tuple[list[tuple[str, UsedJob]], list[BadLine]]:
    """Rows of use by the name of their cluster, from a file with the columns of COLUMNS; raises Unreadable.

    `started_at` is an instant with its offset; `reservation` may be empty.
    """
    rows, bad = [], []
    for record in records(content, COLUMNS):
        if isinstance(record, BadLine):
            bad.append(record)
            continue
        try:
            rows.append((_word(record, "cluster"), _row(record)))
        except ValueError as error:
            bad.append(BadLine(record.line, str(error)))
    return rows, bad


def _row(record: Record) -> UsedJob:
    started_at, seconds = _instant(record), record.whole("seconds", LONGEST_JOB_SECONDS)
    return UsedJob(
        job=_word(record, "job"),
        account=_word(record, "account"),
        login=_word(record, "login"),
        reservation=record["reservation"][:LONGEST_WORD],
        gpus=record.whole("gpus", MOST_GPUS),
        started_at=started_at,
        seconds=seconds,
        ended_at=started_at + timedelta(seconds=seconds),
    )


def _word(record: Record, column: str) -> str:
    text = record[column]
    if not 0 < len(text) <= LONGEST_WORD:
        raise ValueError(f"{column} is {shown(text)}, not a name of 1 to {LONGEST_WORD} characters")
    return text


def _instant(record: Record) -> datetime:
    text = record["started_at"]
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"started_at is {shown(text)}, not an instant such as 2026-03-02T10:00:00Z") from None
    if instant.tzinfo is None or not 1970 <= instant.year < 2500:
        raise ValueError(f"started_at is {shown(text)}, without its offset from UTC or out of this time")
    return instant


def in_quota(gpu_seconds: int, weight_percent: int) -> int:
    """What measured GPU-seconds are in unit-seconds of quota; a fraction is dropped."""
    return gpu_seconds * weight_percent // 100
