"""What a process remembers of resources: as of their versions, and no more than there is room for."""

from booking.domain.capacity import NOTHING, Steps
from booking.queries.known_profiles import Known, Memory
from booking.queries.profiles import Profile, Track
from tests.domain.examples import at, pool


def known(number: int, version: int = 1) -> Known:
    profile = Profile.of(Track.of(Steps(base=8)), Track.of(NOTHING), grid_minutes=15, since=at())
    return Known(version, at(), pool(number), profile, (15, 0))


def test_a_resource_is_recalled_as_of_its_version_and_its_time_only():
    memory = Memory(10**6)
    memory.remember([known(1), known(2, version=5)])
    assert memory.recall({1: 1, 2: 5, 3: 1}, at()).keys() == {1, 2}
    assert memory.recall({1: 2, 2: 4}, at()) == {}
    assert memory.recall({1: 1}, at(-1)) == {}


def test_what_was_asked_for_longest_ago_is_forgotten_first():
    size = known(1).profile.size_bytes
    memory = Memory(2 * size)
    memory.remember([known(1), known(2)])
    memory.recall({1: 1}, at())
    memory.remember([known(3)])
    assert memory.recall({1: 1, 2: 1, 3: 1}, at()).keys() == {1, 3}
    assert memory.bytes == 2 * size


def test_a_newer_version_takes_the_place_of_the_older_one():
    memory = Memory(10**6)
    memory.remember([known(1)])
    memory.remember([known(1, version=2)])
    assert memory.recall({1: 2}, at()).keys() == {1}
    assert memory.bytes == known(1).profile.size_bytes
