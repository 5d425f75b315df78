"""Smtp: a mail server."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.connection import Connection, Secret
from penstock.core.counting import counted
from penstock.core.errors import Failed
from penstock.kinds.connections._mail import as_mail, recipients_of

if TYPE_CHECKING:
    import smtplib

    from penstock.core.contexts import ConnectionContext
    from penstock.core.message import Message

PORTS = {"none": 25, "starttls": 587, "ssl": 465}


class Smtp(Connection):
    """Mail through an SMTP server, encrypted and with a login when it asks for them.

    Example:
        type: smtp
        host: smtp.example.org
        encryption: starttls
        login: penstock
        password: secret:smtp_password
        sender: Penstock <penstock@example.org>
    """

    CHANNEL: ClassVar[bool] = True
    TO: ClassVar[str] = "mail addresses"

    host: str = Field(min_length=1, description="Name or address of the server.")
    port: int = Field(
        default=0,
        ge=0,
        le=65_535,
        description="25, 587 with starttls, 465 with ssl, unless another is given.",
    )
    encryption: Literal["none", "starttls", "ssl"] = Field(
        default="starttls",
        description="starttls: encrypted after a plain greeting, refused when the server cannot. "
        "ssl: from the first byte. none: readable on the way.",
    )
    verify: bool = Field(
        default=True,
        description="Off: any certificate of the server is taken. Only for a server of your own.",
    )
    certificates: str = Field(
        default="", description="File with the certificates to trust (PEM); the system's when empty."
    )
    login: str = Field(default="", description="User name; no login when empty.")
    password: Secret = Field(default="", description="`secret:NAME` of the password.")
    sender: str = Field(default="", description="From whom mails come when the reporter does not say.")
    impose_sender: bool = Field(default=False, description="On: all mails come from `sender`.")

    def deliver(self, messages: Sequence[Message], ctx: ConnectionContext) -> str:
        with self._session(ctx) as session:
            sent = [self._send(session, message) for message in messages]
        reached = sum(len(recipients_of(m)) - len(refused) for m, refused in zip(messages, sent, strict=True))
        refused = {who: why for one in sent for who, why in one.items()}
        said = f"sent to {counted(reached, 'recipient')}"
        return said + "".join(f"; {who} was refused: {why}" for who, why in refused.items())

    def test(self, ctx: ConnectionContext) -> str:
        with self._session(ctx) as session:
            status, answer = session.noop()
            if status >= 400:
                raise Failed(f"The mail server answered {status} {answer.decode(errors='replace')}.")
        who = f", logged in as {self.login}" if self.login else ""
        return f"{self.host}:{self._port} answers ({self.encryption}{who})"

    @property
    def _port(self) -> int:
        return self.port or PORTS[self.encryption]

    def _session(self, ctx: ConnectionContext) -> smtplib.SMTP:
        """An open session: connected, encrypted, logged in. Raises Failed with what the server said."""
        import smtplib

        try:
            session = self._connected(ctx.timeout)
            if self.encryption == "starttls":
                session.starttls(context=self._trust())
            if self.login:
                session.login(self.login, ctx.secret(self.password))
        except (smtplib.SMTPException, OSError) as error:
            raise Failed(f"The mail server {self.host}:{self._port}: {_sentence(error)}") from error
        return session

    def _connected(self, timeout: float) -> smtplib.SMTP:
        import smtplib
        import socket

        name = socket.gethostname()
        if self.encryption == "ssl":
            return smtplib.SMTP_SSL(
                self.host, self._port, local_hostname=name, timeout=timeout, context=self._trust()
            )
        return smtplib.SMTP(self.host, self._port, local_hostname=name, timeout=timeout)

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.certificates or None)
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _send(self, session: smtplib.SMTP, message: Message) -> dict[str, str]:
        """Send one mail; who was refused, and why. Raises Failed when nobody gets it."""
        import smtplib

        sender = self.sender if self.impose_sender or not message.sender else message.sender
        if not sender:
            raise Failed("The mail has no sender.", hint="Give the reporter or the channel a `sender`.")
        try:
            refused = session.send_message(as_mail(message, sender), to_addrs=recipients_of(message))
        except (smtplib.SMTPException, OSError) as error:
            raise Failed(f"The mail server {self.host}:{self._port}: {_sentence(error)}") from error
        return {who: _answer(*why) for who, why in refused.items()}


def _sentence(error: Exception) -> str:
    import smtplib

    if isinstance(error, smtplib.SMTPRecipientsRefused):
        refused = (f"{who} was refused: {_answer(*why)}" for who, why in error.recipients.items())
        return "; ".join(refused)
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return str(error) or type(error).__name__


def _answer(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
