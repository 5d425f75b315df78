"""What people say about objects, and who was meant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from penstock.store.tables import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "discussions",
        sa.Column("seq", number, primary_key=True, autoincrement=True),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_discussions_object", "discussions", ["project", "object"])
    op.create_table(
        "replies",
        sa.Column("seq", number, primary_key=True, autoincrement=True),
        sa.Column("discussion", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("earlier", sa.JSON(), nullable=False),
    )
    op.create_index("ix_replies_discussion", "replies", ["discussion"])
    op.create_table(
        "notices",
        sa.Column("seq", number, primary_key=True, autoincrement=True),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("discussion", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_notices_login", "notices", ["login", "seq"])
