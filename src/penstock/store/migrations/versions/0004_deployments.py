"""Updates of deployments, and what was seen of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from penstock.store.tables import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "deployment_updates",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
        ),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("deployment", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("place", sa.Integer()),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("abort_requested", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.UniqueConstraint("deployment", "place", name="uq_deployment_updates"),
    )
    op.create_index("ix_deployment_updates_id", "deployment_updates", ["id"])
    op.create_index("ix_deployment_updates_history", "deployment_updates", ["deployment", "seq"])
    op.create_table(
        "deployment_seen",
        sa.Column("deployment", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("deployment"),
    )
