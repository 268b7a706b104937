"""Which machines bookings get: always enough, never one twice, and what runs stays where it is."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.domain.capacity import Steps
from booking.domain.pinning import Place, pinned
from booking.domain.windows import Window
from tests.domain.examples import at, hours

NODES = ("a1", "a2", "a3", "a4")


@st.composite
def admitted(draw: st.DrawFn) -> list[Place]:
    """Bookings that together never hold more than the four nodes, each as the admission would let it in."""
    places: list[Place] = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        start = draw(st.integers(0, 20))
        window = hours(start, start + draw(st.integers(1, 6)))
        count = draw(st.integers(1, 4))
        held = Steps.total([(each.window.start, each.window.end, each.count) for each in places])
        if held.highest(window) + count <= len(NODES):
            places.append(Place(number, window, count))
    return places


@given(admitted())
def test_whoever_was_admitted_gets_all_nodes_and_shares_none(places: list[Place]):
    chosen = pinned(NODES, places, at(-1))
    assert all(len(chosen[place.booking_id]) == place.count for place in places)
    _share_nothing(places, chosen)


@given(admitted())
def test_chosen_an_hour_ahead_all_day_long_what_runs_never_moves(places: list[Place]):
    """The job's day: at each hour those that begin within one get nodes beside those that run."""
    have: dict[int, tuple[str, ...]] = {}
    for hour in range(27):
        now = at(hour)
        near = [each for each in places if each.window.start <= now + timedelta(hours=1) and each.window.end > now]
        known = [Place(each.booking_id, each.window, each.count, have.get(each.booking_id, ())) for each in near]
        chosen = pinned(NODES, known, now)
        for each in known:
            assert len(chosen[each.booking_id]) == each.count
            if each.nodes and each.window.start <= now:
                assert chosen[each.booking_id] == each.nodes
        _share_nothing(known, chosen)
        have |= chosen


def _share_nothing(places: list[Place], chosen: dict[int, tuple[str, ...]]) -> None:
    for one in places:
        for other in places:
            if one.booking_id < other.booking_id and one.window.overlaps(other.window):
                assert not set(chosen[one.booking_id]) & set(chosen[other.booking_id])


def test_an_extended_booking_keeps_its_nodes_and_the_next_one_goes_elsewhere():
    places = [Place(1, hours(0, 3), 2, ("a1", "a2")), Place(2, hours(2, 4), 2, ("a1", "a2"))]
    assert pinned(NODES, places, at(1)) == {1: ("a1", "a2"), 2: ("a3", "a4")}


def test_what_runs_and_grows_takes_no_node_of_another_that_runs():
    places = [Place(1, hours(0, 3), 3, ("a1",)), Place(2, hours(1, 3), 1, ("a2",))]
    assert pinned(NODES, places, at(2)) == {1: ("a1", "a3", "a4"), 2: ("a2",)}


def test_what_shrinks_gives_back_its_last_nodes():
    assert pinned(NODES, [Place(1, hours(0, 3), 1, ("a2", "a4"))], at(1)) == {1: ("a2",)}


def test_unusable_nodes_are_taken_last_and_kept_nodes_first():
    place = Place(1, hours(2, 3), 2, ("a4",))
    assert pinned(NODES, [place], at(1), unusable={"a1", "a2"}) == {1: ("a3", "a4")}


def test_where_an_outage_displaced_somebody_the_last_to_begin_lacks_nodes():
    places = [Place(1, hours(0, 3), 3), Place(2, hours(1, 3), 2)]
    assert pinned(NODES, places, at(-1)) == {1: ("a1", "a2", "a3"), 2: ("a4",)}


def test_a_node_that_the_pool_has_lost_is_replaced_before_the_start():
    assert pinned(("a1", "a2"), [Place(1, Window(at(2), at(3)), 1, ("z9",))], at(1)) == {1: ("a1",)}
