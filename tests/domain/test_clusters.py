"""Clusters in our words: names that may reach a command, what is wanted, and what may be used there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.capacity import Steps
from booking.domain.clusters import (
    Binding,
    ClaimThere,
    Reservation,
    account_name,
    booking_of,
    budget,
    check_step,
    check_whole_nodes,
    clean_login,
    clean_machine,
    clean_prefix,
    is_as_wanted,
    is_ours,
    nodes_listed,
    nodes_said,
    reservation_name,
)
from booking.domain.errors import Conflict, Invalid
from tests.domain.examples import at, hours

HOSTILE = ["", "-a", "a b", "a,b", "a;b", "a=b", "a[1-2]", "a\n", "ä", "a'b", "$(a)", "../a", "a" * 200]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_hostile_name_reaches_a_command(text: str):
    for clean in (clean_machine, clean_login, clean_prefix):
        with pytest.raises(Invalid):
            clean(text, "field")
    with pytest.raises(ValueError, match="no account"):
        account_name("bk_", text)


@pytest.mark.parametrize("login", ["root", "slurm", "munge", "Ana", "9ana"])
def test_nobody_has_an_account_of_the_system(login: str):
    with pytest.raises(Invalid):
        clean_login(login)


def test_a_reservation_is_ours_by_its_name_and_by_whose_it_is():
    ours = Reservation(reservation_name(17), ("a1",), hours(1, 2), ("bk_team",))
    assert is_ours(ours, "bk_")
    for name, accounts in (("maintenance", ("bk_team",)), ("bk-17", ("physics",)), ("bk-17", ()), ("bk-0", ("bk_x",))):
        assert not is_ours(Reservation(name, ("a1",), hours(1, 2), accounts), "bk_")
    assert booking_of("bk-17") == 17
    assert booking_of("bk-17x") is None


def test_what_has_begun_may_have_begun_late_and_may_not_end_otherwise():
    wanted = Reservation("bk-1", ("a1",), hours(1, 3), ("bk_t",))
    late = Reservation("bk-1", ("a1",), hours(1.2, 3), ("bk_t",))
    assert is_as_wanted(late, wanted, at(1.5))
    assert not is_as_wanted(late, wanted, at(0))
    assert not is_as_wanted(Reservation("bk-1", ("a1",), hours(1, 4), ("bk_t",)), wanted, at(1.5))
    assert not is_as_wanted(None, wanted, at(1.5))
    assert is_as_wanted(None, None, at(1.5))


@pytest.mark.parametrize(
    ("said", "nodes"),
    [
        ("a1", ("a1",)),
        ("a[1-3]", ("a1", "a2", "a3")),
        ("a[2,10,9],b1", ("a2", "a9", "a10", "b1")),
        ("gpu-[08-11]", ("gpu-08", "gpu-09", "gpu-10", "gpu-11")),
        ("login", ("login",)),
    ],
)
def test_lists_of_nodes_are_read(said: str, nodes: tuple[str, ...]):
    assert nodes_listed(said) == nodes
    assert nodes_listed(nodes_said(nodes)) == nodes


@pytest.mark.parametrize("said", ["a[1-", "a[1-x]", "a[]b", "a[1-999999999]", "a b"])
def test_what_is_no_list_of_nodes_is_an_error(said: str):
    with pytest.raises(ValueError):  # noqa: PT011 (each has words of its own)
        nodes_listed(said)


@given(st.sets(st.integers(0, 120), min_size=1).map(lambda numbers: [f"n{number}" for number in numbers]))
def test_the_short_form_of_a_list_says_the_same(nodes: list[str]):
    assert set(nodes_listed(nodes_said(nodes))) == set(nodes)


def test_a_team_may_use_what_is_held_and_charged_there_unweighted_and_not_less_than_it_has_used():
    hour = 3600
    assert budget([]) == 0
    assert budget([ClaimThere(8, hour, 100, 8 * hour)]) == 8 * 60
    assert budget([ClaimThere(8, hour, 300, 24 * hour)]) == 8 * 60
    assert budget([ClaimThere(8, hour, 0, 0)]) == 8 * 60, "what needs no quota may use what it occupies"
    assert budget([ClaimThere(8, hour, 100, 60, measured=90)]) == 2
    assert budget([ClaimThere(8, hour, 100, 61)]) == 2, "a minute that has begun counts"


def test_a_bound_pool_offers_and_holds_whole_nodes_and_no_more_than_there_are():
    binding = Binding("main", "a", 8, ("a1", "a2"))
    check_whole_nodes(Steps(((at(1), 16), (at(5), 8), (at(6), 0))), [8, 16], binding, at(0))
    check_whole_nodes(Steps(((at(1), 7), (at(2), 8))), [], binding, at(3))  # what is past stays as it was
    for level in (12, 24):
        with pytest.raises(Conflict):
            check_whole_nodes(Steps(((at(1), level),)), [], binding, at(0))
    with pytest.raises(Conflict, match="A booking holds 4 GPUs"):
        check_whole_nodes(Steps(((at(1), 16),)), [4], binding, at(0))
    check_step(16, binding)
    with pytest.raises(Invalid):
        check_step(4, binding)


@pytest.mark.parametrize(
    ("binding", "field"),
    [
        (Binding("main", "a", 0, ("a1",)), "gpus_per_node"),
        (Binding("main", "a", 65, ("a1",)), "gpus_per_node"),
        (Binding("main", "a", 8, ()), "nodes"),
        (Binding("main", "a", 8, ("a1", "a1")), "nodes"),
        (Binding("main", "a", 8, ("a1 flags=maint",)), "nodes"),
        (Binding("main", "a b", 8, ("a1",)), "partition"),
        (Binding("Main!", "a", 8, ("a1",)), "cluster"),
    ],
)
def test_what_cannot_be_meant_of_a_binding_is_named(binding: Binding, field: str):
    with pytest.raises(Invalid) as refused:
        binding.checked()
    assert refused.value.field == field


def test_nodes_are_in_the_order_in_which_people_count():
    assert Binding("main", "a", 8, ("a10", "a2", "a1")).checked().nodes == ("a1", "a2", "a10")
