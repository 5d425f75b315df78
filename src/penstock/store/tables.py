"""The whole SQL schema on one page. Nothing here is needed to understand a project: it is what running left behind."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)

NO_NUL = "\N{SYMBOL FOR NULL}"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, kept as whole milliseconds since 1970, alike on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        if value is None:
            return None
        past = value - EPOCH
        return (past.days * 86_400 + past.seconds) * 1000 + past.microseconds // 1000

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        seconds, milliseconds = divmod(value, 1000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)


class Words(TypeDecorator[str]):
    """Text. The character NUL, which PostgreSQL cannot keep, becomes its picture on every database."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return value.replace("\0", NO_NUL) if value and "\0" in value else value


def _text(name: str, *, index: bool = False) -> Column[str]:
    return Column(name, Words, nullable=False, index=index)


def _key(name: str) -> Column[str]:
    return Column(name, Words, primary_key=True)


def _json(name: str) -> Column[Any]:
    return Column(name, JSON, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, Instant, nullable=nullable)


def _sequence() -> Column[int]:
    return Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s"}
)

jobs = Table(
    "jobs", metadata,
    _key("id"), _text("project"), _text("mode"), _json("targets"), _text("initiator"), _moment("created_at"),
    _text("state", index=True), _moment("started_at", nullable=True), _moment("ended_at", nullable=True),
    Column("warnings", Integer, nullable=False), _text("error"), _text("error_code"), _text("origin"),
    _text("scenario_run"), _json("options"), _text("owner"), _moment("heartbeat_at", nullable=True),
    Column("abort_requested", Boolean, nullable=False),
    Index("ix_jobs_project_created_at", "project", "created_at"),
)  # fmt: skip

activities = Table(
    "activities", metadata,
    Column("job", String, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True), _key("recipe"),
    Column("position", Integer, nullable=False), _json("outputs"), _text("reason"), _text("state"),
    _text("waiting_for"), _moment("started_at", nullable=True), _moment("ended_at", nullable=True),
    _json("warnings"), _text("error"), _text("error_code"),
)  # fmt: skip

claims = Table("claims", metadata, _key("project"), _key("item"), _text("job", index=True))
"""Items being built now. The primary key is the lock: one job per item, whichever process it runs in."""

build_records = Table(
    "build_records", metadata,
    _key("project"), _key("item"), _text("recipe"), _text("recipe_fingerprint"), _json("input_states"),
    _text("state"), _text("job"), _moment("built_at"), Column("success", Boolean, nullable=False), _json("parts"),
)  # fmt: skip


OBJECT = ("project", "object_type", "object", "partition")
"""The columns that say which object a metric or verdict is about."""


def _object_text() -> list[Column[str]]:
    return [_text(name) for name in OBJECT]


def _object_key() -> list[Column[str]]:
    return [_key(name) for name in OBJECT]


metric_values = Table(
    "metric_values", metadata,
    _sequence(), *_object_text(), _text("metric_id"), _text("data_type"), _text("value"), _moment("computed_at"),
    _text("origin"), _text("run_id"), _text("evaluation_id"),
    Index("ix_metric_values_history", *OBJECT, "metric_id", "computed_at", "seq"),
    Index("ix_metric_values_evaluation", "project", "object_type", "object", "evaluation_id"),
)  # fmt: skip

latest_values = Table(
    "latest_values", metadata,
    *_object_key(), _key("metric_id"), _moment("computed_at"), Column("seq", BigInteger, nullable=False),
)  # fmt: skip
"""Which row of metric_values is the newest of its metric, so that a million values are as fast as ten."""

check_results = Table(
    "check_results", metadata,
    _sequence(), *_object_text(), _text("check_id"), _text("check_name"), _text("check_type"), _text("verdict"),
    _text("message"), _moment("computed_at"), _text("metric_id"), _text("observed"), _text("origin"),
    _text("run_id"), _text("evaluation_id"),
    Index("ix_check_results_history", *OBJECT, "check_id", "computed_at", "seq"),
    Index("ix_check_results_evaluation", "project", "object_type", "object", "evaluation_id"),
)  # fmt: skip

latest_results = Table(
    "latest_results", metadata,
    *_object_key(), _key("check_id"), _moment("computed_at"), Column("seq", BigInteger, nullable=False),
)  # fmt: skip

evaluations = Table(
    "evaluations", metadata,
    _sequence(), _text("project"), _text("store"), _text("id"), _json("facts"), _text("detail", index=True),
    _text("sample", index=True), _moment("created_at"),
    UniqueConstraint("project", "store", "id"),
    Index("ix_evaluations_order", "project", "store", "seq"),
    Index("ix_evaluations_newest", "project", "store", "created_at", "seq"),
)  # fmt: skip
"""`facts` is the header lists show, `created_at` the moment in it; `detail` and `sample` are blob hashes."""

model_versions = Table(
    "model_versions", metadata,
    _sequence(), _text("project"), _text("model"), _text("id"), _json("facts"), _text("files", index=True),
    UniqueConstraint("project", "model", "id"),
)  # fmt: skip

active_versions = Table(
    "active_versions", metadata,
    _key("project"), _key("model"), _text("version"), _text("activated_by"), _moment("activated_at"),
)  # fmt: skip
"""At most one row a model: that is what makes the active version the only one."""

