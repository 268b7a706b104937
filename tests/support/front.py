"""The real nginx before a real server of the application, by the configuration that the project comes with."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes import ROOT

NGINX = shutil.which("nginx") or ("/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else None)
PLAIN = """
server {
    listen %(port)s;
    location / { root %(folder)s; sendfile on; }
}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def nginx_before(application: str, folder: Path, place: Path, *, root: str) -> Iterator[tuple[str, str]]:
    """Two addresses: of nginx before the application, and of the same nginx serving the folder plain."""
    assert NGINX is not None
    place.mkdir(parents=True, exist_ok=True)
    front, plain = free_port(), free_port()
    ours = (ROOT / "booking/nginx.conf").read_text(encoding="utf-8")
    for example, real in (
        ("127.0.0.1:8000", application.removeprefix("http://")),
        ("/run/nginx-booking.sock", str(place / "inner.sock")),
        ("listen 80;", f"listen 127.0.0.1:{front};"),
        ("/srv/datasets/centre/", f"{folder}/"),
        ("/in-front/centre/", f"/in-front/{root}/"),
    ):
        assert example in ours
        ours = ours.replace(example, real)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "\n".join(f"{kind}_temp_path {place / kind};" for kind in kinds)
    config = place / "nginx.conf"
    more = PLAIN % {"port": f"127.0.0.1:{plain}", "folder": folder}
    config.write_text(
        f"user root;\nworker_processes 2;\ndaemon off;\npid {place / 'pid'};\nerror_log {place / 'error.log'};\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{paths}\n{ours}\n{more}\n}}\n",
        encoding="utf-8",
    )
    process = subprocess.Popen([NGINX, "-c", str(config), "-p", str(place), "-e", str(place / "error.log")])
    try:
        _wait(front)
        yield f"http://127.0.0.1:{front}", f"http://127.0.0.1:{plain}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("nginx did not come up")
