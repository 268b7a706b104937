"""Fills in forms as people do in a browser: load the page, type, send; what is left alone is sent as it stands."""

from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.visitors import signed_in


def browser(app: Flask, who: str) -> FlaskClient:
    """A browser in which somebody of a world has signed in."""
    return signed_in(app, f"{who}@example.org")


def fill(client: FlaskClient, address: str, **typed: Any) -> TestResponse:
    """Load a page, type into its form, and send it."""
    page = client.get(address)
    assert page.status_code == 200, page.text
    return client.post(address, data={**fields_of(page.text), **typed})


def fields_of(page: str) -> dict[str, str | list[str]]:
    """What the forms of the page's main part would send as they stand, by name."""
    reader = _Fields()
    reader.feed(page.partition("<main")[2].partition("</main>")[0])
    return {name: values[0] if len(values) == 1 else values for name, values in reader.values.items()}


class _Fields(HTMLParser):
    """Collects the values of successful controls, submit buttons left out."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._textarea = self._select = ""
        self._first: str | None = None
        self._sends_first = self._selected = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "input" and name:
            self._input(name, given)
        elif tag == "textarea":
            self._textarea = name
            self._add(name, "")
        elif tag == "select":
            self._select, self._first = name, None
            self._sends_first, self._selected = "multiple" not in given, False
        elif tag == "option" and self._select:
            self._option(given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""
        elif tag == "select":
            if self._sends_first and self._first is not None and not self._selected:
                self._add(self._select, self._first)
            self._select = ""

    def handle_data(self, text: str) -> None:
        if self._textarea:
            # Browsers leave out the line end that a page puts after the tag.
            self.values[self._textarea][-1] += text.removeprefix("\r\n").removeprefix("\n")

    def _input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        chosen = kind not in ("checkbox", "radio") or "checked" in given
        if kind != "submit" and chosen:
            self._add(name, given.get("value", "on" if kind == "checkbox" else ""))

    def _option(self, given: dict[str, str]) -> None:
        """A list of which one is chosen sends its first where none is selected."""
        if "selected" in given:
            self._selected = True
            self._add(self._select, given["value"])
        elif self._first is None:
            self._first = given["value"]

    def _add(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)
