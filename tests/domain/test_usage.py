"""Measured use: rows count once, however often and late they come, and what cannot be is left out with its reason."""

from datetime import timedelta

import pytest

from booking.domain.csv_lines import Unreadable
from booking.domain.usage import UsedJob, believable, in_quota, read_usage
from tests.domain.examples import at

ACCOUNTS = {"bk_team": 1}


def job(number: str = "1", start: float = 1, seconds: int = 60, **fields: object) -> UsedJob:
    usual = {"account": "bk_team", "login": "ana", "reservation": "bk-1", "gpus": 8, "started_at": at(start)}
    return UsedJob(job=number, seconds=seconds, **{**usual, **fields})


def test_a_row_that_comes_twice_or_has_grown_counts_once():
    good, doubtful = believable([job(), job(), job(seconds=90)], {"1": [job(seconds=30)]}, ACCOUNTS)
    assert (good, doubtful) == ([job(seconds=90)], [])


def test_a_job_that_was_started_anew_counts_both_times():
    good, doubtful = believable([job(), job(start=2)], {}, ACCOUNTS)
    assert (len(good), doubtful) == (2, [])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (job(account="physics"), "no team has the account"),
        (job(seconds=-1), "it ran for -1 seconds"),
        (job(gpus=-8), "-8 GPUs"),
        (job(ended_at=at(0)), "it ended before it began"),
        (job(start=1.01), "it ran from 2026-03-02 01:00:00 on as well"),
    ],
)
def test_what_cannot_be_is_left_out_and_the_rest_is_posted(row: UsedJob, reason: str):
    good, doubtful = believable([row, job("2")], {"1": [job(seconds=120)]}, ACCOUNTS)
    assert good == [job("2")]
    assert reason in str(doubtful[0])


HEAD = "cluster,job,account,login,reservation,gpus,started_at,seconds\n"


def test_a_file_gives_its_good_rows_and_names_the_others():
    lines = [
        "main,1,bk_team,ana,bk-1,8,2026-03-02T01:00:00Z,60",
        "main,2,bk_team,ana,bk-1,8,2026-03-02T01:00:00,60",
        "main,3,bk_team,ana,bk-1,-8,2026-03-02T01:00:00Z,60",
        "main,4,bk_team,ana,bk-1,8,2026-03-02T01:00:00Z,-60",
        ",5,bk_team,ana,,8,2026-03-02T01:00:00Z,60",
        "main,6,bk_team,ana,,8,2026-03-02T03:00:00+02:00,60",
    ]
    rows, bad = read_usage((HEAD + "\n".join(lines)).encode())
    assert [(cluster, row.job, row.started_at) for cluster, row in rows] == [("main", "1", at(1)), ("main", "6", at(1))]
    assert rows[0][1].ended_at == at(1) + timedelta(minutes=1)
    assert [line.line for line in bad] == [3, 4, 5, 6]


def test_a_file_without_its_columns_is_unreadable():
    with pytest.raises(Unreadable):
        read_usage(b"job,seconds\n1,2")


def test_measured_seconds_are_weighted_as_the_price_is():
    assert in_quota(100, 300) == 300
    assert in_quota(99, 25) == 24
