"""A database is made ready by one command, as often as one likes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect

from booking import create_app
from booking.db import Base, db
from tests.support.commands import run


@pytest.fixture
def bare_app(empty_database_url: str) -> Iterator[Flask]:
    app = create_app({"DATABASE_URL": empty_database_url, "SECRET_KEY": "secret of the tests", "TESTING": True})
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_init_makes_every_table_and_may_be_run_again(bare_app: Flask) -> None:
    for _ in range(2):
        run(bare_app, "init")
        with bare_app.app_context():
            assert set(Base.metadata.tables) <= set(inspect(db.engine).get_table_names())


def test_init_makes_the_folder_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "var" / "lib" / "booking.db"
    app = create_app({"DATABASE_URL": f"sqlite:///{file}", "SECRET_KEY": "secret of the tests", "TESTING": True})
    run(app, "init")
    assert file.exists()
    with app.app_context():
        db.engine.dispose()
