"""Slurm: a cluster that is told by its own commands, from version 22.05 on, as an ordinary user who is its Operator.

Commands are lists of arguments and never pass a shell. Nodes are always named: asked for a number of them, Slurm 22.05
reserves fewer and calls it a success.
"""

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from time import sleep

from booking.domain.clusters import (
    Account,
    Machine,
    Reservation,
    Taken,
    clean_login,
    clean_machine,
    in_order,
    nodes_listed,
    nodes_said,
    starts_alike,
)
from booking.domain.outbox import DeliveryError, Permanent, Temporary, Unreachable
from booking.domain.usage import UsedJob
from booking.domain.windows import Window

TIMEOUT_SECONDS = 30
LEAST_VERSION = (22, 5)
PATIENCE = 20
"""How often something is tried again that Slurm refuses for a moment, while a job ends or news travels."""
PAUSE_SECONDS = 0.5
A_DAY = timedelta(days=1)

PROGRAMS = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC"}
NOTHING_TO_DO = ("Nothing new added", "Nothing modified", "Nothing deleted")
SILENT = (
    "Unable to contact", "Connection refused", "Connection timed out", "Connection reset", "Socket timed out",
    "Slurm backup controller in standby mode", "Zero Bytes were transmitted", "Problem talking to the database",
    " is DOWN", "slurmdbd", "Communication connection failure", "Host is down",
)  # fmt: skip
USAGE = "JobIDRaw,User,Account,Reservation,ReservationId,AllocTRES,ElapsedRaw,State,Start,End,NodeList"


