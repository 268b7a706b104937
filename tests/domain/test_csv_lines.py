"""Lists come from anywhere: what can be read of one is read, and what cannot is named by its line."""

import pytest

from booking.domain import csv_lines
from booking.domain.csv_lines import BadLine, Record, Unreadable, records


def read(content: bytes) -> list[Record | BadLine]:
    return list(records(content, ("name", "gpu")))


def only_bad(content: bytes) -> str:
    """What is said of the one line that is bad."""
    (bad,) = [each for each in read(content) if isinstance(each, BadLine)]
    return str(bad)


def test_columns_may_stand_in_any_order_among_others_with_spaces_around_them() -> None:
    found = read(b"x, gpu ,name\n1, 2 , one\n")
    assert found == [Record(2, {"name": "one", "gpu": "2"})]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_may_end_as_they_do_on_any_machine(end: bytes) -> None:
    assert [each.line for each in read(end.join([b"name,gpu", b"a,1", b"", b"b,2"]))] == [2, 4]


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert read("\ufeffname,gpu\n机器,1\n".encode()) == [Record(2, {"name": "机器", "gpu": "1"})]


def test_quoted_values_may_hold_commas_and_quotes() -> None:
    assert read(b'name,gpu\n"a, ""b""",1\n')[0]["name"] == 'a, "b"'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"a", "line 3: 1 values where the first line names 2 columns"),
        (b"a,1,2", "line 3: 3 values where the first line names 2 columns"),
        (b"a\0,1", "line 3: contains a NUL byte"),
        ("机器,1".encode("gb18030"), "line 3: is not text in UTF-8"),
        (b'"never closed,1', "line 3: cannot be read as CSV (unexpected end of data)"),
        (b'"a"b,1', "line 3: cannot be read as CSV (',' expected after '\"')"),
        (b"a," + b"9" * 200_000, "line 3: cannot be read as CSV (field larger than field limit (131072))"),
    ],
)
def test_a_bad_line_is_named_and_harms_no_other(line: bytes, said: str) -> None:
    content = b"name,gpu\nfirst,1\n" + line + b"\nlast,1\n"
    assert only_bad(content) == said
    assert [each["name"] for each in read(content) if isinstance(each, Record)] == ["first", "last"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty: the first line names the columns"),
        (b"\n\n", "empty: the first line names the columns"),
        (b"name\na\n", "the first line does not name once: gpu"),
        (b"a,b\n1,2\n", "the first line does not name once: name, gpu"),
        (b"name,gpu,gpu\na,1,2\n", "the first line does not name once: gpu"),
        ("name,gpu\na,1\n".encode("utf-16"), "line 1: contains a NUL byte"),
        (b"\xff\xfe\n", "line 1: is not text in UTF-8"),
        (b"x" * (csv_lines.LARGEST_FILE + 1), "larger than 50 MB"),
    ],
    ids=lambda value: str(value[:30]),
)
def test_a_file_of_which_nothing_can_be_used_says_why(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read(content)
    assert str(raised.value) == said


@pytest.mark.parametrize(
    "text", ["", "-1", "1.5", "1e3", "NaN", "inf", "2147483648", "0x10", "１２", "٣", "1 000", "+1"]
)
def test_only_a_whole_number_in_plain_digits_is_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"gpu is .*, not a whole number from 0 to 1000"):
        Record(2, {"gpu": text}).whole("gpu", 1000)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("1000", 1000)])
def test_a_whole_number_up_to_the_limit_is_read(text: str, number: int) -> None:
    assert Record(2, {"gpu": text}).whole("gpu", 1000) == number


def test_a_message_shows_only_the_beginning_of_a_long_value() -> None:
    assert csv_lines.shown("x" * 1000 + "\n") == f"'{'x' * 40}…'"
