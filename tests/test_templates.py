"""Rules for templates: what could run as a script, or look otherwise than everything else, is not written."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEMPLATES = sorted(set((ROOT / "templates").rglob("*.html")) - set((ROOT / "templates/mail").iterdir()))

FORBIDDEN = {
    # The `_` of templates takes what it is given for markup of ours; texts of people go through the filter `said`.
    "a translation of anything but a literal": re.compile(r"""(?<![\w.])n?(?:_|gettext|ngettext)\(\s*(?!["'])\S"""),
    "an inline style": re.compile(r"\sstyle="),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+="),
    "a script without the word of this answer": re.compile(r"<script(?![^>]*nonce=)(?![^>]*\ssrc=)"),
    "a table of its own": re.compile(r"<table"),
    "a time that no filter wrote": re.compile(r"strftime|isoformat|<time"),
    "markup that nobody escaped": re.compile(r"""\{\{(?!\s*["'])[^}]*\|\s*safe"""),
}
MAY = {
    ("a table of its own", "macros/show.html"),  # the one table
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_has(what: str):
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if FORBIDDEN[what].search(_without_comment(line))
        and (what, str(path.relative_to(ROOT / "templates"))) not in MAY
    ]
    assert not found


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a translation of anything but a literal", "{{ _(move.reason) }}"),
        ("a translation of anything but a literal", "{{ ngettext(one, many, 2) }}"),
        ("an inline style", '<p style="color: red">'),
        ("an inline handler", '<button onclick="x()">'),
        ("a script without the word of this answer", "<script>alert(1)</script>"),
        ("a table of its own", "<table class=table>"),
        ("a time that no filter wrote", "{{ at.strftime('%H') }}"),
        ("markup that nobody escaped", "{{ purpose | safe }}"),
    ],
)
def test_an_example_is_caught_of(what: str, line: str):
    assert FORBIDDEN[what].search(line)


def _without_comment(line: str) -> str:
    return re.sub(r"\{#.*?#\}", "", line)