class Slurm:
    """The cluster that a `slurm.conf` leads to; `prefix` stands before every command, such as `sudo -u booker`."""

    def __init__(self, configuration: str, prefix: Sequence[str] = (), timeout_seconds: float = TIMEOUT_SECONDS):
        self.environment = PROGRAMS | {"SLURM_CONF": configuration}
        self.prefix = list(prefix)
        self.timeout_seconds = timeout_seconds

    def version(self) -> str:
        said = self._say("scontrol", "--version").strip()
        found = re.match(r"slurm(?:-wlm)? (\d+)\.(\d+)", said)
        if not found:
            raise Temporary(f"scontrol --version says {said[:80]!r}")
        if (int(found[1]), int(found[2])) < LEAST_VERSION:
            raise Permanent(f"{said} is older than 22.05")
        self._say("scontrol", "ping")
        return said

    def machines(self) -> tuple[Machine, ...]:
        return tuple(_machine(fields) for fields in self._shown("node", "NodeName"))

    def reservations(self) -> tuple[Reservation, ...]:
        return tuple(_reservation(fields) for fields in self._shown("reservation", "ReservationName"))

    def put(self, reservation: Reservation, now: datetime) -> None:
        standing = self._standing(reservation.name)
        if standing is None:
            self._create(reservation, now)
            return
        changes = _changes(standing, reservation, now)
        if not changes:
            return
        lost = set(standing.nodes) - set(reservation.nodes)
        if lost:
            self._end_jobs(f"--reservation={reservation.name}", f"--nodelist={nodes_said(lost)}")
        try:
            self._update(reservation.name, changes)
        except Taken:
            if standing.window.start > now:  # let go of what it has, so that two that want to change places can
                self.remove(reservation.name)
            raise

    def remove(self, name: str) -> None:
        if self._standing(name) is None:
            return
        self._end_jobs(f"--reservation={name}")

        def delete() -> None:
            try:
                self._say("scontrol", "delete", f"reservationname={name}")
            except DeliveryError as error:
                if "reservation is invalid" not in str(error):  # it has gone by itself meanwhile
                    raise

        self._patiently(delete, "in use")

    def accounts(self, prefix: str) -> tuple[Account, ...]:
        said = self._table("sacctmgr", "show", "assoc", "format=account,user,grptresmins", columns=3)
        names = dict.fromkeys(name for name, _, _ in said if name.startswith(prefix))
        return tuple(_account(name, said) for name in names)

    def settle(self, account: Account) -> None:
        name = account.name
        standing = next((one for one in self.accounts(name) if one.name == name), None)
        if standing is None:
            self._say("sacctmgr", "-i", "add", "account", f"name={name}", "description=booking", "organization=booking")
            standing = Account(name, frozenset(), None)
        if standing.gpu_minutes != account.gpu_minutes:
            limit = -1 if account.gpu_minutes is None else account.gpu_minutes
            self._say("sacctmgr", "-i", "modify", "account", f"name={name}", "set", f"GrpTRESMins=gres/gpu={limit}")
        for login in sorted(account.members - standing.members):
            self._say("sacctmgr", "-i", "add", "user", f"name={clean_login(login)}", f"account={name}")
        for login in sorted(standing.members - account.members):
            self._end_jobs(f"--account={name}", f"--user={login}")
            leave = ("sacctmgr", "-i", "delete", "user", f"name={login}", f"account={name}")
            self._patiently(lambda leave=leave: self._say(*leave), "active")  # type: ignore[misc]

    def usage(self, window: Window) -> tuple[UsedJob, ...]:
        since, until = (f"{instant:%Y-%m-%dT%H:%M:%S}" for instant in (window.start, window.end + timedelta(seconds=1)))
        rows = self._table("sacct", "-X", "-D", "-a", "-S", since, "-E", until, "-o", USAGE, columns=11)
        reserved = any(row[4].strip() not in ("", "0") for row in rows)
        names = self._reserved_names(window) if reserved else {}
        return tuple(job for row in rows for job in _used(row, names))

    def _reserved_names(self, window: Window) -> dict[str, str]:
        """The name of every reservation by its number: a job that began in the same second as it knows the number only.

        Those that began before the window belong to it as well.
        """
        since, until = (f"{instant:%Y-%m-%dT%H:%M:%S}" for instant in (window.start - 30 * A_DAY, window.end + A_DAY))
        said = self._table(
            "sacctmgr", "show", "reservation", f"start={since}", f"end={until}", "format=name,id", columns=2
        )
        return {number: name for name, number in said}

    def _standing(self, name: str) -> Reservation | None:
        return next((one for one in self.reservations() if one.name == name), None)

    def _create(self, reservation: Reservation, now: datetime) -> None:
        starts = "now" if reservation.window.start <= now else _moment(reservation.window.start)
        parts = [
            f"reservationname={reservation.name}",
            f"starttime={starts}",
            f"endtime={_moment(reservation.window.end)}",
            f"nodes={_nodes(reservation)}",
            f"accounts={','.join(reservation.accounts)}",
            # A job that nobody has promised anything may still run there; it keeps nobody from booking.
            "flags=ignore_jobs",
        ]
        # A new account reaches the controller a moment after it has been made.
        self._patiently(lambda: self._say("scontrol", "create", "reservation", *parts), "Invalid account")

    def _update(self, name: str, changes: Mapping[str, str]) -> None:
        said = [f"{field}={value}" for field, value in changes.items()]
        self._say("scontrol", "update", f"reservationname={name}", *said)

    def _end_jobs(self, *which: str) -> None:
        """Cancel the jobs that these options of squeue name."""
        live = self._say("squeue", "--noheader", "--format=%A", *which).split()
        if live:
            self._say("scancel", *sorted(set(live)))

    def _patiently(self, do: Callable[[], object], while_it_says: str) -> None:
        """Do something that Slurm refuses for a moment; what it says in the end is raised."""
        for _ in range(PATIENCE):
            try:
                do()
            except DeliveryError as error:
                if while_it_says not in str(error):
                    raise
            else:
                return
            sleep(PAUSE_SECONDS)
        do()

    def _shown(self, what: str, first: str) -> Iterator[dict[str, str]]:
        """What scontrol shows, one thing a line; values with spaces in them are cut, and none of ours has any."""
        for line in self._say("scontrol", "-o", "show", what).splitlines():
            if line.startswith(f"{first}="):
                yield dict(part.split("=", 1) for part in line.split() if "=" in part)

    def _table(self, program: str, *arguments: str, columns: int) -> list[list[str]]:
        rows = [line.split("|") for line in self._say(program, "-nP", *arguments).splitlines() if line]
        if any(len(row) != columns for row in rows):
            raise Temporary(f"{program} answers in another form than {columns} columns")
        return rows

    def _say(self, *command: str) -> str:
        """What a command printed; a failure is raised in Slurm's own words."""
        try:
            done = subprocess.run([*self.prefix, *command], env=self.environment, stdin=subprocess.DEVNULL,
                                  capture_output=True, check=False, timeout=self.timeout_seconds)  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Unreachable(f"{command[0]} has not answered within {self.timeout_seconds:g} seconds") from None
        except OSError as error:
            raise Unreachable(f"{command[0]} cannot be run: {error.strerror}") from None
        printed = done.stdout.decode(errors="replace")
        said = " ".join(f"{printed if done.returncode else ''}{done.stderr.decode(errors='replace')}".split())
        if done.returncode == 0 or any(nothing in said for nothing in NOTHING_TO_DO):
            return printed
        raise _failure(f"{' '.join(command[:3])}: {said[:500]}")


