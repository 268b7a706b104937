"""The server that tests start is stopped whatever state an earlier run left it in."""

import os
import signal
import tempfile
from pathlib import Path
from time import monotonic, sleep

from tests.support.postgresql import Cluster


def test_a_server_that_was_killed_does_not_keep_the_next_run_from_starting() -> None:
    with tempfile.TemporaryDirectory(prefix="booking-killed-") as name:
        Path(name).chmod(0o711)  # the account of PostgreSQL passes through
        cluster = Cluster(Path(name) / "postgresql")
        cluster.start()
        pid_file = cluster.data / "postmaster.pid"
        os.kill(int(pid_file.read_text(encoding="ascii").splitlines()[0]), signal.SIGKILL)

        patience = monotonic() + 30
        while cluster.running and monotonic() < patience:
            sleep(0.05)
        cluster.stop()

        assert pid_file.exists(), "the server removed its file, so that this shows nothing"
        assert not cluster.running
