"""Webhook: any web address that takes a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from penstock.core.connection import Connection
from penstock.kinds.connections._http import check, reach, request

if TYPE_CHECKING:
    from penstock.core.contexts import ConnectionContext
    from penstock.core.message import Message


class Webhook(Connection):
    """A request to a web address for each message. Address and headers may be secrets.

    Example:
        type: webhook
        url: https://ops.example.org/hooks/penstock
        headers: {Authorization: 'secret:ops_token'}
    """

    CHANNEL: ClassVar[bool] = True

    url: str = Field(
        min_length=1, description="The address, or `secret:NAME` when the address itself is secret."
    )
    method: Literal["POST", "PUT", "PATCH", "GET"] = Field(default="POST", description="Of the request.")
    headers: dict[str, str] = Field(
        default_factory=dict, description="Name → value; a value may be `secret:NAME`."
    )

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if not url.startswith(("secret:", "http://", "https://")):
            raise ValueError("An address begins with http:// or https://, or is `secret:NAME`.")
        return url

    def deliver(self, messages: Sequence[Message], ctx: ConnectionContext) -> str:
        url = ctx.secret(self.url)
        fixed = {name: ctx.secret(value) for name, value in self.headers.items()}
        for message in messages:
            body = b"" if self.method == "GET" else message.body.encode()
            headers = {"Content-Type": f"{message.mime}; charset=utf-8", **fixed}
            request(url, body=body, method=self.method, headers=headers, timeout=ctx.timeout)
        return f"posted to {check(url)}"

    def test(self, ctx: ConnectionContext) -> str:
        return reach(ctx.secret(self.url), timeout=ctx.timeout)
