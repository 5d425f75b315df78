"""Users, groups, rights in projects; what people show to be known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from penstock.store.tables import Instant

revision = "0003"
down_revision = "0002"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant(), nullable=nullable)


def upgrade() -> None:
    _accounts()
    _rights()
    _credentials()


def _accounts() -> None:
    op.create_table(
        "users", _text("login"), _text("name"), _text("email"), sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("admin", sa.Boolean(), nullable=False), sa.Column("enabled", sa.Boolean(), nullable=False),
        _text("origin"), _moment("created_at"), _moment("seen_at", nullable=True), sa.PrimaryKeyConstraint("login"),
    )  # fmt: skip
    op.create_table("passwords", _text("login"), _text("hash"), sa.PrimaryKeyConstraint("login"))
    op.create_table(
        "groups", _text("name"), _text("description"), sa.Column("permissions", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )  # fmt: skip


def _rights() -> None:
    op.create_table(
        "project_access", _text("project"), _text("owner"), _text("visibility"),
        sa.PrimaryKeyConstraint("project"),
    )  # fmt: skip
    op.create_table(
        "grants", _text("project"), _text("sort"), _text("holder"),
        sa.Column("permissions", sa.JSON(), nullable=False), sa.PrimaryKeyConstraint("project", "sort", "holder"),
    )  # fmt: skip


def _credentials() -> None:
    op.create_table(
        "sessions", _text("id"), _text("login"), _moment("created_at"), _moment("seen_at"), _moment("expires_at"),
        _text("address"), _text("agent"), sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_index(op.f("ix_sessions_login"), "sessions", ["login"])
    op.create_table(
        "links", _text("id"), _text("login"), _text("purpose"), _moment("created_at"), _moment("expires_at"),
        sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_index(op.f("ix_links_login"), "links", ["login"])
    op.create_table(
        "api_keys", _text("id"), _text("hash"), _text("sort"), _text("label"), _text("login"), _text("project"),
        sa.Column("permissions", sa.JSON(), nullable=False), sa.Column("projects", sa.JSON(), nullable=False),
        _text("created_by"), _moment("created_at"), _moment("expires_at", nullable=True),
        _moment("used_at", nullable=True), sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash", name=op.f("uq_api_keys")),
    )  # fmt: skip
    op.create_index(op.f("ix_api_keys_login"), "api_keys", ["login"])
    op.create_index(op.f("ix_api_keys_project"), "api_keys", ["project"])
    op.create_table(
        "attempts",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        _text("account"), _text("address"), _moment("at"), sa.PrimaryKeyConstraint("seq"),
    )  # fmt: skip
    op.create_index("ix_attempts_account", "attempts", ["account", "at"])
    op.create_index("ix_attempts_address", "attempts", ["address", "at"])
