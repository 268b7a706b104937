"""What every application of the tests compiles alike, compiled once in each test process.

Each test makes an application of its own, whose addresses and statements are those of all others; compiling them takes
longer than everything else that a test does before it begins.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]
MOST = 5_000


class Statements(dict[Any, Any]):
    """Compiled statements by the name of the dialect, where an engine would look by its own dialect alone."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        if len(self) >= MOST:
            self.clear()
        super().__setitem__((key[0].name, *key[1:]), compiled)


STATEMENTS = Statements()


def share_statements(engine: Engine) -> None:
    """Have an engine find what another one of its kind has compiled."""
    engine.update_execution_options(compiled_cache=STATEMENTS)


def remember_builders() -> None:
    """Have the builder of an address compiled for the first application that has it, and taken over by the others."""
    builders: dict[Any, Builder] = {}
    compile_builder = Rule._compile_builder

    def remembered(rule: Rule, append_unknown: bool = True) -> Builder:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    Rule._compile_builder = remembered  # type: ignore[method-assign]
