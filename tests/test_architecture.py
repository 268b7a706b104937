"""The rules of the house, each with an example of what it catches."""

import ast
import graphlib
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.support.source_code import Module, dotted, module, read_modules, top_level_names

Modules = dict[str, Module]

# Each layer may import itself and what stands beside it; create_app, in booking/__init__.py, knows every part.
MAY_IMPORT = {
    "domain": set(),
    "clock": set(),
    "db": {"domain"},
    "models": {"db", "domain"},
    "queries": {"models", "domain"},
    "changes": {"models", "domain"},
    "connectors": {"domain"},
    "services": {"queries", "changes", "models", "db", "connectors", "domain"},
    "forms": {"domain"},
    "schemas": {"domain"},
    "http": {"queries", "db", "clock", "domain"},
    "web": {"http", "forms", "services", "queries", "clock", "domain"},
    "api": {"http", "schemas", "services", "queries", "clock", "domain"},
    "scheduler": {"services", "connectors", "db", "clock", "domain"},
    "cli": {"services", "queries", "scheduler", "db", "clock", "domain"},
    "gunicorn": {"scheduler"},
}
READS_SETTINGS = {"booking", "booking.gunicorn.conf", "wsgi"}

TOP_LEVEL = {
    "booking", "templates", "static", "migrations", "tests",
    "config.py", "wsgi.py", "requirements.txt", "README.md", "Makefile", "pyproject.toml",
}  # fmt: skip

READS_THE_TIME = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "time.time", "time.time_ns", "time.localtime", "time.gmtime",
    "func.now", "func.current_timestamp", "func.localtimestamp",
}  # fmt: skip

NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "managers", "data", "info", "common", "misc"}
LONGEST_MODULE = 400
LONGEST_FUNCTION = 50


def imports_against_the_order(modules: Modules) -> Iterator[str]:
    for importer in modules.values():
        if not importer.name.startswith("booking."):
            continue
        for found in importer.imports():
            target = found.target(modules)
            if target.split(".")[0] == "booking":
                layer = target.partition(".")[2].partition(".")[0]
                if layer == importer.layer or layer in MAY_IMPORT.get(importer.layer, set()):
                    continue
                yield f"{importer.place(found.line)}: {importer.layer} may not import {layer or 'create_app'}"
            if target in ("config", "wsgi") and importer.name not in READS_SETTINGS:
                yield f"{importer.place(found.line)}: only create_app reads {target}; pass the value as an argument"


def imports_in_functions(modules: Modules) -> Iterator[str]:
    for importer in modules.values():
        if importer.name != "booking":
            for found in importer.imports():
                if found.in_function:
                    yield f"{importer.place(found.line)}: imports stand at the top of a module"


def concrete_connectors_outside_create_app(modules: Modules) -> Iterator[str]:
    for importer in modules.values():
        if importer.layer not in ("services", "scheduler"):
            continue
        for found in importer.imports():
            target = found.target(modules)
            if not target.startswith("booking.connectors"):
                continue
            if target != found.origin or not _promises_only(modules, target, found.name):
                wanted = "a protocol, a value or an error, by name"
                yield f"{importer.place(found.line)}: from connectors, only create_app imports more than {wanted}"


def _promises_only(modules: Modules, origin: str, name: str) -> bool:
    """Whether this name of a connectors' module is a protocol, an exception, or a value without behaviour."""
    if origin not in modules:
        return False
    for node in modules[origin].tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            bases = {dotted(base) for base in node.bases}
            is_dataclass = any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)
            has_methods = any(isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) for each in node.body)
            is_error = any(base.endswith(("Error", "Exception")) for base in bases)
            return bool(bases & {"Protocol", "StrEnum"}) or is_error or (is_dataclass and not has_methods)
    passed_on = [each for each in modules[origin].imports() if each.name == name]
    return any(_promises_only(modules, each.origin, name) for each in passed_on)


