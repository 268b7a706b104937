"""Every page as axe-core reads it, and as a phone shows it: nobody is kept out, and nothing hangs over the edge."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.exceptions import HTTPException

from tests.support.all_pages import NOT_PAGES, PAGES, furnish, paths
from tests.support.axe import violations
from tests.support.visitors import signed_in
from tests.support.web_server import WebServer

NARROWEST = 320
LOOKS = list(itertools.product(("en-GB", "zh-CN"), ("light", "dark"), (NARROWEST, 1280)))
USUAL = ("zh-CN", "dark", NARROWEST)
"""The look of the usual run; `make prove` takes all eight."""

browser_test = pytest.mark.browser


@contextmanager
def looking(browser: Browser, app: Flask, url: str, who: str, look: tuple[str, str, int]) -> Iterator[Page]:
    """A page of somebody who has signed in, in one language, colour scheme and width."""
    language, scheme, width = look
    with browser.new_context(
        locale=language, color_scheme=scheme, viewport={"width": width, "height": 800}, reduced_motion="reduce"
    ) as context:
        if who:
            cookie = signed_in(app, f"{who}@example.org").get_cookie("booking")
            context.add_cookies([{"name": "booking", "value": cookie.value, "url": url}])
        yield context.new_page()


@browser_test
@pytest.mark.parametrize(
    "look", [pytest.param(each, marks=() if each == USUAL else pytest.mark.prove) for each in LOOKS], ids=str
)
def test_no_page_keeps_anybody_out_or_hangs_over_the_edge(
    app: Flask, browser: Browser, live_server: Callable[..., WebServer], look: tuple[str, str, int]
):
    places, url = furnish(app), live_server().url
    wrongs: list[str] = []
    for who in PAGES:
        with looking(browser, app, url, who, look) as page:
            listen(page, wrongs)
            for path in paths(who, places):
                wrongs += [f"{who} {path}: {each}" for each in wrongs_of(page, url + path)]
    assert not wrongs, "\n".join(wrongs)


def listen(page: Page, wrongs: list[str]) -> None:
    """Note what the browser itself complains of: scripts that fail, and breaches of the content security policy."""
    page.on("pageerror", lambda error: wrongs.append(str(error)))
    page.on("console", lambda line: wrongs.append(line.text) if "Content Security" in line.text else None)


def wrongs_of(page: Page, address: str) -> Iterator[str]:
    answer = page.goto(address)
    assert answer, address
    if answer.status != (404 if address.endswith("/nothing") else 200):
        yield f"answered {answer.status}"
    yield from violations(page)
    wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if wide > room:
        yield f"is {wide} wide"


def test_every_page_that_there_is_is_looked_at(app: Flask):
    """A page that is new is named in tests/support/all_pages.py, by who looks at it."""
    urls = app.url_map.bind("localhost")
    seen = {endpoint_of(urls, path.format_map(Any())) for path in itertools.chain(*PAGES.values())}
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.rule.startswith("/api/")
        and not {rule.endpoint, rule.endpoint.split(".")[0]} & NOT_PAGES
    }
    assert pages - seen == set()


class Any(dict[str, str]):
    """A number in every place of an address."""

    def __missing__(self, key: str) -> str:
        return "1"


def endpoint_of(urls, path: str) -> str:
    try:
        return str(urls.match(urlsplit(path).path)[0])
    except HTTPException:
        return ""


@browser_test
def test_axe_finds_what_is_wrong(browser: Browser, app: Flask, live_server: Callable[..., WebServer]):
    """The positive control: without it an empty answer would say nothing."""
    url = live_server().url
    with looking(browser, app, url, "", USUAL) as page:
        page.goto(f"{url}/sign-in")
        assert violations(page) == []
        page.evaluate("document.querySelector('label').remove(); document.documentElement.lang = ''")
        assert {each.split(":")[0] for each in violations(page)} == {"label", "html-has-lang"}
