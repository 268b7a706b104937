"""What services raise, apart from refusals, when they do not do what was asked.

Each carries an English message id with `%(name)s` places and the numbers that fill them; the edges translate it and
answer by one table in `booking/http/errors.py`.
"""

from collections.abc import Mapping
from typing import Any

Numbers = Mapping[str, Any]


class Problem(Exception):
    """Why something was not done: a stable code, a sentence with its numbers, and the field where there is one."""

    code = "problem"

    def __init__(self, message: str, numbers: Numbers | None = None, *, code: str = "", field: str = "") -> None:
        super().__init__(message % dict(numbers) if numbers else message)
        self.message = message
        self.numbers = dict(numbers or {})
        self.code = code or type(self).code
        self.field = field


class NotFound(Problem):
    """The thing does not exist, or is none of the asker's business; both sound the same."""

    code = "not_found"

    def __init__(self, what: str = "page") -> None:
        super().__init__("There is no such %(what)s here.", {"what": what})
        self.what = what


class Unauthenticated(Problem):
    """Nobody known asks: no session, or a token that is missing, unknown, expired or revoked."""

    code = "unauthenticated"


class Forbidden(Problem):
    """The asker is known, and may not."""

    code = "forbidden"

    def __init__(self, reason: str, code: str = "", numbers: Numbers | None = None) -> None:
        super().__init__(reason, numbers, code=code)


class Invalid(Problem):
    """A value cannot be meant; `field` says which, in the words of forms and JSON bodies (`claims.0.units`)."""

    code = "invalid"

    def __init__(self, field: str, message: str, numbers: Numbers | None = None) -> None:
        super().__init__(message, numbers, field=field)


class Conflict(Problem):
    """What was asked contradicts what is there."""

    code = "conflict"

    def __init__(self, message: str, numbers: Numbers | None = None, *, code: str = "", field: str = "") -> None:
        super().__init__(message, numbers, code=code, field=field)


class IllegalMove(Conflict):
    """The state something is in does not allow the verb."""

    code = "illegal_move"

    def __init__(self, state: str, verb: str) -> None:
        super().__init__("This is %(state)s, so that “%(verb)s” is not possible.", {"state": state, "verb": verb})
        self.state = state
        self.verb = verb


class Stale(Problem):
    """Someone changed the thing since the asker read it; `version` is the present one."""

    code = "stale_version"

    def __init__(self, version: int) -> None:
        super().__init__(
            "It was changed meanwhile and is now version %(version)s. Look at it again.", {"version": version}
        )
        self.version = version


class Unavailable(Problem):
    """What is asked for lies somewhere that does not answer at the moment."""

    code = "unavailable"


class TooMany(Problem):
    """Asked too often; `retry_after` says in how many seconds it may be asked again."""

    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after: int, numbers: Numbers | None = None) -> None:
        super().__init__(message, numbers)
        self.retry_after = retry_after
