"""What every application of the tests compiles alike, compiled once in each test process."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


def remember_builders() -> None:
    """Have the builder of an address compiled for the first application that has it, and taken over by the others.

    Each test makes an application of its own, and the addresses of all of them are the same; compiling these takes
    longer than everything else that an application is made of.
    """
    compiled: dict[Any, Builder] = {}
    compile_builder = Rule._compile_builder

    def remembered(rule: Rule, append_unknown: bool = True) -> Builder:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    Rule._compile_builder = remembered  # type: ignore[method-assign]
