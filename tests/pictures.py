"""`make pictures`: the pictures of README.md, taken of the running product with its demo data."""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support import web_server
from tests.support.chromium import running_browser, watched_page

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "static" / "pictures"
PAGES = {"catalogue": "/catalogue", "timeline": "/pools/wuhan-ascend910", "facility": "/facilities/lumi"}


def main() -> None:
    """Serve the demo from a database of its own, and take each page."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite:///{name}/demo.db"
        for command in ("init", "demo"):
            flask = [sys.executable, "-m", "flask", "--app", "wsgi", command]
            subprocess.run(flask, cwd=ROOT, env=web_server.environment(url), check=True, stdout=subprocess.DEVNULL)
        server = web_server.start(url, Path(name) / "log", workers=1, settings={})
        try:
            take(server.url)
        finally:
            server.stop()


def take(url: str) -> None:
    with running_browser() as browser, watched_page(browser) as page:
        for name, path in PAGES.items():
            page.goto(url + path)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
