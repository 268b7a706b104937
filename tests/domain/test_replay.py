"""A recorded workload becomes orders in its own time."""

from datetime import timedelta

import pytest

from booking.domain.csv_lines import Unreadable
from booking.domain.replay import Pod, Pool, PoolUse, Tally, choices, read_trace, summary, whole_window, widened
from booking.domain.windows import Window
from tests.domain.examples import MONDAY, at, minutes

HEADER = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time"
POOLS = [Pool(1, "c-g2", "G2", 15), Pool(2, "c-t4", "T4", 15), Pool(3, "c-v100", "V100", 15)]


def line(name: str = "p", gpus: str = "1", spec: str = "", first: str = "0", last: str = "900") -> str:
    return f"{name},1,1,{gpus},1000,{spec},LS,Running,{first},{last},0"


def trace(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines]).encode()


def test_a_row_without_gpus_is_no_request() -> None:
    found = read_trace(trace(line("a", gpus="0"), line("b")))
    assert [pod.name for pod in found.pods] == ["b"]
    assert found.bad == ()


def test_requests_come_in_the_order_of_their_time_and_else_as_listed() -> None:
    lines = (line("c", first="9"), line("a", first="3"), line("b", first="3"), line("d", first="0"))
    assert [pod.name for pod in read_trace(trace(*lines)).pods] == ["d", "a", "b", "c"]


def test_models_are_kept_in_the_order_in_which_they_are_named() -> None:
    (pod,) = read_trace(trace(line(spec=" V100M32 |T4|"))).pods
    assert pod.models == ("V100M32", "T4")


def test_parts_of_seconds_count_as_seconds_that_were_begun() -> None:
    (pod,) = read_trace(trace(line(first="10.9", last="20.1"))).pods
    assert (pod.first_second, pod.last_second) == (10, 21)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (line(gpus="-1"), "num_gpu is '-1', not a whole number from 0 to 10000"),
        (line(gpus="1.5"), "num_gpu is '1.5', not a whole number from 0 to 10000"),
        (line(gpus="2147483648"), "num_gpu is '2147483648', not a whole number from 0 to 10000"),
        (line(first="-5"), "creation_time is '-5', not seconds from 0 to 3162240000"),
        (line(first="soon"), "creation_time is 'soon', not seconds from 0 to 3162240000"),
        (line(last=""), "deletion_time is '', not seconds from 0 to 3162240000"),
        (line(last="9999999999999"), "deletion_time is '9999999999999', not seconds from 0 to 3162240000"),
        (line(last="NaN"), "deletion_time is 'NaN', not seconds from 0 to 3162240000"),
        (line(first="10", last="9"), "deletion_time 9 is before creation_time 10"),
        (line(name=""), "name has 0 characters, not 1 to 200"),
        (line(name="x" * 201), "name has 201 characters, not 1 to 200"),
        ("p,1", "2 values where the first line names 11 columns"),
    ],
)
def test_a_row_that_cannot_be_meant_is_named_and_left_out(bad: str, said: str) -> None:
    found = read_trace(trace(line("first"), bad, line("last")))
    assert [pod.name for pod in found.pods] == ["first", "last"]
    assert [str(each) for each in found.bad] == [f"line 3: {said}"]


def test_a_list_without_times_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="creation_time, deletion_time"):
        read_trace(b"name,num_gpu,gpu_spec\n")


@pytest.mark.parametrize(
    ("models", "tried"),
    [
        ((), ["c-g2", "c-t4", "c-v100"]),
        (("V100", "G2"), ["c-v100", "c-g2"]),
        (("v100",), ["c-v100"]),
        (("H800", "T4"), ["c-t4"]),
        (("T4", "t4"), ["c-t4"]),
        (("H800",), []),
    ],
)
def test_named_models_are_tried_in_the_order_given_and_any_other_request_by_slug(
    models: tuple[str, ...], tried: list[str]
) -> None:
    assert [pool.slug for pool in choices(Pod("p", 1, models, 0, 1), POOLS)] == tried


@pytest.mark.parametrize(
    ("first", "last", "window"),
    [
        (0, 900, minutes(0, 15)),
        (0, 901, minutes(0, 30)),
        (899, 901, minutes(0, 30)),
        (900, 900, minutes(15, 30)),
        (901, 901, minutes(15, 30)),
        (0, 1, minutes(0, 15)),
    ],
)
def test_a_window_is_widened_to_the_grid_and_has_at_least_one_step(first: int, last: int, window: Window) -> None:
    assert widened(Pod("p", 1, (), first, last), MONDAY, 15) == window


def test_a_start_off_the_grid_is_widened_too() -> None:
    assert widened(Pod("p", 1, (), 60, 120), at(0, 14), 15) == minutes(15, 30)


def test_the_whole_of_a_trace_lasts_to_the_end_of_its_last_request() -> None:
    found = read_trace(trace(line(last="9000"), line(last="950")))
    assert whole_window(found, MONDAY, POOLS) == Window(MONDAY, MONDAY + timedelta(minutes=150))
    assert whole_window(read_trace(trace(line(first="900", last="900"))), MONDAY, POOLS) == minutes(0, 30)
    assert whole_window(read_trace(trace()), MONDAY, POOLS) == minutes(0, 15)


def test_a_refused_request_counts_once_by_its_code() -> None:
    tally = Tally()
    for refusal in (None, "too_long", None, "capacity_exceeded", "capacity_exceeded"):
        tally.count(refusal)
    assert summary(tally, {"c-g2": PoolUse(24, 20, 0.5)}) == {
        "requests": 5,
        "admitted": 2,
        "refused": {"capacity_exceeded": 2, "too_long": 1},
        "pools": {"c-g2": {"offered": 24, "peak": 20, "utilisation": 0.5}},
    }
