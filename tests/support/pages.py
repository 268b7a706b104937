"""Reads pages as people do: without tags, field by field."""

import html
import re


def text_of(page: str) -> str:
    """What stands on a page, without its tags and with single spaces."""
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def said_of(page: str, field: str) -> str:
    """What is said beside a field, as plain text; empty where nothing is."""
    found = re.search(rf'id="{field}-error">(.*?)</div>\s*</div>', page, re.DOTALL)
    return text_of(found[1]) if found else ""


def value_of(page: str, name: str) -> str:
    """The value that an input of the page has."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert tag, f"no input {name}"
    found = re.search(r'value="([^"]*)"', tag[0])
    return html.unescape(found[1]) if found else ""


def buttons_of(page: str) -> list[str]:
    """What the buttons of the page's content say."""
    content = page.partition("<main")[2].partition("</main>")[0]
    return [text_of(button) for button in re.findall(r"<button[^>]*>(.*?)</button>", content, re.DOTALL)]
