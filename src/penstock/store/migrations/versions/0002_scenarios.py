"""Runs of scenarios, their steps, what triggers remember, who works."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from penstock.store.tables import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "scenario_runs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("scenario", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("parent", sa.String(), nullable=False),
        sa.Column("parent_step", sa.String(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("beats", sa.Integer(), nullable=False),
        sa.Column("takes", sa.Integer(), nullable=False),
        sa.Column("abort_requested", sa.Boolean(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("project", "scenario", "place", name=op.f("uq_scenario_runs")),
    )
    op.create_index(op.f("ix_scenario_runs_owner"), "scenario_runs", ["owner"])
    op.create_index("ix_scenario_runs_queue", "scenario_runs", ["state", "place", "asked_at"])
    op.create_index("ix_scenario_runs_history", "scenario_runs", ["project", "scenario", "asked_at"])
    op.create_index("ix_scenario_runs_asked_at", "scenario_runs", ["asked_at"])
    op.create_index("ix_scenario_runs_parent", "scenario_runs", ["parent", "parent_step"])
    op.create_table(
        "step_runs",
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["scenario_runs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run", "position", "part"),
    )
    op.create_table(
        "trigger_states",
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("scenario", sa.String(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("next_look", Instant(), nullable=True),
        sa.Column("last_fired", Instant(), nullable=True),
        sa.Column("pending_since", Instant(), nullable=True),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project", "scenario", "trigger"),
    )
    op.create_index("ix_trigger_states_next_look", "trigger_states", ["next_look"])
    op.create_table(
        "workers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("lanes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
