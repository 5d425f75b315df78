"""Servers to send to: a mail server that keeps what it gets, a web server that writes down requests, and one that
takes a connection and then never says a word. Real ones, on ports of this machine."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from socket import create_server, socket
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session


@dataclass
class Post:
    """A mail box: every mail with its envelope."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[list[str]] = field(default_factory=list)
    refused: frozenset[str] = frozenset()
    encrypted: list[bool] = field(default_factory=list)

    @property
    def mail(self) -> EmailMessage:
        """The one mail there is."""
        [mail] = self.mails
        return mail

    def text(self) -> str:
        body = self.mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")

    def html(self) -> str:
        body = self.mail.get_body(("html",))
        assert body is not None
        return str(body.get_content())

    def attached(self) -> dict[str, bytes]:
        return {str(a.get_filename()): _bytes(a.get_content()) for a in self.mail.iter_attachments()}


class _Hooks:
    """What the server calls; aiosmtpd looks at every attribute of it, so it has no others."""

    def __init__(self, post: Post) -> None:
        self.post = post

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address in self.post.refused:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, _class=EmailMessage, policy=default)
        assert isinstance(mail, EmailMessage)
        self.post.mails.append(mail)
        self.post.envelopes.append(list(envelope.rcpt_tos))
        self.post.encrypted.append(session.ssl is not None)
        return "250 taken"


def _bytes(content: Any) -> bytes:
    return content if isinstance(content, bytes) else str(content).replace("\r\n", "\n").encode()


@contextmanager
def mail_server(
    *, login: tuple[str, str] | None = None, tls: ssl.SSLContext | None = None, refused: frozenset[str] = frozenset()
) -> Iterator[Post]:  # fmt: skip
    """A mail server. With `tls` it offers STARTTLS and takes mails only after it; with `login` only after that."""
    post = Post(refused=refused)

    def knows(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and login == (given.login.decode(), given.password.decode())
        return AuthResult(success=right, handled=False)

    settings: dict[str, Any] = {"tls_context": tls, "require_starttls": tls is not None}
    if login:
        settings |= {"authenticator": knows, "auth_required": True, "auth_require_tls": tls is not None}
    controller = Controller(_Hooks(post), hostname="127.0.0.1", port=_free_port(), **settings)
    controller.start()
    post.port = controller.port
    try:
        yield post
    finally:
        controller.stop()


def _free_port() -> int:
    with create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass(frozen=True)
class Certificate:
    """A certificate for this machine, and the file of the authority that signed it."""

    trust: Path
    server: ssl.SSLContext


def certificate(folder: Path) -> Certificate:
    """A certificate for localhost, signed by itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trust, private = folder / "trust.pem", folder / "key.pem"
    trust.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.TraditionalOpenSSL
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trust, private)
    return Certificate(trust, context)


@dataclass
class Request:
    """One request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Web:
    """A web server that writes down what it is asked, and answers as it was told."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    status: int = 200
    answer: bytes = b"ok"
    location: str = ""

    @property
    def request(self) -> Request:
        """The one request there was."""
        [request] = self.requests
        return request


@contextmanager
def web_server(**settings: Any) -> Iterator[Web]:
    web = Web(**settings)

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            web.requests.append(Request(self.command, self.path, dict(self.headers), body))
            self.send_response(web.status)
            if web.location:
                self.send_header("Location", web.location)
            self.send_header("Content-Length", str(len(web.answer)))
            self.end_headers()
            self.wfile.write(web.answer)

        do_POST = do_PUT = do_PATCH = do_GET = handle_any

        def log_message(self, *_: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Mute:
    """A server that takes connections and says nothing."""

    port: int
    taken: threading.Event
    closed: threading.Event
    """Set when the other side has gone away."""


@contextmanager
def mute_server() -> Iterator[Mute]:
    """It accepts, reads for ever, answers nothing."""
    with create_server(("127.0.0.1", 0)) as server:
        mute = Mute(int(server.getsockname()[1]), threading.Event(), threading.Event())
        thread = threading.Thread(target=_hang, args=(server, mute), daemon=True)
        thread.start()
        yield mute
        with socket() as waker:
            waker.connect(("127.0.0.1", mute.port))
        thread.join()


def patiently(attempt: Callable[[float], object], reached: Callable[[], bool], seconds: float) -> None:
    """Try something that is given up after so many seconds. A busy machine may not even have begun by then: it gets
    longer, until what is tried was reached."""
    for patience in (seconds, 5 * seconds, 25 * seconds):
        attempt(patience)
        if reached():
            return
    raise AssertionError("it was given up before it began")


def _hang(server: socket, mute: Mute) -> None:
    connection, _ = server.accept()
    mute.taken.set()
    with connection:
        try:
            while connection.recv(4096):
                pass
        except ConnectionError:
            pass
    mute.closed.set()
