"""A real Slurm cluster of one's own, with pretend GPUs, on this machine: nothing but its directory is touched.

Partition `a` has four nodes of 8 GPUs, `b` two nodes of 4. A GPU is a link to /dev/null, which slurmd takes for a
device where it refuses a plain file. Every daemon listens on 127.0.0.1 or on a socket; a slurmd stands for each node.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.support import slurm_files as files
from tests.support.slurm_files import POOLS, Node

PROGRAMS = ("munged", "mariadbd", "mariadb-install-db", "slurmdbd", "slurmctld", "slurmd", "scontrol", "sacctmgr")
FIRST_PORTS = range(17_000, 19_000, 50)
PATIENCE_SECONDS = 60
PEOPLE = ("operator", "lead", "member", "rival")
"""Who has an account of this machine to run commands and jobs; the first is an Operator of Slurm and nothing more."""


def missing() -> str:
    """Why no cluster can be brought up here; empty where one can."""
    if os.geteuid():
        return "a cluster runs the jobs of several people, which takes root"
    lacking = [program for program in PROGRAMS if shutil.which(program, path=_path()) is None]
    return f"not installed: {', '.join(lacking)}" if lacking else ""


class SlurmCluster:
    """A cluster in a directory; any process may hold one of these, and the directory tells what runs."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.configuration = directory / "etc" / "slurm.conf"

    @property
    def port(self) -> int:
        """The first of its ports: the controller's; those of the accounts and the nodes follow."""
        return int((self.directory / "port").read_text())

    # What tests do with it

    def start(self) -> None:
        """Bring up what is not up yet; everything answers when this returns."""
        if not self.configuration.exists():
            self._make_files()
            for who in PEOPLE:
                _add_person(self.login(who))
        self.start_daemon("munged")
        self.start_daemon("mariadbd")
        self.start_daemon("slurmdbd")
        self._until(self._has_its_name, "slurmdbd takes no cluster")
        self.start_daemon("slurmctld")
        for node in self.nodes():
            self.start_daemon(f"slurmd.{node.name}")
        self._until(lambda: "is UP" in self._said("scontrol", "ping"), "slurmctld does not answer")
        self._until(self._all_idle, "the nodes do not come up")
        self.as_root("sacctmgr", "-i", "add", "user", self.login("operator"), "account=root", "adminlevel=Operator")

    def stop(self) -> None:
        """End every daemon and whatever jobs have left behind, and the accounts of this machine that were made."""
        if not self.configuration.exists():
            return
        if self.running("slurmctld"):
            with suppress(RuntimeError, TimeoutError, subprocess.SubprocessError):
                self.end_jobs()
        for name in [*(f"slurmd.{node.name}" for node in self.nodes()), "slurmctld", "slurmdbd", "mariadbd", "munged"]:
            self.kill(name, signal.SIGTERM)
        for left in _processes_of(self.configuration):
            os.kill(left, signal.SIGKILL)
        for who in PEOPLE:
            subprocess.run(["userdel", self.login(who)], check=False, capture_output=True)

    def clear(self) -> None:
        """Take every job, reservation and account away, as after a fresh start; daemons that were killed come back."""
        self.start()
        self.end_jobs()
        for line in self.as_root("scontrol", "-o", "show", "reservation").splitlines():
            if line.startswith("ReservationName="):
                self.delete(line.split()[0].partition("=")[2])
        for account in self.as_root("sacctmgr", "-nP", "list", "account", "format=account").split():
            if account != "root":
                self.as_root("sacctmgr", "-i", "delete", "account", f"name={account}")

    def end_jobs(self) -> None:
        """Cancel what waits or runs, and wait until nothing does."""
        for who in PEOPLE:
            self.as_root("scancel", "-u", self.login(who))
        self._until(lambda: not self._said("squeue", "-h", "-o", "%A"), "a job does not end")

    def as_root(self, *command: str) -> str:
        """What a command of Slurm prints when root says it; its failure is an error."""
        return self._run(command)

    def as_person(self, who: str, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command said by one of PEOPLE."""
        return subprocess.run([*self.prefix(who), *command], env=self.environment(), cwd=self.directory / "jobs",
                              check=check, capture_output=True, text=True, timeout=PATIENCE_SECONDS)  # fmt: skip

    def login(self, who: str) -> str:
        """The account of this machine that stands for one of PEOPLE, of this cluster alone."""
        return f"bk{self.port}{who}"

    def prefix(self, who: str) -> list[str]:
        """What makes a command one of this person's."""
        name = self.login(who)
        return ["setpriv", f"--reuid={name}", f"--regid={name}", "--clear-groups"]

    def submit(self, who: str, account: str, *options: str, runs: str = "sleep 60") -> str:
        """Hand in a job for an account; its number."""
        said = self.as_person(who, "sbatch", "--parsable", f"--account={account}", "--output=/dev/null", *options,
                              f"--wrap={runs}", check=False)  # fmt: skip
        if said.returncode:
            raise RuntimeError(said.stderr)
        return said.stdout.strip()

    def job(self, number: str) -> dict[str, str]:
        """What Slurm says of a job, by field."""
        said = self.as_root("scontrol", "-o", "show", "job", number)
        return dict(part.split("=", 1) for part in said.split() if "=" in part)

    def until_job(self, number: str, **wanted: str) -> dict[str, str]:
        """Wait until a job has these fields."""
        self._until(
            lambda: wanted.items() <= self.job(number).items(), f"job {number} is not {wanted}", self.job, number
        )
        return self.job(number)

    def until_counted(self, number: str, state: str) -> None:
        """Wait until the accounts know a job in this state, which takes them a moment."""
        command = ("sacct", "-nXP", "-j", number, "-o", "state")
        self._until(lambda: self._said(*command).startswith(state), f"job {number} is not counted as {state}")

    def reservation(self, name: str) -> dict[str, str] | None:
        """What Slurm says of a reservation; None where there is none."""
        for line in self.as_root("scontrol", "-o", "show", "reservation").splitlines():
            fields = dict(part.split("=", 1) for part in line.split() if "=" in part)
            if fields.get("ReservationName") == name:
                return fields
        return None

    # Its daemons

    def start_daemon(self, name: str) -> None:
        """Start one of the daemons unless it runs; the next waits until it is ready."""
        if self.running(name):
            return
        command, environment = self._daemon(name)
        process = _spawn(command, environment, self.directory / "log" / f"{name}.out")
        (self.directory / "run" / f"{name}.process").write_text(f"{process} {_started_at(process)}")
        ready = {
            "munged": self._munge_answers,
            "mariadbd": self._database_answers,
            "slurmdbd": self._accounting_answers,
        }
        if name in ready:
            self._until(ready[name], f"{name} does not come up", self._log, name)

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """End one of the daemons and wait until it has ended."""
        process = self.running(name)
        if process is None:
            return
        os.kill(process, how)
        deadline = time.monotonic() + 20
        while self.running(name) is not None:
            if time.monotonic() > deadline:
                os.kill(process, signal.SIGKILL)
            time.sleep(0.05)
            with suppress(ChildProcessError):
                os.waitpid(process, os.WNOHANG)

    def running(self, name: str) -> int | None:
        """The process of a daemon, where it lives; a number that somebody else has by now is not taken for it."""
        file = self.directory / "run" / f"{name}.process"
        if not file.exists():
            return None
        process, started = file.read_text().split()
        return int(process) if _started_at(int(process)) == started else None

    def nodes(self) -> list[Node]:
        first = self.port
        named = [
            (f"{partition}{number}", partition, gpus, model)
            for partition, (count, gpus, model) in POOLS.items()
            for number in range(1, count + 1)
        ]
        return [Node(*each, port=first + 10 + place) for place, each in enumerate(named)]

    def environment(self) -> dict[str, str]:
        """What commands of Slurm need to find this cluster and no other."""
        return {"PATH": _path(), "LC_ALL": "C", "TZ": "UTC", "SLURM_CONF": str(self.configuration)}

    def _daemon(self, name: str) -> tuple[list[str], dict[str, str]]:
        run, etc, log = (self.directory / part for part in ("run", "etc", "log"))
        environment = self.environment()
        if name == "munged":
            options = {
                "key-file": etc / "munge.key", "socket": run / "munge.sock", "pid-file": run / "munged.pid",
                "log-file": log / "munged.log", "seed-file": run / "munged.seed", "origin": "127.0.0.1",
            }  # fmt: skip
            return ["munged", "-F", *(f"--{option}={value}" for option, value in options.items())], environment
        if name == "mariadbd":
            small = ("--skip-networking", "--skip-log-bin", "--performance-schema=OFF", "--skip-name-resolve",
                     "--innodb-buffer-pool-size=64M", "--innodb-lock-wait-timeout=900")  # fmt: skip
            return ["mariadbd", *self._database_options(), f"--socket={run / 'mysql.sock'}",
                    f"--pid-file={run / 'mariadbd.pid'}", *small], environment  # fmt: skip
        if name == "slurmdbd":  # libmariadb finds a socket at an unusual place by this variable
            return ["slurmdbd", "-D"], environment | {"MYSQL_UNIX_PORT": str(run / "mysql.sock")}
        if name == "slurmctld":
            return ["slurmctld", "-D"], environment
        return ["slurmd", "-D", "-N", name.partition(".")[2]], environment

    def _database_options(self) -> list[str]:
        data = self.directory / "db"
        return ["--no-defaults", "--user=root", f"--datadir={data}", "--innodb-log-file-size=16M",
                "--innodb-flush-log-at-trx-commit=0"]  # fmt: skip

    # Its files

    def _make_files(self) -> None:
        for part in ("etc", "run", "log", "dev", "spool/ctld", "jobs"):
            (self.directory / part).mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o755)
        (self.directory / "jobs").chmod(0o1777)
        (self.directory / "port").write_text(str(_free_port()))
        for number in range(max(gpus for _, gpus, _ in POOLS.values())):
            (self.directory / "dev" / f"nvidia{number}").symlink_to("/dev/null")

        etc = self.directory / "etc"
        key = etc / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        (etc / "slurmdbd.conf").write_text(files.accounting(self.directory, self.port))
        (etc / "slurmdbd.conf").chmod(0o600)
        (etc / "gres.conf").write_text(files.gpus(self.directory, self.nodes()))
        (etc / "plugstack.conf").touch()
        (etc / "slurm.conf").write_text(files.controller(self.directory, self.port, self.nodes()))

        options = (*self._database_options(), "--auth-root-authentication-method=socket",
                   "--auth-root-socket-user=root", "--skip-test-db", "--skip-name-resolve")  # fmt: skip
        (self.directory / "db").mkdir(mode=0o700)
        self._run(("mariadb-install-db", *options))

    # Whether it is up

    def _munge_answers(self) -> bool:
        where = f"--socket={self.directory}/run/munge.sock"
        return (
            subprocess.run(["munge", where, "-n"], check=False, capture_output=True, env=self.environment()).returncode
            == 0
        )

    def _database_answers(self) -> bool:
        return bool(
            self._said("mariadb", "--no-defaults", f"--socket={self.directory}/run/mysql.sock", "-e", "select 1")
        )

    def _accounting_answers(self) -> bool:
        port = self.port + 1
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False

    def _has_its_name(self) -> bool:
        self._said("sacctmgr", "-i", "add", "cluster", "tests")
        return "tests" in self._said("sacctmgr", "-nP", "list", "cluster", "format=cluster").split()

    def _all_idle(self) -> bool:
        up = self._said("sinfo", "-h", "-N", "-t", "idle,alloc,mix,resv", "-o", "%n")
        return len(set(up.split())) == len(self.nodes())

    def delete(self, name: str) -> None:
        """Take a reservation away by hand."""

        def gone() -> bool:
            self._said("scontrol", "delete", f"reservationname={name}")
            return self.reservation(name) is None

        self._until(gone, f"reservation {name} stays")

    def _said(self, *command: str) -> str:
        """What a command printed, perhaps nothing; here it may fail."""
        done = subprocess.run(command, env=self.environment(), check=False, capture_output=True, text=True,
                              timeout=PATIENCE_SECONDS)  # fmt: skip
        return done.stdout if done.returncode == 0 else ""

    def _run(self, command: Sequence[str]) -> str:
        done = subprocess.run(command, env=self.environment(), check=False, capture_output=True, text=True,
                              timeout=PATIENCE_SECONDS)  # fmt: skip
        if done.returncode and "Nothing" not in done.stdout + done.stderr:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout

    def _log(self, name: str) -> str:
        return (self.directory / "log" / f"{name}.out").read_text(errors="replace")[-2000:]

    def _until(self, is_so: Callable[[], bool], complaint: str, tell: Callable[..., object] | None = None,
               *about: str) -> None:  # fmt: skip
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{complaint}: {tell(*about) if tell else ''}")
            time.sleep(0.1)


