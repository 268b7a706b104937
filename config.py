"""Every setting: its name, its default and one line on what it does; values come from the environment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

INSTANCE = Path(__file__).parent / "instance"


class Setting(NamedTuple):
    """One setting; its value is read as the type of its default."""

    name: str
    default: str | int | bool
    line: str


SETTINGS = (
    Setting("DATABASE_URL", f"sqlite:///{INSTANCE / 'booking.db'}", "database: sqlite:///FILE or postgresql://…"),
    Setting("SECRET_KEY", "", "signs sessions and mailed links; empty: made once and kept under instance/"),
    Setting("SCHEDULER", True, "1: this web process may lead the scheduler; 0: it never does"),
    Setting("HOST", "127.0.0.1", "address the server listens on"),
    Setting("PORT", 8000, "port the server listens on"),
    Setting("PUBLIC_URL", "", "address people reach the site at, for links in mail; empty: http://HOST:PORT"),
    Setting("WEB_CONCURRENCY", 0, "web processes; 0: one on SQLite, two on PostgreSQL"),
    Setting("WEB_THREADS", 16, "threads of each web process, and database connections it may hold"),
    Setting(
        "SMTP_URL",
        "",
        "mail server: smtp://[user:password@]host:port, smtps:// for TLS; empty: mail waits in the outbox",
    ),
    Setting("MAIL_FROM", "booking@localhost", "sender of every mail"),
    Setting("SLURM_CLUSTERS", "", "clusters that can be told of bookings: NAME=/path/to/slurm.conf, several by spaces"),
    Setting("SLURM_COMMAND", "", "what stands before every command of Slurm, such as: sudo -u booker"),
    Setting("REGISTRATION", True, "1: anyone may register an account; 0: only administrators make accounts"),
    Setting("CONFIRM_EMAIL", True, "1: a new account must confirm its address before it can sign in"),
    Setting("LOGIN_FAILURES", 10, "failed sign-ins of one account within fifteen minutes before it must wait"),
    Setting("API_RATE_LIMIT", "6000/minute", "requests a token may make of each web process; empty: no limit"),
    Setting("MAX_BODY_BYTES", 2_000_000, "largest request body that is read"),
    Setting("SECURE_COOKIES", False, "1: cookies travel over HTTPS only"),
    Setting("TRUSTED_PROXIES", 0, "number of reverse proxies in front whose X-Forwarded-* headers are believed"),
    Setting(
        "DATASET_ROOTS",
        "",
        "where files of datasets are: organisation=/folder or organisation.word=s3+https://KEY:SECRET@host/bucket; …",
    ),
    Setting(
        "GATEWAY_FRONT", "", "path at which nginx serves these folders, see booking/nginx.conf; empty: it does not"
    ),
    Setting("DEFAULT_LANGUAGE", "en", "language of pages and mail when nothing else says: en or zh"),
    Setting("CURRENCY", "CNY", "currency of rates and settlements, by its three letters"),
)


def default_text(setting: Setting) -> str:
    """A default as the environment would say it, and as README.md shows it."""
    if isinstance(setting.default, bool):
        return str(int(setting.default))
    return str(setting.default).replace(str(INSTANCE), "instance") or "(empty)"


def load(environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings as `environ` has them; a value of the wrong type is an error that names the setting."""
    return {setting.name: _read(setting, environ.get(setting.name)) for setting in SETTINGS}


def _read(setting: Setting, value: str | None) -> str | int | bool:
    if value is None:
        return setting.default
    if isinstance(setting.default, bool):
        if value not in ("0", "1"):
            raise ValueError(f"{setting.name} is {value!r}: say 0 or 1")
        return value == "1"
    if isinstance(setting.default, int):
        if not value.isdigit():
            raise ValueError(f"{setting.name} is {value!r}: say a whole number")
        return int(value)
    return value
