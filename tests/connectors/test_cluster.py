"""What a cluster promises, asked of a real Slurm and of the one in memory alike."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import sleep

import pytest

from booking.connectors.cluster import Cluster, MemoryCluster
from booking.connectors.slurm import Slurm
from booking.domain.clusters import Account, Machine, Reservation, Taken
from booking.domain.outbox import Permanent, Temporary, Unreachable
from booking.domain.usage import UsedJob
from booking.domain.windows import Window
from tests.support.slurm import SlurmCluster
from tests.support.slurm_files import POOLS

NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass
class Place:
    """A cluster, and what a test needs besides it: people's logins, a job that runs, and silence."""

    cluster: Cluster
    login: Callable[[str], str]
    run: Callable[[str, str, int, int], str]
    fall_silent: Callable[[], None]

    def used(self, number: str) -> UsedJob:
        """What one job has used by now."""
        return next(job for job in self.cluster.usage(hours(-1, 1)) if job.job == number)

    def over(self, number: str) -> UsedJob:
        """What a job has used once it has ended and been counted."""
        for _ in range(100):
            if self.used(number).ended_at:
                break
            sleep(0.1)
        return self.used(number)


@pytest.fixture(params=["memory", "slurm"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    if request.param == "memory":
        yield _in_memory()
        return
    slurm: SlurmCluster = request.getfixturevalue("slurm")
    cluster = Slurm(str(slurm.configuration), slurm.prefix("operator"))

    def run(reservation: str, account: str, nodes: int, gpus: int) -> str:
        options = (f"--reservation={reservation}", f"-N{nodes}", f"--gres=gpu:{gpus}", "--time=5")
        job = slurm.submit("member", account, *options)
        slurm.until_job(job, JobState="RUNNING")
        slurm.until_counted(job, "RUNNING")
        return job

    yield Place(cluster, slurm.login, run, lambda: slurm.kill("slurmctld"))


def _in_memory() -> Place:
    nodes = [
        Machine(f"{partition}{number}", frozenset({partition}), gpus, usable=True)
        for partition, (count, gpus, _) in POOLS.items()
        for number in range(1, count + 1)
    ]
    cluster = MemoryCluster(tuple(nodes))

    def run(reservation: str, account: str, nodes: int, gpus: int) -> str:
        on = cluster.reserved[reservation].nodes[:nodes]
        cluster.jobs.append(UsedJob("1", account, "member", reservation, gpus * nodes, NOW, 2, nodes=on))
        return "1"

    def fall_silent() -> None:
        cluster.down = True

    return Place(cluster, lambda who: who, run, fall_silent)


def hours(start: float, end: float) -> Window:
    return Window(NOW + timedelta(hours=start), NOW + timedelta(hours=end))


def present() -> datetime:
    """The time by now: another test may have taken minutes before this one."""
    return datetime.now(UTC)


def reservation(name: str, *nodes: str, window: Window | None = None) -> Reservation:
    return Reservation(name, nodes, window or hours(1, 2), ("bk_t",))


def names(cluster: Cluster) -> list[str]:
    return sorted(one.name for one in cluster.reservations())


def test_accounts_are_brought_to_what_is_wanted(place: Place):
    lead, member = place.login("lead"), place.login("member")
    cluster = place.cluster
    first = Account("bk_t", frozenset({lead, member}), 90)
    cluster.settle(first)
    cluster.settle(first)
    cluster.settle(Account("other", frozenset(), None))
    assert cluster.accounts("bk_") == (first,)

    for then in (Account("bk_t", frozenset({lead}), 0), Account("bk_t", frozenset(), None)):
        cluster.settle(then)
        assert cluster.accounts("bk_") == (then,)


def test_reservations_are_brought_to_what_is_wanted(place: Place):
    cluster = place.cluster
    cluster.settle(Account("bk_t", frozenset({place.login("member")}), None))
    for wanted in (
        reservation("bk-1", "a1", "a2"),
        reservation("bk-1", "a1", "a2"),
        reservation("bk-1", "a1", "a3", window=hours(1, 3)),
        reservation("bk-1", "a3", window=hours(2, 3)),
        reservation("bk-1", "a2", "a3", "a4", window=hours(1.5, 2)),
    ):
        cluster.put(wanted, NOW)
        assert cluster.reservations() == (wanted,)

    cluster.put(reservation("bk-2", "a2", window=hours(2, 3)), NOW)  # touching windows do not overlap
    with pytest.raises(Taken):
        cluster.put(reservation("bk-3", "a1", "a2", window=hours(1, 2)), NOW)
    with pytest.raises(Taken):
        cluster.put(reservation("bk-1", "a2", "a3", "a4", window=hours(1.5, 2.5)), NOW)
    cluster.remove("bk-1")
    cluster.remove("bk-1")
    assert names(cluster) in (["bk-2"], [])


def test_jobs_on_nodes_that_go_are_ended_and_what_they_used_is_told(place: Place):
    cluster, window = place.cluster, hours(-0.01, 1)
    cluster.settle(Account("bk_t", frozenset({place.login("member")}), None))
    cluster.put(reservation("bk-1", "a1", "a2", window=window), present())
    number = place.run("bk-1", "bk_t", 2, 8)
    job = place.used(number)
    assert (job.account, job.reservation, job.gpus, job.nodes) == ("bk_t", "bk-1", 16, ("a1", "a2"))
    assert job.ended_at is None

    cluster.put(reservation("bk-1", "a1", window=window), present())
    cluster.remove("bk-1")

    assert cluster.reservations() == ()
    job = place.over(number)
    assert job.gpu_seconds == 16 * job.seconds


def test_machines_are_known_with_their_gpus(place: Place):
    machines = {machine.name: machine for machine in place.cluster.machines()}
    assert place.cluster.version()
    assert machines["a1"] == Machine("a1", frozenset({"a"}), 8, usable=True)
    assert machines["b2"].gpus == 4


def test_one_that_is_down_says_so(place: Place):
    place.fall_silent()
    with pytest.raises(Unreachable):
        place.cluster.version()


ANSWERS = [
    ("echo slurm 21.08.8", "version", Permanent),
    ("echo what", "version", Temporary),
    ("sleep 5", "machines", Unreachable),
    ("echo 'ReservationName=x StartTime=soon EndTime=later Nodes=a1 Accounts=b'", "reservations", Temporary),
    ("echo 'a|b'", "usage", Temporary),
    ("echo 'Unable to contact slurm controller' >&2; exit 1", "reservations", Unreachable),
    ("echo 'Requested nodes are on strike' >&2; exit 1", "reservations", Temporary),
]


@pytest.mark.parametrize(("says", "asked", "error"), ANSWERS)
def test_strange_slow_and_old_answers_are_failures_of_the_delivery(says: str, asked: str, error: type[Exception]):
    cluster = Slurm("/nowhere/slurm.conf", ["sh", "-c", says], timeout_seconds=0.2)
    with pytest.raises(error):
        cluster.usage(hours(0, 1)) if asked == "usage" else getattr(cluster, asked)()


def test_a_program_that_is_not_there_is_said():
    with pytest.raises(Unreachable, match="cannot be run"):
        Slurm("/nowhere", ["/no/such/program"]).machines()


def test_no_name_reaches_a_command_that_it_could_change():
    cluster = Slurm("/nowhere", ["true"])
    for node in ("a1 flags=ignore_jobs", "a1,b1", "-a1", "a1;reboot"):
        with pytest.raises(Exception, match="made of letters"):
            cluster.put(reservation("bk-1", node), NOW)
