"""The project's own source, read as syntax trees, for rules about it."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Import:
    """One imported name: `from origin import name`, or `import origin` with an empty name."""

    origin: str
    name: str
    line: int
    in_function: bool

    def target(self, modules: dict[str, "Module"]) -> str:
        """The module it leads to: the name where that is a module itself, else where the name comes from."""
        inner = f"{self.origin}.{self.name}"
        return inner if self.name and inner in modules else self.origin


@dataclass(frozen=True)
class Module:
    """One file of Python: its dotted name, its path from the top, its text and its syntax tree."""

    name: str
    path: str
    text: str
    tree: ast.Module

    @property
    def layer(self) -> str:
        """`domain` for booking.domain.windows; empty outside of booking/ and for create_app's module."""
        parts = self.name.split(".")
        return parts[1] if parts[0] == "booking" and len(parts) > 1 else ""

    def place(self, line: int) -> str:
        return f"{self.path}:{line}"

    def imports(self) -> Iterator[Import]:
        """Every imported name, wherever it is imported: in functions and under TYPE_CHECKING too."""
        inside = {id(node) for function in self.functions() for node in ast.walk(function)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(alias.name, "", node.lineno, id(node) in inside)
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    yield Import(self._origin(node), alias.name, node.lineno, id(node) in inside)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name if self.path.endswith("__init__.py") else self.name.rpartition(".")[0]
        parts = package.split(".")
        base = parts[: len(parts) - node.level + 1]
        return ".".join([*base, node.module] if node.module else base)


def module(path: str, text: str) -> Module:
    """The module that a file of this text would be."""
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Module(name, path, text, ast.parse(text, path))


def read_modules() -> dict[str, Module]:
    """Every Python file that is part of the project or about to be, by dotted name."""
    paths = _listed("--cached", "--others", "--exclude-standard", "*.py")
    found = [module(path, (ROOT / path).read_text(encoding="utf-8")) for path in paths if (ROOT / path).exists()]
    return {each.name: each for each in found}


def top_level_names() -> set[str]:
    """What stands at the top of the repository."""
    return {path.split("/")[0] for path in _listed("--cached")}


def dotted(node: ast.expr) -> str:
    """`datetime.now` for that expression; empty for anything but names joined by dots."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def _listed(*arguments: str) -> list[str]:
    command = ["git", "-C", str(ROOT), "ls-files", "-z", *arguments]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return sorted(set(listing.split("\0")) - {""})
