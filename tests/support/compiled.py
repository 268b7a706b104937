"""What every application of the tests compiles alike, compiled once in each test process.

Each test makes an application of its own, whose addresses and statements are those of all others; compiling them takes
longer than everything else that a test does before it begins.
"""

from types import MethodType
from typing import Any

from sqlalchemy import Engine
from werkzeug.routing import Rule

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


def remember_addresses() -> None:
    """Have an address compiled for the first application that has it, and taken over by the others."""
    known: dict[Any, tuple[dict[str, Any], tuple[Any, Any]]] = {}
    compile_rule = Rule.compile

    def remembered(rule: Rule) -> None:
        key = (rule.rule, rule.subdomain, rule.host, repr(rule.defaults), rule.merge_slashes)
        if key not in known:
            compile_rule(rule)
            parts = {name: getattr(rule, name) for name in ("_parts", "_trace", "_converters", "arguments")}
            known[key] = parts, (rule._build.__func__, rule._build_unknown.__func__)  # type: ignore[attr-defined]
        parts, (build, build_unknown) = known[key]
        vars(rule).update(parts, _build=MethodType(build, rule), _build_unknown=MethodType(build_unknown, rule))

    Rule.compile = remembered  # type: ignore[method-assign]