def _failure(said: str) -> DeliveryError:
    if "overlaps with another reservation" in said or "Requested nodes are busy" in said:
        return Taken(said)
    return (Unreachable if any(words in said for words in SILENT) else Temporary)(said)


def _changes(standing: Reservation, wanted: Reservation, now: datetime) -> dict[str, str]:
    """What has to be different, as scontrol takes it; the start of what has begun stays."""
    changes = {}
    if not starts_alike(standing.window, wanted.window, now):
        changes["starttime"] = _moment(max(wanted.window.start, now))
    if standing.window.end != wanted.window.end or "starttime" in changes:  # a new start would move the end along
        changes["endtime"] = _moment(wanted.window.end)
    if standing.nodes != wanted.nodes:
        changes["nodes"] = _nodes(wanted)
    if standing.accounts != wanted.accounts:
        changes["accounts"] = ",".join(wanted.accounts)
    return changes


def _nodes(reservation: Reservation) -> str:
    return ",".join(clean_machine(node, "nodes") for node in reservation.nodes)


def _moment(instant: datetime) -> str:
    """An instant in the only form that no time zone changes."""
    return f"uts{int(instant.timestamp())}"


def _machine(fields: Mapping[str, str]) -> Machine:
    gpus = sum(int(count) for count in re.findall(r"gpu(?::[^:,()]+)?:(\d+)", fields.get("Gres", "")))
    state = fields.get("State", "").upper()
    bad = ("DOWN", "DRAIN", "FAIL", "INVAL", "NOT_RESPONDING", "UNKNOWN", "POWERED_DOWN", "*")
    partitions = frozenset(fields.get("Partitions", "").split(","))
    return Machine(fields["NodeName"], partitions, gpus, not any(each in state for each in bad))


def _reservation(fields: Mapping[str, str]) -> Reservation:
    """ValueErrors here would be another version's words: they are the delivery's failure."""
    try:
        nodes = "" if fields["Nodes"] == "(null)" else fields["Nodes"]
        accounts = "" if fields["Accounts"] == "(null)" else fields["Accounts"]
        window = Window(_instant(fields["StartTime"]), _instant(fields["EndTime"]))
        named = nodes_listed(nodes) if nodes else ()
        return Reservation(fields["ReservationName"], named, window, tuple(sorted(filter(None, accounts.split(",")))))
    except (KeyError, ValueError) as error:
        raise Temporary(f"scontrol shows a reservation in another form: {error}") from error


def _account(name: str, rows: Sequence[Sequence[str]]) -> Account:
    own = [row for row in rows if row[0] == name]
    limits = [re.search(r"gres/gpu=(\d+)", limit) for _, login, limit in own if not login]
    found = next((limit for limit in limits if limit), None)
    return Account(name, frozenset(login for _, login, _ in own if login), int(found[1]) if found else None)


def _used(row: Sequence[str], names: Mapping[str, str]) -> Iterator[UsedJob]:
    """A job that has begun and holds GPUs."""
    job, login, account, name, number, allocated, seconds, _, start, end, nodes = row
    gpus = re.search(r"(?:^|,)gres/gpu=(\d+)", allocated)
    if not gpus or start in ("Unknown", "None", ""):
        return
    try:
        yield UsedJob(
            job=job,
            account=account,
            login=login,
            reservation=names.get(number.strip(), name),
            gpus=int(gpus[1]),
            started_at=_instant(start),
            seconds=int(seconds),
            ended_at=None if end in ("Unknown", "None", "") else _instant(end),
            nodes=nodes_listed(nodes) if nodes and "None" not in nodes else in_order(()),
        )
    except ValueError as error:
        raise Temporary(f"sacct shows job {job[:20]} in another form: {error}") from error


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
