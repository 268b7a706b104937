"""Mail: what both of its classes promise, and what only a real server can show."""

import socket
import ssl
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from flask import Flask

from booking import create_app
from booking.connectors.letters import Letterhead
from booking.connectors.mail import Mail, MemoryMail, SmtpMail
from booking.domain.notices import Audience, Letter, Notice, Reader
from booking.domain.outbox import DeliveryError, Permanent, Temporary, Unreachable
from tests.domain.examples import MONDAY
from tests.support.mail import MailServer

HEAD = Letterhead("Booking <booking@site.example>", "https://site.example", "en")
CERTIFICATE = Path(__file__).parent / "localhost.pem"


class Office(NamedTuple):
    """A mail connector with the means to see and to disturb what it does."""

    mail: Mail
    arrived: Callable[[], list[EmailMessage]]
    refuse: Callable[[str, str], None]
    close: Callable[[], None]
    open: Callable[[], None]


@pytest.fixture(autouse=True, scope="module")
def _in_app() -> Iterator[None]:
    app = create_app({"DATABASE_URL": "sqlite:///:memory:", "SECRET_KEY": "secret of the tests", "TESTING": True})
    with app.app_context():
        yield


@pytest.fixture(params=["smtp", "memory"])
def office(request: pytest.FixtureRequest) -> Office:
    return {"smtp": _real, "memory": _in_memory}[request.param](request)


def _real(request: pytest.FixtureRequest) -> Office:
    server: MailServer = request.getfixturevalue("smtp_server")
    return Office(SmtpMail(server.url, HEAD), lambda: server.messages, server.refuse, server.stop, server.start)


def _in_memory(_request: pytest.FixtureRequest) -> Office:
    refusals: dict[str, DeliveryError] = {}
    mail = MemoryMail(HEAD, refusals)

    def refuse(address: str, reply: str) -> None:
        refusals[address] = (Permanent if reply.startswith("5") else Temporary)(reply)

    return Office(
        mail, lambda: mail.sent, refuse, lambda: setattr(mail, "down", True), lambda: setattr(mail, "down", False)
    )


def letter(address: str = "ana@example.org", stable_id: str = "a1b2") -> Letter:
    reader = Reader("Ana", address, "en", Audience.MEMBER)
    return Letter(stable_id, "booking:17", MONDAY, reader, Notice("cancelled", about="17", team="Traffic"))


def test_a_letter_arrives_as_it_was_written(office: Office):
    office.mail.send(letter())

    (message,) = office.arrived()
    assert message["To"] == "ana@example.org"
    assert message["From"] == "Booking <booking@site.example>"
    assert message["Subject"] == "Booking 17 was cancelled"
    assert "its units are free for others" in message.get_body(("plain",)).get_content()
    assert "its units are free for others" in message.get_body(("html",)).get_content()


def test_a_repeated_letter_is_known_by_its_id(office: Office):
    office.mail.send(letter(stable_id="same"))
    office.mail.send(letter(stable_id="same"))
    office.mail.send(letter(stable_id="other"))

    ids = [message["Message-ID"] for message in office.arrived()]
    assert ids == ["<same@site.example>", "<same@site.example>", "<other@site.example>"]


def test_letters_about_one_thing_belong_to_one_thread(office: Office):
    office.mail.send(letter(stable_id="one"))
    office.mail.send(letter(stable_id="two"))

    assert {message["References"] for message in office.arrived()} == {"<booking.17@site.example>"}


def test_an_address_refused_for_good_is_told_from_one_refused_for_now(office: Office):
    office.refuse("gone@example.org", "550 5.1.1 No such mailbox")
    office.refuse("full@example.org", "452 4.2.2 Mailbox full")

    with pytest.raises(Permanent, match="No such mailbox"):
        office.mail.send(letter("gone@example.org"))
    with pytest.raises(Temporary, match="Mailbox full") as refused:
        office.mail.send(letter("full@example.org"))

    assert not isinstance(refused.value, Unreachable)
    assert office.arrived() == []


def test_one_refusal_concerns_no_other_letter(office: Office):
    office.refuse("gone@example.org", "550 5.1.1 No such mailbox")
    with pytest.raises(Permanent):
        office.mail.send(letter("gone@example.org"))

    office.mail.send(letter())

    assert [message["To"] for message in office.arrived()] == ["ana@example.org"]


def test_a_server_that_is_down_is_unreachable_until_it_is_up_again(office: Office):
    office.close()
    with pytest.raises(Unreachable):
        office.mail.send(letter())

    office.open()
    office.mail.send(letter())

    assert len(office.arrived()) == 1


@pytest.mark.parametrize("address", ["no address", "ana@example.org\r\nBcc: all@example.org", "", "a@b@c"])
def test_what_is_no_address_is_refused_for_good(office: Office, address: str):
    with pytest.raises(Permanent):
        office.mail.send(letter(address))

    assert office.arrived() == []


class Refusing(MailServer):
    """Takes the recipient, and refuses what is in the letter."""

    answer = "554 5.7.1 Looks like spam"

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:
        return self.answer


