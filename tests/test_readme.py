"""What README.md says is true."""

import re
import subprocess
from pathlib import Path

import pytest
from flask import Flask

import config

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_table_as_it_is_in_the_code() -> None:
    said = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$", README, re.MULTILINE)
    there = [(setting.name, config.default_text(setting), setting.line) for setting in config.SETTINGS]
    assert said == there


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:booking|templates|migrations|tests)/[\w/.]*)", README))))
def test_every_file_and_folder_it_names_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:^|`)make (\w+)", README, re.MULTILINE))))
def test_every_target_it_names_can_be_made(target: str) -> None:
    assert subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("picture", re.findall(r"!\[.*?\]\((.*?)\)", README))
def test_every_picture_it_shows_is_there(picture: str) -> None:
    assert (ROOT / picture).stat().st_size > 10_000


def test_every_command_it_names_is_one(app: Flask) -> None:
    named = set(re.findall(r"flask --app wsgi (\w+)", README))
    assert named <= set(app.cli.commands)
