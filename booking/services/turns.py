"""Turns at a counter: requests that wait together in one process are served in one go."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

MOST_AT_ONCE = 32
"""How many are served in one go, unless it is said."""


class _Waiting(Generic[Asked, Answer]):
    """One request in the queue, and its answer once it has been served."""

    __slots__ = ("answer", "asked", "error", "served")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answer: Answer
        self.error: Exception | None = None
        self.served = False


class Counter(Generic[Asked, Answer]):
    """Whoever is first at the counter serves everyone who waits there, in order of arrival.

    `serve` answers many requests by one transaction. Where it fails as a whole, each request is served by itself, so
    that nobody suffers for another's error.
    """

    def __init__(self, serve: Callable[[Sequence[Asked]], Sequence[Answer]], most: int = MOST_AT_ONCE) -> None:
        self._serve, self._most = serve, most
        self._queue: deque[_Waiting[Asked, Answer]] = deque()
        self._counter = threading.Lock()

    def ask(self, asked: Asked) -> Answer:
        """The answer to one request; raises what serving it raised."""
        own = _Waiting[Asked, Answer](asked)
        self._queue.append(own)
        while not own.served:
            with self._counter:
                if not own.served:
                    self._serve_all([self._queue.popleft() for _ in range(min(len(self._queue), self._most))])
        if own.error is not None:
            raise own.error
        return own.answer

    def _serve_all(self, turn: list[_Waiting[Asked, Answer]]) -> None:
        try:
            for waiting, answer in zip(turn, self._serve([one.asked for one in turn]), strict=True):
                waiting.answer = answer
        except Exception as error:
            if len(turn) > 1:
                for one in turn:
                    self._serve_all([one])
            else:
                turn[0].error = error
        finally:
            for one in turn:
                one.served = True