def _path() -> str:
    return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _spawn(command: Sequence[str], environment: Mapping[str, str], log: Path) -> int:
    """Start a program that outlives whoever started it; its process."""
    program = shutil.which(command[0], path=_path()) or command[0]
    write = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    files = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0)]
    files += [(os.POSIX_SPAWN_OPEN, number, str(log), write, 0o644) for number in (1, 2)]
    return os.posix_spawn(program, list(command), environment, file_actions=files, setsid=True)


def _free_port() -> int:
    """The first of a run of ports that nobody listens on."""
    for first in FIRST_PORTS:
        if all(_is_free(first + place) for place in range(20)):
            return first
    raise RuntimeError("no ports are free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _add_person(name: str) -> None:
    with suppress(KeyError):
        pwd.getpwnam(name)
        return
    subprocess.run(
        ["useradd", "--system", "--no-create-home", "--shell", "/bin/sh", name], check=True, capture_output=True
    )


def _started_at(process: int) -> str | None:
    """The tick at which a process began; None where there is none."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


def _processes_of(configuration: Path) -> Iterator[int]:
    """Steps of jobs that outlived their slurmd, known by the configuration in their environment."""
    wanted = f"SLURM_CONF={configuration}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if b"slurmstepd" in (folder / "cmdline").read_bytes() and wanted in (folder / "environ").read_bytes():
                yield int(folder.name)
