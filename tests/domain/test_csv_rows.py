"""CSV that people take away: nothing in it runs, and nothing of it is lost."""

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest

from booking.domain.csv_rows import csv_lines

AT = datetime(2026, 3, 2, 8, 5, tzinfo=UTC)


def read(*rows: tuple) -> list[list[str]]:
    text = "".join(csv_lines(["name", "hours"], rows))
    assert text.startswith("\ufeff")
    return list(csv.reader(StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "=cmd|' /C calc'!A0"])
def test_what_a_spreadsheet_would_work_out_is_text(text: str):
    assert read((text, 1))[1][0] == f"'{text}"


@pytest.mark.parametrize("text", ["训练", 'a "quoted" name', "two\r\nlines", "a,b;c", "a=b", ""])
def test_any_other_text_comes_back_as_it_was(text: str):
    assert read((text, 1))[1] == [text, "1"]


def test_numbers_and_instants_are_plain_and_nothing_is_empty():
    assert read((-5, AT), (None, 0)) == [["name", "hours"], ["-5", "2026-03-02T08:05:00Z"], ["", "0"]]
