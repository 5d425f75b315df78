"""Jobs and activities: their states and legal transitions, build modes, and what a build remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from penstock.core.errors import Invalid, did_you_mean


class BuildMode(StrEnum):
    """What a build of a target runs. The ids are the field's; `WORDS` are what people type and read."""

    ONLY_THIS = "NON_RECURSIVE_FORCED_BUILD"
    REQUIRED = "RECURSIVE_BUILD"
    ALL_UPSTREAM = "RECURSIVE_FORCED_BUILD"
    DOWNSTREAM = "DOWNSTREAM_FORCED_BUILD"
    DOWNSTREAM_OUTPUTS = "DOWNSTREAM_OUTPUTS_BUILD"
    DOWNSTREAM_OUTPUTS_ALL = "DOWNSTREAM_OUTPUTS_FORCED_BUILD"

    @classmethod
    def parse(cls, word: str) -> BuildMode:
        """The mode behind a stable id or a word people type. Raises Invalid with the nearest word."""
        mode = _MODES.get(word) or _MODES.get(word.strip().lower().replace("-", "_").replace(" ", "_"))
        if mode is None:
            raise Invalid(f"There is no build mode '{word}'.{did_you_mean(word, WORDS)}", hint=_HOW)
        return mode

    @property
    def words(self) -> str:
        """How people call it: `Build upstream, only modified` …"""
        return _LABELS[self]

    @property
    def goes_down(self) -> bool:
        """The targets say where to start, not what to build."""
        return self in (BuildMode.DOWNSTREAM, BuildMode.DOWNSTREAM_OUTPUTS, BuildMode.DOWNSTREAM_OUTPUTS_ALL)

    @property
    def forced(self) -> bool:
        """What it reaches runs whatever its state."""
        return self not in (BuildMode.REQUIRED, BuildMode.DOWNSTREAM_OUTPUTS)


WORDS: dict[str, BuildMode] = {
    "only": BuildMode.ONLY_THIS,
    "required": BuildMode.REQUIRED,
    "recursive": BuildMode.REQUIRED,
    "all": BuildMode.ALL_UPSTREAM,
    "downstream": BuildMode.DOWNSTREAM,
    "outputs": BuildMode.DOWNSTREAM_OUTPUTS,
    "outputs_all": BuildMode.DOWNSTREAM_OUTPUTS_ALL,
}
"""What people type for a mode."""

_MODES: dict[str, BuildMode] = {
    **{mode.value: mode for mode in BuildMode},
    **{mode.value.lower(): mode for mode in BuildMode},
    **WORDS,
    "only_this": BuildMode.ONLY_THIS, "non_recursive": BuildMode.ONLY_THIS,
    "smart": BuildMode.REQUIRED, "upstream": BuildMode.REQUIRED, "recursive_upstream": BuildMode.REQUIRED,
    "all_upstream": BuildMode.ALL_UPSTREAM, "downstream_outputs": BuildMode.DOWNSTREAM_OUTPUTS,
    "downstream_outputs_all": BuildMode.DOWNSTREAM_OUTPUTS_ALL,
}  # fmt: skip

_HOW = f"The modes are {', '.join(WORDS)}."

_LABELS: dict[BuildMode, str] = {
    BuildMode.ONLY_THIS: "Build only this (non-recursively)",
    BuildMode.REQUIRED: "Recursive upstream, only what is out of date",
    BuildMode.ALL_UPSTREAM: "Recursive upstream, everything",
    BuildMode.DOWNSTREAM: "Everything downstream",
    BuildMode.DOWNSTREAM_OUTPUTS: "Outputs downstream, only what is out of date",
    BuildMode.DOWNSTREAM_OUTPUTS_ALL: "Outputs downstream, everything",
}


class JobState(StrEnum):
    NOT_STARTED = "NOT_STARTED"
    COMPUTING_DEPENDENCIES = "COMPUTING_DEPENDENCIES"
    WAITING_CONFIRMATION = "WAITING_CONFIRMATION"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    ABORTED = "ABORTED"

    @property
    def final(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.ABORTED)

    def may_become(self, later: JobState) -> bool:
        """Whether the step is legal: states only move forward, and nothing leaves a final one."""
        return not self.final and list(JobState).index(later) >= list(JobState).index(self)


class ActivityState(StrEnum):
    NOT_STARTED = "NOT_STARTED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    WARNING = "WARNING"
    FAILED = "FAILED"
    ABORTED = "ABORTED"
    SKIPPED = "SKIPPED"

    @property
    def final(self) -> bool:
        return self not in (ActivityState.NOT_STARTED, ActivityState.RUNNING)

    @property
    def good(self) -> bool:
        """Its outputs stand: DONE, or DONE with warnings."""
        return self in (ActivityState.DONE, ActivityState.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One recipe, once, inside a job."""

    job: str
    recipe: str
    position: int
    outputs: tuple[str, ...]
    reason: str
    """Why it runs, as a sentence."""
    state: ActivityState = ActivityState.NOT_STARTED
    waiting_for: str = ""
    """Why it has not started, as a sentence."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    warnings: tuple[str, ...] = ()
    error: str = ""
    error_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One request to build objects of one project."""

    id: str
    project: str
    mode: BuildMode
    targets: tuple[str, ...]
    initiator: str
    created_at: datetime
    state: JobState = JobState.NOT_STARTED
    started_at: datetime | None = None
    ended_at: datetime | None = None
    warnings: int = 0
    error: str = ""
    error_code: str = ""
    origin: Literal["manual", "scenario", "api", "schedule"] = "manual"
    scenario_run: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    owner: str = ""
    """host:pid:start of the process that runs it; how an orphan is told from a running job."""
    heartbeat_at: datetime | None = None

    @property
    def title(self) -> str:
        """What it builds, as people say it: `everything` for all ends of the Flow."""
        return ", ".join("everything" if target == "*" else target for target in self.targets)

    def __repr__(self) -> str:
        return f"Job({self.project} {self.id}: {self.state}, {', '.join(self.targets)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRecord:
    """What the last build of one output saw: the memory of the smart build."""

    project: str
    item: str
    recipe: str
    recipe_fingerprint: str
    """sha256 of the recipe's settings, body, resolved variables it uses, and the project library it sees."""
    input_states: Mapping[str, str]
    """input name → its state text when the build began."""
    state: str
    """The output's own state text afterwards: the snapshot id of a dataset, a version id, an evaluation id."""
    job: str
    built_at: datetime
    success: bool
    parts: Mapping[str, str] = field(default_factory=dict)
    """What the recipe fingerprint was made of (settings, body, variables, library): lets a plan name what changed."""
