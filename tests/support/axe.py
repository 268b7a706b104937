"""axe-core, from its lock file like what pages load, though no page loads it: what of a page breaks WCAG 2.2 AA."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / ".venv" / "node" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


def violations(page: Page) -> list[str]:
    """One line for each rule that is broken, with the elements that break it; empty where none is.

    The source is run by the browser's own hand, which no content security policy stops.
    """
    page.evaluate(_source())
    found = page.evaluate("(tags) => axe.run(document, { runOnly: tags })", list(TAGS))
    return [_line(each) for each in found["violations"]]


@cache
def _source() -> str:
    return AXE.read_text(encoding="utf-8")


def _line(violation: dict[str, Any]) -> str:
    nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
    return f"{violation['id']}: {violation['help']} ({len(violation['nodes'])}): {nodes}"
