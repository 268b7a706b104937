"""The parts of one kind of letter, and the mark of what is translated in them."""

from typing import NamedTuple


def _(message: str) -> str:
    """Marks a message for the catalogues of translations."""
    return message


class Wording(NamedTuple):
    """One kind of letter: its subject, what happened, what the reader can do, and what the link is called."""

    subject: str
    happened: str
    next_step: str
    link: str
