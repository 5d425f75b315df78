"""The settings of a node, `node.json` in its home, and where everything lies there."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, model_validator

from penstock.core import registry
from penstock.core.errors import Invalid
from penstock.core.kind import Definition


class Pool(Definition):
    """How many queries an endpoint that runs code or asks databases works on at once, in each process."""

    ceil: int = Field(default=8, ge=1, le=512, description="Queries at once.")
    queue: int = Field(default=16, ge=0, le=10_000, description="Queries that may wait; one more gets 503.")
    timeout: int = Field(default=10_000, ge=1, description="Milliseconds a query waits at most; then 503.")
    floor: int = Field(
        default=1, ge=0, description="Read for compatibility; threads start when they are needed."
    )
    cruise: int = Field(default=2, ge=0, description="Read for compatibility.")

    @model_validator(mode="after")
    def _in_order(self) -> Pool:
        if self.floor > self.ceil:
            raise ValueError("floor is at most ceil.")
        return self


class JournalSettings(Definition):
    """What is kept of the queries."""

    enabled: bool = Field(default=True, description="Off: queries are answered and not written down.")
    megabytes: int = Field(
        default=100, ge=1, description="Size at which a file is closed and the next begun."
    )
    files: int = Field(default=20, ge=1, description="Closed files kept; the oldest goes first.")
    seconds: float = Field(
        default=60.0, gt=0, description="Age at which a file is closed when it is sent on."
    )


class DesignNode(Definition):
    """The design node that the journal is sent to."""

    url: str = Field(default="", description="Its address; nothing is sent when empty.")
    key: str = Field(default="", description="A key of that node's REST API.")


class Settings(Definition):
    """The settings of a node."""

    name: str = Field(default="", description="What it calls itself; its host and port when empty.")
    host: str = Field(default="127.0.0.1", description="Address it listens on.")
    port: int = Field(default=7980, ge=0, le=65535, description="0: any free one.")
    workers: int = Field(default=0, ge=0, le=256, description="Processes; 0: one for each processor.")
    body_megabytes: float = Field(default=10.0, gt=0, description="Largest query; a larger one gets 413.")
    package_megabytes: float = Field(default=4096.0, gt=0, description="Largest package that is taken.")
    patience: float = Field(default=60.0, gt=0, description="Seconds a query may take; then 503.")
    body_seconds: float = Field(
        default=30.0, gt=0, description="Seconds a query may take to arrive; then 408."
    )
    drift_rows: int = Field(
        default=1000, ge=0, le=100_000, description="Last queries whose drift is measured."
    )
    pool: Pool = Field(default=Pool(), description="Of every endpoint that has none of its own.")
    journal: JournalSettings = Field(default=JournalSettings(), description="What is kept of the queries.")
    design: DesignNode = Field(default=DesignNode(), description="Where the journal is sent.")

    @property
    def processes(self) -> int:
        """How many processes answer."""
        if self.workers:
            return self.workers
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of a node."""

    root: Path

    @property
    def settings_file(self) -> Path:
        return self.root / "node.json"

    @property
    def services(self) -> Path:
        return self.root / "services"

    @property
    def journal(self) -> Path:
        return self.root / "journal"

    @property
    def environments(self) -> Path:
        """Code environments that packages brought, each built once."""
        return self.root / "environments"

    @property
    def aside(self) -> Path:
        """What is half done, and what is thrown away: swept at the next start."""
        return self.root / "aside"

    @property
    def not_alive(self) -> Path:
        """While this file is there, /isAlive/ says no; queries are answered all the same."""
        return self.root / "apinode-not-alive.txt"

    def settings(self) -> Settings:
        """Raises Invalid when the file is broken."""
        try:
            told = json.loads(self.settings_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Settings()
        except ValueError as error:
            raise Invalid(f"{self.settings_file} is no JSON: {error}") from error
        return registry.validate(Settings, told)
