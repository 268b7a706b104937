"""How the application is put together."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import config
from booking import create_app


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(config, "INSTANCE", tmp_path / "instance")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    return tmp_path / "instance"


def test_a_secret_is_made_once_and_kept_for_its_owner_alone(instance: Path):
    settings = {"DATABASE_URL": "sqlite:///:memory:"}
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: create_app(settings).secret_key, range(8)))
    assert len(keys) == 1
    assert len(keys.pop()) == 64
    assert [file.name for file in instance.iterdir()] == ["secret_key"]
    assert stat.S_IMODE((instance / "secret_key").stat().st_mode) == 0o600


def test_settings_win_over_the_environment_and_that_over_the_defaults(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOGIN_FAILURES", "4")
    monkeypatch.setenv("MAX_BODY_BYTES", "5")
    app = create_app({"DATABASE_URL": "sqlite:///:memory:", "SECRET_KEY": "given", "MAX_BODY_BYTES": 6})
    assert (app.config["LOGIN_FAILURES"], app.config["MAX_CONTENT_LENGTH"]) == (4, 6)
    assert (app.secret_key, app.config["DEFAULT_LANGUAGE"]) == ("given", "en")


def test_a_plain_postgresql_address_uses_the_driver_that_is_installed():
    app = create_app({"DATABASE_URL": "postgresql://ana@db.example/booking", "SECRET_KEY": "x", "WEB_THREADS": 3})
    assert app.config["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg://ana@db.example/booking"
    assert app.config["SQLALCHEMY_ENGINE_OPTIONS"] == {"pool_size": 3}
