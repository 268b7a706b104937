"""The scheduler's command, once."""

import pytest
from flask import Flask

from booking.domain.jobs import JobResult
from booking.scheduler.jobs import Job, table


def test_once_prints_a_line_for_each_job(app: Flask):
    result = app.test_cli_runner().invoke(args=["scheduler", "--once"])

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [job.name for job in table({})]
    assert lines[0].startswith("expire holds: 0 items, 0 errors, ")
    assert lines[0].endswith(" ms")


def test_what_failed_is_said_beside_the_lines(app: Flask, monkeypatch: pytest.MonkeyPatch):
    broken = Job("broken", 5, lambda now: JobResult(1, ("booking 7: it broke",)))
    monkeypatch.setattr("booking.scheduler.table", lambda connectors: (broken,))

    result = app.test_cli_runner().invoke(args=["scheduler", "--once"])

    assert result.exit_code == 0
    assert result.stdout.startswith("broken: 1 items, 1 errors, ")
    assert "booking 7: it broke" in result.stderr
