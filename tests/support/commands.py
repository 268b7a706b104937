"""Commands, run in this process as an operator would run them."""

from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask

DATA = Path(__file__).parents[1] / "data"
"""Small samples of what can be imported."""


def run(app: Flask, *arguments: Any, status: int = 0) -> Result:
    """What a command printed; it is an error if it ends with another status."""
    done = app.test_cli_runner().invoke(args=[str(each) for each in arguments])
    assert done.exit_code == status, f"ended with {done.exit_code}: {done.output}\n{done.exc_info}"
    return done