@pytest.fixture
def serve() -> Iterator[Callable[..., MailServer]]:
    """Starts a server with settings of its own: `serve(MailServer(), authenticator=…)`."""
    controllers: list[Controller] = []

    def start(server: MailServer, **settings: Any) -> MailServer:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server.port = listener.getsockname()[1]
        controllers.append(Controller(server, hostname="127.0.0.1", port=server.port, **settings))
        controllers[-1].start()
        return server

    yield start
    for controller in controllers:
        controller.stop()


@pytest.mark.parametrize(("answer", "error"), [("554 5.7.1 Spam", Permanent), ("451 4.3.0 Later", Temporary)])
def test_a_letter_whose_content_is_refused_did_not_arrive(
    serve: Callable[..., MailServer], answer: str, error: type[DeliveryError]
):
    server = Refusing()
    server.answer = answer
    serve(server)

    with pytest.raises(error, match=answer):
        SmtpMail(server.url, HEAD).send(letter())


class Rude(MailServer):
    """Takes the letter, and hangs up instead of saying goodbye."""

    async def handle_QUIT(self, server: SMTP, _session: Session, _envelope: Envelope) -> str:
        server.transport.abort()
        return "221 Bye"


def test_a_letter_that_was_taken_has_arrived_however_the_server_says_goodbye(serve: Callable[..., MailServer]):
    server = serve(Rude())

    SmtpMail(server.url, HEAD).send(letter())

    assert len(server.messages) == 1


def tls() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context


class Observing(MailServer):
    """Notes whether letters came encrypted, and with which password."""

    encrypted = False
    password = b""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.encrypted = session.ssl is not None
        return await super().handle_DATA(server, session, envelope)

    def check(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        self.password = data.password
        return AuthResult(success=data.password == b"p@ss:word", handled=False)


def test_encryption_that_is_offered_is_used(serve: Callable[..., MailServer]):
    server = Observing()
    serve(server, tls_context=tls(), require_starttls=True)

    SmtpMail(server.url, HEAD).send(letter())

    assert server.encrypted


def test_a_password_with_odd_letters_opens_the_server(serve: Callable[..., MailServer]):
    server = Observing()
    serve(server, tls_context=tls(), authenticator=server.check, auth_required=True)

    SmtpMail(f"smtp://booking:p%40ss%3Aword@127.0.0.1:{server.port}", HEAD).send(letter())

    assert server.password == b"p@ss:word"
    assert server.encrypted


def test_a_wrong_password_is_no_fault_of_the_letter(serve: Callable[..., MailServer]):
    server = Observing()
    serve(server, tls_context=tls(), authenticator=server.check, auth_required=True)

    with pytest.raises(Unreachable):
        SmtpMail(f"smtp://booking:wrong@127.0.0.1:{server.port}", HEAD).send(letter())


def test_a_password_does_not_travel_in_the_clear(serve: Callable[..., MailServer], monkeypatch: pytest.MonkeyPatch):
    server = Observing()
    serve(server, authenticator=server.check, auth_require_tls=False)
    monkeypatch.setattr("booking.connectors.mail._is_here", lambda host: False)

    with pytest.raises(Unreachable, match="not sent"):
        SmtpMail(f"smtp://booking:p%40ss%3Aword@127.0.0.1:{server.port}", HEAD).send(letter())

    assert server.password == b""


def test_a_password_does_not_travel_to_whoever_answers(
    serve: Callable[..., MailServer], monkeypatch: pytest.MonkeyPatch
):
    server = Observing()
    serve(server, tls_context=tls(), authenticator=server.check)
    monkeypatch.setattr("booking.connectors.mail._is_here", lambda host: False)

    with pytest.raises(Unreachable, match="certificate"):
        SmtpMail(f"smtp://booking:p%40ss%3Aword@127.0.0.1:{server.port}", HEAD).send(letter())

    assert server.password == b""


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://"])
def test_a_setting_that_names_no_server_is_refused(url: str):
    with pytest.raises(ValueError, match="SMTP_URL"):
        SmtpMail(url, HEAD)


def test_without_a_server_mail_waits():
    app = create_app({"DATABASE_URL": "sqlite:///:memory:", "SECRET_KEY": "secret of the tests", "SMTP_URL": ""})

    assert app.extensions["booking.connectors"]["mail"] is None


def test_the_settings_choose_server_sender_and_site():
    app: Flask = create_app(
        {
            "DATABASE_URL": "sqlite:///:memory:",
            "SECRET_KEY": "secret of the tests",
            "SMTP_URL": "smtps://mail.example.org",
            "MAIL_FROM": "gpu@example.org",
            "PUBLIC_URL": "https://gpu.example.org/",
        }
    )

    mail = app.extensions["booking.connectors"]["mail"]
    assert (mail.host, mail.port, mail.encrypted) == ("mail.example.org", 465, True)
    assert mail.letterhead == Letterhead("gpu@example.org", "https://gpu.example.org", "en", "secret of the tests")
