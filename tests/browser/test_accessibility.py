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
from tests.support.axe import TAGS, violations
from tests.support.visitors import signed_in
from tests.support.web_server import WebServer

NARROWEST = 320
LOOKS = list(itertools.product(("en-GB", "zh-CN"), ("light", "dark"), (NARROWEST, 1280)))
USUAL = ("zh-CN", "dark", NARROWEST)
"""The look of the usual run; `make prove` takes all eight."""

OVER = "document.documentElement.scrollWidth - innerWidth"
SWAP = """async ([address, tags]) => {
  const answer = await fetch(address);
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  const brings = (page) => [...page.querySelectorAll("link[rel=stylesheet], script[src]")].map((one) => one.outerHTML);
  if (!window.axe || brings(next).join() !== brings(document).join()) return null;

  document.title = next.title;
  document.documentElement.lang = next.documentElement.lang;
  document.body.replaceWith(next.body);
  const over = document.documentElement.scrollWidth - innerWidth;
  const wanted = { runOnly: tags, resultTypes: ["violations"], preload: false };
  const found = await axe.run({ exclude: [".site-header", ".site-footer"] }, wanted);
  const broken = found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((each) => each.html)}`);
  return { status: answer.status, over, broken };
}"""

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
    read = read_quickly if look == USUAL else read_whole
    wrongs: list[str] = []
    for who in PAGES:
        with looking(browser, app, url, who, look) as page:
            listen(page, wrongs)
            page.goto(url + "/sign-in")
            if not who:
                assert_axe_finds_what_is_wrong(page)
            for path in paths(who, places):
                wrongs += [f"{who} {path}: {each}" for each in wrongs_of(path, *read(page, url + path))]
    assert not wrongs, "\n".join(wrongs)


def listen(page: Page, wrongs: list[str]) -> None:
    """Note what the browser itself complains of: scripts that fail, and breaches of the content security policy."""
    page.on("pageerror", lambda error: wrongs.append(str(error)))
    page.on("console", lambda line: wrongs.append(line.text) if "Content Security" in line.text else None)


def assert_axe_finds_what_is_wrong(page: Page) -> None:
    """The positive control: without it an empty answer would say nothing."""
    assert violations(page) == []
    page.evaluate("document.querySelector('label').remove(); document.documentElement.lang = ''")
    assert {each.split(":")[0] for each in violations(page)} == {"label", "html-has-lang"}


def read_whole(page: Page, address: str) -> tuple[int, int, list[str]]:
    """The status of a page, how far it hangs over the edge, and what of it breaks the rules."""
    answer = page.goto(address)
    assert answer, address
    return answer.status, page.evaluate(OVER), violations(page)


def read_quickly(page: Page, address: str) -> tuple[int, int, list[str]]:
    """The same in a fraction of the time: the words of a page take the place of those of the one before.

    A page that has scripts or colours of its own is read whole. What stands around every page is read with those.
    """
    found = page.evaluate(SWAP, [address, TAGS])
    return (found["status"], found["over"], found["broken"]) if found else read_whole(page, address)


def wrongs_of(path: str, status: int, over: int, broken: list[str]) -> Iterator[str]:
    if status != (404 if path == "/nothing" else 200):
        yield f"answered {status}"
    yield from broken
    if over > 0:
        yield f"hangs over the edge by {over}"


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
