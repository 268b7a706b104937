"""The product: `create_app()` puts its parts together, and is the only place that knows all of them."""

import os
import secrets
import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from booking import api, cli, clock, db, models, web
from booking.connectors.letters import Letterhead
from booking.connectors.mail import SmtpMail
from booking.connectors.roots import stores_of
from booking.connectors.slurm import Slurm
from booking.http import actor, errors, health, limits, security, words

__all__ = ["create_app", "models"]

ROOT = Path(__file__).parent.parent


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """The application, set up by the environment and `settings`, which win."""
    app = Flask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(config.INSTANCE),
    )
    app.config.from_mapping(config.load(os.environ) | dict(settings or {}))
    _configure(app)

    db.init_app(app)
    security.init_app(app)
    limits.init_app(app)
    actor.init_app(app)
    words.init_app(app)
    errors.init_app(app)

    app.extensions["booking.connectors"] = _connectors(app.config)

    app.register_blueprint(health.bp)
    web.register(app)
    api.register(app)
    cli.register(app)
    return app


def _configure(app: Flask) -> None:
    """What the libraries want to know, said by our own settings."""
    set_up = app.config
    url = set_up["DATABASE_URL"]
    set_up["SQLALCHEMY_DATABASE_URI"] = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if ":memory:" not in url:
        set_up.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {"pool_size": set_up["WEB_THREADS"]})
    if not set_up["SECRET_KEY"]:
        set_up["SECRET_KEY"] = _kept_secret(config.INSTANCE)

    set_up["MAX_CONTENT_LENGTH"] = set_up["MAX_BODY_BYTES"]
    set_up["PERMANENT_SESSION_LIFETIME"] = timedelta(days=7)  # a copied cookie is worth nothing after it
    set_up["SESSION_COOKIE_NAME"] = "booking"
    set_up["SESSION_COOKIE_SAMESITE"] = "Lax"
    set_up["SESSION_COOKIE_SECURE"] = set_up["SECURE_COOKIES"]
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    if set_up["TRUSTED_PROXIES"]:
        hops = set_up["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _connectors(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The outside by name; what is not set up is None, and whatever is for it waits in the outbox."""
    site = settings["PUBLIC_URL"] or f"http://{settings['HOST']}:{settings['PORT']}"
    head = Letterhead(settings["MAIL_FROM"], site.rstrip("/"), settings["DEFAULT_LANGUAGE"], settings["SECRET_KEY"])
    prefix = shlex.split(settings["SLURM_COMMAND"])
    return {
        "mail": SmtpMail(settings["SMTP_URL"], head) if settings["SMTP_URL"] else None,
        "stores": stores_of(settings["DATASET_ROOTS"], clock.now),
        "clusters": {name: Slurm(file, prefix) for name, file in _named(settings["SLURM_CLUSTERS"])},
    }


def _named(setting: str) -> Iterator[tuple[str, str]]:
    """Names and files of a setting such as `main=/etc/slurm/slurm.conf`, separated by spaces."""
    for part in shlex.split(setting):
        name, sign, file = part.partition("=")
        if not (name and sign and file.startswith("/")):
            raise ValueError(f"SLURM_CLUSTERS has {part!r}: say NAME=/path/to/slurm.conf")
        yield name, file


def _kept_secret(folder: Path) -> str:
    """The key under `folder`, made once: of several processes that start together, one makes it and all read it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "secret_key"
    if not file.exists():
        draft = folder / f"secret_key.{secrets.token_hex(4)}"
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
        with suppress(FileExistsError):
            file.hardlink_to(draft)
        draft.unlink()
    return file.read_text(encoding="ascii")
