"""When each evaluation was made, as a column with an index: the newest of very many is found at once."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from penstock.store.tables import Instant

revision = "0005"
down_revision = "0004"

CHUNK = 1000


def upgrade() -> None:
    op.add_column("evaluations", sa.Column("created_at", Instant(), nullable=False, server_default="0"))
    _fill(op.get_bind())
    op.create_index("ix_evaluations_newest", "evaluations", ["project", "store", "created_at", "seq"])


def _fill(connection: sa.Connection) -> None:
    """From the facts of each evaluation, some at a time."""
    old = sa.table(
        "evaluations", sa.column("seq"), sa.column("facts", sa.JSON), sa.column("created_at", Instant)
    )
    last = 0
    page = sa.select(old.c.seq, old.c.facts["created_at"].as_string()).order_by(old.c.seq).limit(CHUNK)
    change = sa.update(old).where(old.c.seq == sa.bindparam("this")).values(created_at=sa.bindparam("at"))
    while rows := connection.execute(page.where(old.c.seq > last)).all():
        connection.execute(change, [{"this": seq, "at": _moment(text)} for seq, text in rows])
        last = rows[-1].seq


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
