"""What the validator of MLCommons says of descriptions, in a process of its own: it warns of much that is no error."""

import subprocess
import sys
from pathlib import Path

VALIDATE = "import sys, mlcroissant\nfor file in sys.argv[1:]: mlcroissant.Dataset(jsonld=file)"


def validated(*files: Path) -> None:
    """Have every description read; the validator's own words are the failure where it accepts one not."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", VALIDATE, *map(str, files)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
