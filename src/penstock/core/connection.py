"""Connections and channels of a node: mail servers, chats, databases; their secrets are sealed elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from penstock.core.errors import Refused
from penstock.core.kind import Described, Kind
from penstock.core.naming import NamingRules

if TYPE_CHECKING:
    from penstock.core.contexts import ConnectionContext
    from penstock.core.message import Message

SECRET = "secret:"
_REFERENCE = re.compile(r"secret:([\w.-]{1,100})")


def secret_name(text: str) -> str:
    """The name in `secret:name`; empty for any other text."""
    found = _REFERENCE.fullmatch(text)
    return found[1] if found else ""


def _only_a_name(text: str) -> str:
    if text and not secret_name(text):
        raise ValueError(
            "A secret is never written here. Write `secret:NAME` and keep the value with "
            "`penstock channel secret put NAME`."
        )
    return text


Secret = Annotated[str, AfterValidator(_only_a_name)]
"""A field that holds `secret:<name>` or nothing."""


class Connection(Kind, Described):
    """A way to something outside, set up once for the node: `home/connections/<name>.yaml`.

    A setting that is secret holds `secret:<name>`; the value is sealed in the home and never written to YAML or logs.
    Both verbs run in a child process, which is killed when its time is up.
    """

    FAMILY: ClassVar[str] = "connections"
    CHANNEL: ClassVar[bool] = False
    """True when messages go through it."""
    PATIENCE: ClassVar[float] = 20.0
    """Seconds that a test of it may take."""
    TO: ClassVar[str] = ""
    """What messages through it are addressed to, such as `mail addresses`; empty: always to the same place."""

    allowed: tuple[str, ...] = Field(
        default=(), description="Users and groups who may use it; everybody when empty."
    )

    def test(self, ctx: ConnectionContext) -> str:
        """Try it without doing anything; returns what was found, raises what is wrong."""
        raise NotImplementedError

    def deliver(self, messages: Sequence[Message], ctx: ConnectionContext) -> str:
        """Send messages; returns a sentence such as `sent to 2 recipients`."""
        raise Refused(f"A connection of type {self.kind_name()} carries no messages.")

    def allows(self, user: str, groups: Sequence[str] = ()) -> bool:
        """Whether a user, who is in these groups, may use it."""
        return not self.allowed or bool({user, *groups} & set(self.allowed))


class Database(Connection):
    """A connection to a database: its tables are datasets, and it computes with them itself."""

    MARKER: ClassVar[str] = ""
    """What stands for a value in the SQL of its driver; empty when `plain` is refused."""
    QUOTE: ClassVar[str] = '"'
    """What stands around names."""
    COMPUTES: ClassVar[bool] = False
    """True when visual recipes are known to say there what they say in this process: all of them are tried on it."""

    writable: bool = Field(default=True, description="Off: Penstock only reads there.")
    managed_datasets: bool = Field(default=True, description="Recipes may keep their outputs there.")
    db_schema: str = Field(
        default="",
        alias="schema",
        description="Schema its tables lie in unless a dataset names another; the login's when empty.",
    )

    naming: NamingRules = Field(
        default_factory=NamingRules, description="What the tables of managed datasets are called."
    )

    model_config = {"populate_by_name": True}

    def open(self, ctx: ConnectionContext) -> Any:
        """An Ibis backend on a fresh connection, whose instants are UTC. Raises Failed with what the server said."""
        raise NotImplementedError

    def plain(self, ctx: ConnectionContext) -> Any:
        """A connection of its driver (DB-API) in which each statement commits by itself: what endpoints of API
        services ask, without Ibis. Raises Failed with what the server said."""
        raise Refused(
            f"A connection of type {self.kind_name()} answers no queries of API services.",
            hint="SQLite, PostgreSQL and MySQL do.",
        )

    def address(self, ctx: ConnectionContext) -> str:
        """Its URL with the password in it, for drivers that stream; empty when there is no such driver."""
        return ""