def import_cycles(modules: Modules) -> Iterator[str]:
    graph = {
        name: {found.target(modules) for found in importer.imports()} & modules.keys() - {name}
        for name, importer in modules.items()
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        circle = error.args[1][::-1]
        importer = modules[circle[0]]
        line = next(found.line for found in importer.imports() if found.target(modules) == circle[1])
        yield f"{importer.place(line)}: modules import each other in a circle: {' → '.join(circle)}"


def foreign_imports_of_the_domain(modules: Modules) -> Iterator[str]:
    for importer in modules.values():
        if importer.layer == "domain":
            for found in importer.imports():
                if found.origin.split(".")[0] not in {*sys.stdlib_module_names, "booking"}:
                    yield f"{importer.place(found.line)}: the domain imports the standard library only"


def long_modules(modules: Modules) -> Iterator[str]:
    for each in _written_code(modules):
        lines = len(each.text.splitlines())
        if lines > LONGEST_MODULE:
            yield f"{each.place(lines)}: a module has at most {LONGEST_MODULE} lines, this one {lines}"


def long_functions(modules: Modules) -> Iterator[str]:
    for each in _written_code(modules):
        for function in each.functions():
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > LONGEST_FUNCTION:
                place = each.place(function.lineno)
                yield f"{place}: a function has at most {LONGEST_FUNCTION} lines, {function.name} {lines}"


def _written_code(modules: Modules) -> list[Module]:
    """All but migrations, which are a record of what was done to the tables and never grow."""
    return [each for each in modules.values() if not each.path.startswith("migrations/versions/")]


def readings_of_the_time(modules: Modules) -> Iterator[str]:
    for each in modules.values():
        if each.layer == "clock" or each.path.startswith("tests/"):
            continue
        for node in ast.walk(each.tree):
            if _reads_the_time(node):
                yield f"{each.place(node.lineno)}: only booking/clock.py reads the time; take `now` as an argument"


def _reads_the_time(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return ".".join(dotted(node).split(".")[-2:]) in READS_THE_TIME
    if isinstance(node, ast.ImportFrom):
        return any(f"{node.module}.{alias.name}" in READS_THE_TIME for alias in node.names)
    return isinstance(node, ast.Constant) and "current_timestamp" in str(node.value).lower()


def names_that_say_nothing(modules: Modules) -> Iterator[str]:
    for each in modules.values():
        if NAMES_THAT_SAY_NOTHING & set(each.name.split(".")):
            yield f"{each.place(1)}: a module is named for what it holds"


RULES_WITH_A_BREACH: dict[Callable[[Modules], Iterator[str]], list[tuple[str, str]]] = {
    imports_against_the_order: [
        ("booking/domain/windows.py", "from booking.models import bookings"),
        ("booking/queries/pools.py", "from booking import clock"),
        ("booking/services/pools.py", "def now():\n    from booking.clock import now"),
        ("booking/models/pools.py", "if TYPE_CHECKING:\n    from ..services import pools"),
        ("booking/web/pools.py", "from booking import create_app"),
        ("booking/services/pools.py", "import config"),
        ("booking/telepathy/minds.py", "from booking.domain import windows"),
    ],
    imports_in_functions: [("tests/web/test_pools.py", "def test():\n    if True:\n        import booking")],
    concrete_connectors_outside_create_app: [
        ("booking/services/notices.py", "from booking.connectors.mail import SmtpMailer"),
        ("booking/services/notices.py", "from booking.connectors import mail"),
        ("booking/scheduler/jobs.py", "import booking.connectors.mail"),
    ],
    import_cycles: [("booking/models/bookings.py", "from booking.models.pools import Pool")],
    foreign_imports_of_the_domain: [("booking/domain/windows.py", "import numpy as np")],
    long_modules: [("booking/domain/windows.py", "\n" * 401)],
    long_functions: [("tests/test_windows.py", "class A:\n    def long(self):\n" + "        pass\n" * 50)],
    readings_of_the_time: [
        ("booking/services/pools.py", "import datetime\nstart = datetime.datetime.now(datetime.UTC)"),
        ("booking/models/pools.py", "made = mapped_column(default=datetime.utcnow)"),
        ("booking/models/pools.py", "made = mapped_column(server_default=sa.func.now())"),
        ("booking/models/pools.py", "made = mapped_column(server_default=text('CURRENT_TIMESTAMP'))"),
        ("booking/http/limits.py", "from time import time"),
    ],
    names_that_say_nothing: [("booking/services/utils.py", "")],
}

AROUND_THE_BREACH = [
    ("booking/__init__.py", "def create_app(): ..."),
    ("booking/clock.py", ""),
    ("booking/domain/windows.py", ""),
    ("booking/models/bookings.py", ""),
    ("booking/models/pools.py", "from booking.models.bookings import Booking"),
    ("booking/services/pools.py", ""),
    ("booking/connectors/mail.py", "class Mailer(Protocol): ...\nclass SmtpMailer:\n    def send(self): ..."),
    ("config.py", ""),
]


def in_words(function: Callable[[Modules], Iterator[str]]) -> str:
    return function.__name__.replace("_", " ")


@pytest.fixture(scope="module")
def modules() -> Modules:
    return read_modules()


@pytest.mark.parametrize("rule", RULES_WITH_A_BREACH, ids=in_words)
def test_the_project_has_no(rule: Callable[[Modules], Iterator[str]], modules: Modules) -> None:
    breaches = sorted(rule(modules))
    assert not breaches, "\n".join(["", *breaches])


@pytest.mark.parametrize("rule", RULES_WITH_A_BREACH, ids=in_words)
def test_an_example_is_caught_of(rule: Callable[[Modules], Iterator[str]]) -> None:
    around = {each.name: each for each in (module(*file) for file in AROUND_THE_BREACH)}
    assert not list(rule(around)), "what stands around the examples keeps the rule"

    for path, text in RULES_WITH_A_BREACH[rule]:
        breach = module(path, text)
        assert list(rule({**around, breach.name: breach})), f"not caught: {text}"


def test_a_connectors_protocol_may_be_imported_by_services() -> None:
    files = [*AROUND_THE_BREACH, ("booking/services/notices.py", "from booking.connectors.mail import Mailer")]
    modules = {each.name: each for each in (module(*file) for file in files)}
    assert not list(concrete_connectors_outside_create_app(modules))


def test_nothing_stands_at_the_top_but_what_was_agreed() -> None:
    found = {name for name in top_level_names() if not name.startswith(".")}
    assert found <= TOP_LEVEL, f"not agreed at the top of the repository: {sorted(found - TOP_LEVEL)}"
