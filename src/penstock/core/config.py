"""Settings of a node: one file in its home, and environment variables over it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from penstock.core.kind import Definition

SIZE = re.compile(r"[0-9]+([.][0-9]+)? ?([KMGT]i?B|%)", re.IGNORECASE)


def _size(text: str) -> str:
    if text and not SIZE.fullmatch(text):
        raise ValueError("Write it as `4GB`, `500MB` or `60%`.")
    return text


def _bytes(text: str) -> str:
    if "%" in text or not SIZE.fullmatch(text):
        raise ValueError("Write it as `10GB` or `500MB`.")
    return text


class Limits(Definition):
    """How much may run at once. 0 = no limit of its own."""

    activities: Annotated[int, Field(ge=0)] = Field(default=5, description="Activities at once on the node.")
    jobs: Annotated[int, Field(ge=0)] = Field(default=0, description="Jobs at once; further ones wait.")
    activities_per_job: Annotated[int, Field(ge=0)] = Field(
        default=0, description="Activities at once in one job."
    )
    runs: Annotated[int, Field(ge=1)] = Field(
        default=4, description="Runs of scenarios at once in one worker; start more workers for more."
    )
    keyed: dict[str, int] = Field(
        default_factory=dict, description="`project/KEY`, `user/NAME`, `tag/TAG`, `recipe_type/TYPE` → limit."
    )


class SignOn(Definition):
    """Log in at an identity provider that speaks OpenID Connect, beside passwords kept here. Needs `penstock[oidc]`."""

    issuer: str = Field(
        description="Address of the provider; `/.well-known/openid-configuration` lies under it."
    )
    client_id: str = Field(description="What the provider calls this node.")
    client_secret: str = Field(default="", description="Its secret; best `secret:NAME` of a sealed value.")
    label: str = Field(default="Log in with single sign-on", description="Words on the button.")
    scopes: tuple[str, ...] = Field(default=("openid", "profile", "email"), description="What is asked for.")
    login_claim: str = Field(default="preferred_username", description="Claim that becomes the login.")
    groups_claim: str = Field(default="groups", description="Claim that lists a person's groups there.")
    groups: dict[str, str] = Field(
        default_factory=dict,
        description="Group of the provider → group here; brought up to date at each log-in.",
    )
    create_users: bool = Field(
        default=True, description="People without an account get one when they log in."
    )
    link_existing: bool = Field(
        default=False,
        description="Accounts made here with the same login belong to the same people: they are taken over.",
    )


class Config(Definition):
    """`config.yaml` of a home; every setting may also come from PENSTOCK_<SETTING>."""

    home: Path = Field(description="Folder that holds projects, data, state and logs.")
    database: str = Field(
        default="",
        description="Where the state lies: `postgresql://USER@HOST/NAME`, with `secret:NAME` of a sealed value as the "
        "password; SQLite in the home when empty. `penstock home move-state` sets it.",
    )
    role: Literal["design", "automation", "deployer"] = Field(
        default="design",
        description="What this node is for: people design projects on it, it runs the bundles that are sent to it, or "
        "it sends them to others.",
    )
    deployer_url: str = Field(
        default="", description="Address of a deployer on a node of its own; empty: this home has one inside."
    )
    deployer_key: str = Field(default="", description="`secret:NAME` of an API key of that deployer.")
    node_name: str = Field(
        default="", description="What this node calls itself to others; its host when empty."
    )
    user: str = Field(default="", description="Author of saves made here; the login name when empty.")
    sign_on: SignOn | None = Field(
        default=None, description="Log-in at an identity provider; none by default."
    )
    base_url: str = Field(default="", description="Address people reach this node under; used in messages.")
    server_roots: tuple[Path, ...] = Field(
        default=(), description="Folders of the server that datasets may read besides the home."
    )
    limits: Limits = Field(default_factory=Limits, description="How much may run at once.")
    wait_for_object: float = Field(
        default=600.0,
        ge=0,
        description="Seconds a job waits for an object another job is building, then fails.",
    )
    abort_grace: float = Field(
        default=5.0, ge=0, description="Seconds an aborted child process may take to end."
    )
    threads: int = Field(default=0, ge=0, description="Threads of one computation; 0 = all cores.")
    memory: Annotated[str, AfterValidator(_size)] = Field(
        default="", description="Most memory of one DuckDB session, such as `4GB`; empty = 80 %."
    )
    file_cache: Annotated[str, AfterValidator(_bytes)] = Field(
        default="10GB",
        description="Most disk for files fetched from object stores; the longest unused go first.",
    )
    triggers_enabled: bool = Field(
        default=True, description="Off: no trigger of this node is looked at, whatever its own switch says."
    )
    worker_grace: float = Field(
        default=8.0,
        ge=0,
        description="Seconds that steps may still take when a worker is stopped; then they are handed back.",
    )
    monitoring_every: float = Field(
        default=300.0,
        ge=0,
        description="Seconds between two looks of a server at everything that is deployed; 0 = only when asked.",
    )
    logs_kept: int = Field(default=1000, ge=0, description="Job logs kept per project.")
    logs_days: int = Field(default=60, ge=0, description="Days job logs are kept.")
    jobs_kept: int = Field(default=10_000, ge=0, description="Ended jobs kept in the list per project.")
    jobs_days: int = Field(default=365, ge=0, description="Days ended jobs are kept in the list.")
    runs_kept: int = Field(default=1000, ge=0, description="Ended runs kept per scenario, with their logs.")
    runs_days: int = Field(
        default=365, ge=0, description="Days ended runs of scenarios are kept, with their logs."
    )

    @property
    def state(self) -> str:
        """Where the state lies, in words without a password."""
        return re.sub(r"(?<=://)([^:@/]*):[^@]*@", r"\1@", self.database) or "SQLite in the home"
