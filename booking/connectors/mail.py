"""Mail: letters leave through an SMTP server, or stay in memory where there is none to be had."""

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import unquote, urlsplit

from booking.connectors.letters import Letterhead, write
from booking.domain.notices import Letter
from booking.domain.outbox import DeliveryError, Permanent, Temporary, Unreachable

TIMEOUT_SECONDS = 10
PORTS = {"smtp": 25, "smtps": 465}


class Mail(Protocol):
    """Takes letters to their readers."""

    def send(self, letter: Letter) -> None:
        """Hand a letter over for good, or raise Permanent, Temporary or Unreachable."""


class SmtpMail:
    """Hands letters to the server of `url`: `smtp://[user:password@]host[:port]`, or `smtps://` for TLS at once.

    STARTTLS is used where the server offers it. A password travels only encrypted, to a server whose certificate
    holds, or within this machine.
    """

    def __init__(self, url: str, letterhead: Letterhead) -> None:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("SMTP_URL is not of the form smtp://[user:password@]host:port")
        self.letterhead = letterhead
        self.host = parts.hostname
        self.port = parts.port or PORTS[parts.scheme]
        self.encrypted = parts.scheme == "smtps"
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")

    def send(self, letter: Letter) -> None:
        message = write(letter, self.letterhead)
        try:
            with self._session() as server:
                server.send_message(message, self.letterhead.address, [letter.reader.address])
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = error.recipients[letter.reader.address]
            raise _refusal(code, reply) from error
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Permanent(f"{self.host} cannot take mail for such an address: {error}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"{self.host}:{self.port}: {error}") from error

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """A server that is ready to take a message; what goes wrong in saying goodbye changes nothing."""
        server = self._connect()
        try:
            self._introduce(server)
            yield server
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _connect(self) -> smtplib.SMTP:
        here = self.letterhead.host
        name = here if not _is_number(here) else f"[{here}]"
        if self.encrypted:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, local_hostname=name, timeout=TIMEOUT_SECONDS, context=context)
        return smtplib.SMTP(self.host, self.port, local_hostname=name, timeout=TIMEOUT_SECONDS)

    def _introduce(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if not self.encrypted and server.has_extn("starttls"):
            server.starttls(context=self._context())
            server.ehlo()
        if not self.user:
            return
        if not isinstance(server.sock, ssl.SSLSocket) and not _is_here(self.host):
            raise Unreachable(f"{self.host} offers no encryption, so the password was not sent")
        try:
            server.login(self.user, self.password)
        except smtplib.SMTPNotSupportedError as error:
            raise Unreachable(f"{self.host} takes no password: {error}") from error

    def _context(self) -> ssl.SSLContext:
        """Where no password is at stake, any encryption is better than none, whoever signed the certificate."""
        context = ssl.create_default_context()
        if not self.user or _is_here(self.host):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


@dataclass
class MemoryMail:
    """Keeps letters as they would have been sent; refuses whom it is told to, and can be down."""

    letterhead: Letterhead
    refusals: Mapping[str, DeliveryError] = field(default_factory=dict)
    down: bool = False
    sent: list[EmailMessage] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        message = write(letter, self.letterhead)
        if self.down:
            raise Unreachable("the memory is down")
        if letter.reader.address in self.refusals:
            raise self.refusals[letter.reader.address]
        self.sent.append(message)


def _refusal(code: int, reply: bytes | str) -> DeliveryError:
    """What a server's answer means: one that begins with 5 is its last word."""
    words = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return (Permanent if code >= 500 else Temporary)(f"{code} {words}")


def _is_here(host: str) -> bool:
    return host == "localhost" or (_is_number(host) and ip_address(host).is_loopback)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