scenario_runs = Table(
    "scenario_runs", metadata,
    _key("id"), _text("project"), _text("scenario"), _text("state"), Column("place", Integer),
    _text("parent"), _text("parent_step"), _moment("asked_at"), _moment("started_at", nullable=True),
    _moment("ended_at", nullable=True), _text("outcome"), _text("owner", index=True),
    _moment("lease_until", nullable=True), Column("beats", Integer, nullable=False),
    Column("takes", Integer, nullable=False), Column("abort_requested", Boolean, nullable=False),
    _json("definition"), _json("facts"),
    UniqueConstraint("project", "scenario", "place"),
    Index("ix_scenario_runs_queue", "state", "place", "asked_at"),
    Index("ix_scenario_runs_history", "project", "scenario", "asked_at"),
    Index("ix_scenario_runs_asked_at", "asked_at"),
    Index("ix_scenario_runs_parent", "parent", "parent_step"),
)  # fmt: skip
"""The queue and the history. `place` is the lock of a scenario: 0 = its run, 1 = the one in line, none = ended.
The definition is written once; `facts` is the rest of a run."""

step_runs = Table(
    "step_runs", metadata,
    Column("run", String, ForeignKey("scenario_runs.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    _text("state"), _json("facts"),
)  # fmt: skip

trigger_states = Table(
    "trigger_states", metadata,
    _key("project"), _key("scenario"), _key("trigger"), _text("definition"), _moment("next_look", nullable=True),
    _moment("last_fired", nullable=True), _moment("pending_since", nullable=True), _json("memory"), _text("error"),
    Column("version", BigInteger, nullable=False),
    Index("ix_trigger_states_next_look", "next_look"),
)  # fmt: skip
"""One row a trigger, updated in place: a look that finds nothing leaves nothing behind."""

workers = Table(
    "workers", metadata,
    _key("id"), _moment("started_at"), _moment("seen_at"), Column("lanes", Integer, nullable=False),
)  # fmt: skip

users = Table(
    "users", metadata,
    _key("login"), _text("name"), _text("email"), _json("groups"), Column("admin", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False), _text("origin"), _moment("created_at"),
    _moment("seen_at", nullable=True),
)  # fmt: skip

passwords = Table("passwords", metadata, _key("login"), _text("hash"))
"""argon2id, apart from the users so that no list of users ever carries one."""

groups = Table("groups", metadata, _key("name"), _text("description"), _json("permissions"))

project_access = Table("project_access", metadata, _key("project"), _text("owner"), _text("visibility"))
"""Rights name accounts of this node, so they are kept here and not with the project's definitions."""

grants = Table("grants", metadata, _key("project"), _key("sort"), _key("holder"), _json("permissions"))
"""`sort` is user or group."""

sessions = Table(
    "sessions", metadata,
    _key("id"), _text("login", index=True), _moment("created_at"), _moment("seen_at"), _moment("expires_at"),
    _text("address"), _text("agent"),
)  # fmt: skip
"""`id` is the hash of what the cookie holds: whoever reads this table can be nobody with it."""

links = Table(
    "links", metadata,
    _key("id"), _text("login", index=True), _text("purpose"), _moment("created_at"), _moment("expires_at"),
)  # fmt: skip

api_keys = Table(
    "api_keys", metadata,
    _key("id"), Column("hash", String, nullable=False, unique=True), _text("sort"), _text("label"),
    _text("login", index=True), _text("project", index=True), _json("permissions"), _json("projects"),
    _text("created_by"), _moment("created_at"), _moment("expires_at", nullable=True),
    _moment("used_at", nullable=True),
)  # fmt: skip

attempts = Table(
    "attempts", metadata,
    _sequence(), _text("account"), _text("address"), _moment("at"),
    Index("ix_attempts_account", "account", "at"), Index("ix_attempts_address", "address", "at"),
)  # fmt: skip
"""Failed log-ins of late."""

deployment_updates = Table(
    "deployment_updates", metadata,
    _sequence(), _text("id", index=True), _text("deployment"), _text("state"),
    Column("place", Integer), _moment("started_at"), Column("abort_requested", Boolean, nullable=False),
    _json("facts"),
    UniqueConstraint("deployment", "place"), Index("ix_deployment_updates_history", "deployment", "seq"),
)  # fmt: skip
"""`place` is the lock of a deployment: 0 = its running update, none = ended."""

deployment_seen = Table("deployment_seen", metadata, _key("deployment"), _json("facts"), _moment("at"))
"""What was seen of a deployment last, so that lists show without asking every node."""

discussions = Table(
    "discussions", metadata,
    _sequence(), _text("project"), _text("object"), _text("topic"), _text("by"), _moment("at"),
    Column("closed", Boolean, nullable=False), Index("ix_discussions_object", "project", "object"),
)  # fmt: skip

replies = Table(
    "replies", metadata,
    _sequence(), Column("discussion", BigInteger, nullable=False, index=True), _text("author"), _text("text"),
    _moment("at"), _json("earlier"),
)  # fmt: skip

notices = Table(
    "notices", metadata,
    _sequence(), _text("login"), _text("project"), _text("object"), Column("discussion", BigInteger, nullable=False),
    _text("by"), _text("text"), _moment("at"), Column("seen", Boolean, nullable=False),
    Index("ix_notices_login", "login", "seq"),
)  # fmt: skip
"""Who was meant by something that another one said."""
