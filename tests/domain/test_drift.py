"""Drift: what a cluster has otherwise, what of it is ours, and what belongs to strangers."""

from booking.domain.clusters import Account, Binding, Machine, Reservation
from booking.domain.drift import Difference, Kind, accounts_astray, nodes_astray, reservations_astray, sorted_out
from tests.domain.examples import at, hours

NOW = at(0)


def reserved(name: str, *nodes: str, account: str = "bk_team", start: float = 1, end: float = 2) -> Reservation:
    return Reservation(name, nodes, hours(start, end), (account,))


def kinds(wanted: list[Reservation], found: list[Reservation]) -> list[tuple[Kind, str, bool]]:
    astray = reservations_astray(wanted, found, "bk_", ["a1", "a2"], NOW)
    return [(one.kind, one.subject, one.is_ours_to_mend) for one in astray]


def test_what_is_as_it_should_be_is_no_drift():
    assert kinds([reserved("bk-1", "a1")], [reserved("bk-1", "a1")]) == []


def test_what_is_missing_different_or_left_over_is_ours_to_mend():
    wanted = [reserved("bk-1", "a1"), reserved("bk-2", "a2")]
    found = [reserved("bk-2", "a1"), reserved("bk-3", "a2")]
    assert kinds(wanted, found) == [
        (Kind.MISSING, "bk-1", True), (Kind.DIFFERENT, "bk-2", True), (Kind.LEFT_OVER, "bk-3", True),
    ]  # fmt: skip


def test_a_strangers_reservation_is_told_where_it_takes_our_nodes_and_never_ours_to_mend():
    found = [
        reserved("maintenance", "a1", account="root"),
        reserved("physics", "z1", account="physics"),
        reserved("bk-1", "a2", account="root"),
    ]
    assert kinds([reserved("bk-1", "a1")], found) == [
        (Kind.STRANGER, "bk-1", False), (Kind.STRANGER, "maintenance", False),
    ]  # fmt: skip


def test_accounts_are_compared_by_members_and_limit():
    wanted = [Account("bk_a", frozenset({"ana"}), 5), Account("bk_b", frozenset(), 0), Account("bk_c", frozenset(), 1)]
    found = [
        Account("bk_a", frozenset({"ben"}), 6),
        Account("bk_b", frozenset(), 0),
        Account("bk_z", frozenset("x"), 0),
    ]
    said = {one.subject: one for one in accounts_astray(wanted, found)}
    assert said.keys() == {"bk_a", "bk_c", "bk_z"}
    assert said["bk_a"].detail == "GPU-minutes 6; they should be: 5; without ana; with ben, who should not be in it"
    assert said["bk_c"].is_ours_to_mend
    assert not said["bk_z"].is_ours_to_mend


def test_nodes_are_compared_with_the_binding():
    binding = Binding("main", "a", 8, ("a1", "a2", "a3", "a4", "a5"))
    partition = frozenset({"a"})
    machines = [
        Machine("a1", partition, 8, usable=True),
        Machine("a2", partition, 8, usable=False),
        Machine("a3", partition, 4, usable=True),
        Machine("a4", frozenset({"b"}), 8, usable=True),
    ]
    assert [one.detail for one in nodes_astray({"pool": binding}, machines)] == [
        "pool: out of service",
        "pool: it has 4 GPUs; it should have 8",
        "pool: it is not in partition a",
        "pool: the cluster has no such node",
    ]


def test_what_is_new_is_told_apart_from_what_is_no_more():
    missing = Difference(Kind.MISSING, "bk-1", "")
    stranger = Difference(Kind.STRANGER, "x", "")
    new, gone = sorted_out([("missing", "bk-1"), ("node", "a1")], [missing, stranger])
    assert (new, gone) == ([stranger], [("node", "a1")])
