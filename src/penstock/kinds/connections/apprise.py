"""Apprise: a hundred services by one kind of address."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.connection import Connection, Secret
from penstock.core.errors import Failed, Invalid

if TYPE_CHECKING:
    from penstock.core.contexts import ConnectionContext
    from penstock.core.message import Message

TYPES = {"SUCCESS": "success", "WARNING": "warning", "FAILED": "failure"}


class Apprise(Connection):
    """Messages to any service that the Apprise library knows, by its address: `tgram://…`, `matrix://…`, `ntfy://…`.

    Example:
        type: apprise
        url: secret:telegram
    """

    CHANNEL: ClassVar[bool] = True

    url: Secret = Field(description="`secret:NAME` of the Apprise URL; it holds the login.")

    def deliver(self, messages: Sequence[Message], ctx: ConnectionContext) -> str:
        service, complaints = self._service(ctx), _Complaints()
        for message in messages:
            with _as_files(message) as files, complaints.heard():
                sent = service.notify(
                    body=message.text, title=message.subject, attach=files or None,
                    notify_type=TYPES.get(message.outcome, "info"), body_format="text",
                )  # fmt: skip
            if not sent:
                raise Failed(f"The service refused the message. {complaints.last}".strip())
        return f"sent through {service[0].service_name}"

    def test(self, ctx: ConnectionContext) -> str:
        return f"the address is one of {self._service(ctx)[0].service_name}; nothing was sent"

    def _service(self, ctx: ConnectionContext) -> Any:
        import apprise

        service = apprise.Apprise()
        if not service.add(ctx.secret(self.url)):
            raise Invalid("Apprise does not know this kind of address.", hint="Look it up in Apprise's list.")
        return service


class _Complaints:
    """What Apprise logs while it works: its only way of saying why something was refused."""

    last = ""

    @contextlib.contextmanager
    def heard(self) -> Iterator[None]:
        import logging

        handler = logging.Handler(logging.WARNING)
        handler.emit = lambda record: setattr(self, "last", record.getMessage())  # type: ignore[method-assign]
        logger = logging.getLogger("apprise")
        logger.addHandler(handler)
        try:
            yield
        finally:
            logger.removeHandler(handler)


@contextlib.contextmanager
def _as_files(message: Message) -> Iterator[list[str]]:
    """The attachments as files, which is how Apprise takes them."""
    with tempfile.TemporaryDirectory() as folder:
        attached = [a for a in message.attachments if not a.content_id]
        files = [Path(folder) / Path(a.name).name for a in attached]
        for file, attachment in zip(files, attached, strict=True):
            file.write_bytes(attachment.content)
        yield [str(file) for file in files]
