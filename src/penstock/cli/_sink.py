"""A mail server of the demo's own: it takes what is sent to it, on this machine only, and passes nothing on."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class Sink:
    """What arrived so far, and where to send more."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.port = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.original_content, policy=policy.default)
        self.mails.append(mail)
        return "250 taken"


@contextmanager
def sink() -> Iterator[Sink]:
    """A running server on a free port of this machine."""
    from aiosmtpd.controller import Controller

    taken = Sink()
    taken.port = _free_port()
    server = Controller(taken, hostname="127.0.0.1", port=taken.port)
    server.start()
    try:
        yield taken
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def page(mail: EmailMessage) -> str:
    """The mail as its readers see it: the HTML part, its pictures in it."""
    html = mail.get_body(preferencelist=("html", "plain"))
    text = str(html.get_content()) if html is not None else ""
    for part in mail.walk():
        if cid := part.get("Content-ID"):
            image = base64.b64encode(part.get_content()).decode()
            text = text.replace(
                f"cid:{str(cid).strip('<>')}", f"data:{part.get_content_type()};base64,{image}"
            )
    return text


def shown(mail: EmailMessage) -> str:
    """A mail as people read it in a terminal: its head, its plain text, what is attached."""
    plain = mail.get_body(preferencelist=("plain",))
    attached = [f"{part.get_filename()} ({part.get_content_type()})" for part in mail.iter_attachments()]
    head = "\n".join(f"{name}: {mail[name]}" for name in ("From", "To", "Subject"))
    text = str(plain.get_content()).strip() if plain is not None else ""
    return f"{head}\n\n{text}\n\nAttached: {', '.join(attached) or 'nothing'}"
