"""Two ways to work a page: with a mouse, and with the keys alone, as people do who see no pointer or hold none."""

from typing import Protocol

from playwright.sync_api import Locator, Page

MOST_STOPS = 150


class Hands(Protocol):
    """What somebody does with the parts of a page."""

    def press(self, part: Locator) -> None:
        """A link or a button."""

    def write(self, field: Locator, text: str) -> None:
        """Into a field, in the place of what stands there."""

    def pick(self, choice: Locator) -> None:
        """One of several round buttons."""

    def tick(self, box: Locator) -> None:
        """A box that is not ticked."""

    def choose(self, menu: Locator, value: str) -> None:
        """An entry of a menu, by its value."""


class Mouse:
    """Everything is clicked; only words are typed."""

    def press(self, part: Locator) -> None:
        part.click()

    def write(self, field: Locator, text: str) -> None:
        field.click()
        field.fill(text)

    def pick(self, choice: Locator) -> None:
        choice.check()

    def tick(self, box: Locator) -> None:
        box.check()

    def choose(self, menu: Locator, value: str) -> None:
        menu.select_option(value)


class Keys:
    """Nothing but keys: each part is reached from the one before, and the focus on it can be seen."""

    def press(self, part: Locator) -> None:
        self._reach(part).keyboard.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        keyboard = self._reach(field).keyboard
        keyboard.press("Control+A")
        keyboard.press("Delete")
        keyboard.type(text)

    def pick(self, choice: Locator) -> None:
        group = choice.page.locator(f"[name={choice.get_attribute('name')}]:checked")
        keyboard = self._reach(group).keyboard
        for _ in range(MOST_STOPS):
            if choice.is_checked():
                return
            keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {choice}")

    def tick(self, box: Locator) -> None:
        self._reach(box).keyboard.press("Space")
        assert box.is_checked()

    def choose(self, menu: Locator, value: str) -> None:
        keyboard = self._reach(menu).keyboard
        keyboard.press("Home")
        for _ in range(MOST_STOPS):
            if menu.input_value() == value:
                return
            keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {value}")

    def _reach(self, part: Locator) -> Page:
        part.wait_for()
        for _ in range(MOST_STOPS):
            if part.evaluate("it => it === document.activeElement"):
                assert part.evaluate("it => it.matches(':focus-visible') && is_seen(it)".replace("is_seen(it)", SEEN))
                return part.page
            part.page.keyboard.press("Tab")
        raise AssertionError(f"no key leads to {part}")


SEEN = "(style => style.outlineStyle !== 'none' || style.boxShadow !== 'none')(getComputedStyle(it))"
"""Whether a browser draws something around what has the focus."""
