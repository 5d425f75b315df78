"""What only PostgreSQL needs: many writers at once, on many machines, and a server that may be away."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import DBAPIError, OperationalError

from penstock.core.errors import PenstockError, Refused, StateAway
from penstock.store.again import Collision, Lost

SESSION = {
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
"""A machine that lost its power keeps no row locked for longer than half a minute."""
CONNECT_SECONDS = 10
COLLIDED = ("40001", "40P01")
"""Serialization failure, deadlock: PostgreSQL gave up one of two transactions that waited for each other."""
FOR_GOOD = (
    "does not exist", "authentication failed", "no password", "no pg_hba.conf entry", "could not translate",
    "not permitted", "SSL", "failed to resolve", "invalid",
)  # fmt: skip
"""What a server or the network says when trying again would not help."""
LOOK = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def engine(url: URL, **words: Any) -> Engine:
    """Connections to the server, opened when they are needed. Raises Refused without the driver."""
    arguments: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, "application_name": "penstock"}
    if "options" not in url.query:
        arguments["options"] = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
    try:
        return create_engine(url, connect_args=arguments, pool_size=3, max_overflow=17, **words)
    except ModuleNotFoundError as error:
        raise Refused(
            f"The state lies in PostgreSQL, and {error.name} is not installed.",
            hint="Install it: pip install 'penstock[postgres]'",
        ) from error


def told(error: DBAPIError, url: URL, *, ending: bool) -> Exception:
    """The same problem in our words; `ending` = the transaction was being ended, so nobody knows whether it was."""
    code = getattr(error.orig, "sqlstate", None) or ""
    if code in COLLIDED:
        return Collision(
            "Others changed the same things in the state at the same moment.", hint="Try it again."
        )
    if not _is_away(error, code):
        return error
    where, why = url.set(query={}).render_as_string(), " ".join(str(error.orig).split())
    if any(word in why for word in FOR_GOOD):
        return Refused(f"The state in {where} cannot be opened: {why}", hint="See `database` in config.yaml.")
    kept = " Whether the last change was kept is not known." if ending else ""
    lost: type[PenstockError] = StateAway if ending else Lost
    return lost(f"The state in {where} does not answer: {why}.{kept}", hint="Is the server running?")


def _is_away(error: DBAPIError, code: str) -> bool:
    """Whether the server could not be reached, went away, or is just starting or stopping."""
    return error.connection_invalidated or code.startswith(("08", "53", "57P")) or (
        isinstance(error, OperationalError) and not code
    )  # fmt: skip
