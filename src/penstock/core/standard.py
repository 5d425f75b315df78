"""Project standards: what a good project looks like, judged from its definitions and what is known of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SerializeAsAny, model_validator

from penstock.core.errors import FlawAt, did_you_mean
from penstock.core.flow import Flow
from penstock.core.kind import Definition, Kind, of
from penstock.core.outcome import Outcome
from penstock.core.project import Project
from penstock.core.schema import Schema

Severity = Literal["LOWEST", "LOW", "MEDIUM", "HIGH", "CRITICAL"]
SEVERITIES: tuple[str, ...] = ("SUCCESS", "LOWEST", "LOW", "MEDIUM", "HIGH", "CRITICAL")
"""The position is the number of a severity, 0 to 5."""
State = Literal["review", "success", "not applicable", "error"]
HOW_BAD = "How bad it is when a project is not so."
DEFAULT_SCOPE = "all projects"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as the standard wants it."""

    text: str
    object: str = ""
    """`dataset:flights`; empty for the project as a whole."""


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The standard says nothing about this project."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """What standards look at."""

    project: Project
    role: str = "design"
    """What the node is for: design, automation, deployer."""
    schemas: Mapping[str, Schema] = field(default_factory=dict)
    """Dataset → its columns, as far as they are known."""
    articles: Mapping[str, str] = field(default_factory=dict)
    """Article of the wiki → its text."""
    untrue: Mapping[str, str] | None = None
    """Article of the project wiki that is no longer true → why; None when it was never generated."""
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    """Scenario → how its last run ended; those that never ran are missing."""
    deployments: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Deployment of this project that is switched on → its scenarios with triggers on."""
    connections: Collection[str] = ()
    """Names of this node's connections."""

    @property
    def flow(self) -> Flow:
        return Flow.of(self.project)

    def met_by_others(self) -> list[str]:
        """Datasets that people outside meet: sources, final outputs, and those shared with other projects."""
        flow, shared = self.flow, {share.name for share in self.project.settings.shared}
        ends = {*flow.sources(), *flow.terminals()} | shared
        return sorted(name for name in ends if name in self.project.datasets)


class Standard(Kind):
    """What a good project looks like, in one respect. `findings(facts)` names what is not so; nothing is changed.

    `facts` holds the project as it is defined, schemas, wiki texts, last outcomes and deployments; see ProjectFacts.
    """

    FAMILY: ClassVar[str] = "standards"

    name: str = Field(default="", description="Shown in reports; the type when empty.")
    severity: Severity = Field(default="MEDIUM", description=HOW_BAD)

    @property
    def key(self) -> str:
        """What reports and scopes call it."""
        return self.name or self.kind_name()

    def findings(self, facts: ProjectFacts) -> Iterable[Finding] | NotApplicable:
        raise NotImplementedError


AnyStandard = Annotated[SerializeAsAny[Standard], *of("standards")]


def library() -> tuple[Standard, ...]:
    """Every kind of standard there is, with its defaults: what holds until somebody chooses."""
    from penstock.core import registry

    made = [registry.parse("standards", {"type": name}) for name in registry.names("standards")]
    return tuple(kind for kind in made if isinstance(kind, Standard))


class Scope(Definition):
    """Which standards hold for which projects. Scopes are looked at in order; the first that fits counts."""

    name: str = Field(description="What people call it.", min_length=1)
    projects: tuple[str, ...] = Field(default=(), description="Keys of projects it is for.")
    tags: tuple[str, ...] = Field(default=(), description="It is for projects with one of these tags.")
    standards: tuple[str, ...] = Field(default=(), description="Names of the standards that hold there.")

    def fits(self, project: Project) -> bool:
        return project.key in self.projects or bool({*self.tags} & {*project.settings.tags})


class Standards(Definition):
    """`standards.yaml` of a home: standards, and which hold where. For projects that no scope fits all of them do."""

    standards: tuple[AnyStandard, ...] = Field(default=(), description="What a good project looks like.")
    scopes: tuple[Scope, ...] = Field(
        default=(), description="In order; the first that fits a project counts."
    )

    @model_validator(mode="after")
    def _known(self) -> Standards:
        names = [standard.key for standard in self.standards]
        for position, name in enumerate(names):
            if name in names[:position]:
                raise FlawAt(
                    f"Two standards are called '{name}': give one another name.", "standards", position
                )
        for position, scope in enumerate(self.scopes):
            for name in scope.standards:
                if name not in names:
                    said = f"There is no standard '{name}'.{did_you_mean(name, names)}"
                    raise FlawAt(said, "scopes", position, "standards")
        return self

    def of(self, project: Project) -> tuple[str, Sequence[Standard]]:
        """The scope that fits a project, and the standards that hold for it."""
        for scope in self.scopes:
            if scope.fits(project):
                return scope.name, [one for one in self.standards if one.key in scope.standards]
        return DEFAULT_SCOPE, self.standards


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardResult:
    """What one standard found in a project."""

    standard: str
    type: str
    state: State
    severity: str = "SUCCESS"
    text: str = ""
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardsReport:
    """What all standards of a project found, at one moment."""

    project: str
    scope: str
    at: datetime
    commit: str = ""
    by: str = ""
    results: Sequence[StandardResult] = ()

    @property
    def worst(self) -> str:
        """The worst severity of all results; SUCCESS without any finding."""
        return max((r.severity for r in self.results), key=SEVERITIES.index, default="SUCCESS")

    @property
    def worst_first(self) -> list[StandardResult]:
        """The results, worst first."""
        return sorted(self.results, key=lambda r: -SEVERITIES.index(r.severity))

    def facts(self) -> dict[str, Any]:
        """What a bundle remembers of it, as plain values."""
        return {
            "at": self.at.isoformat(), "commit": self.commit, "scope": self.scope, "worst": self.worst,
            "results": [
                {
                    "standard": r.standard, "type": r.type, "state": r.state, "severity": r.severity, "text": r.text,
                    "findings": [{"text": f.text, "object": f.object} for f in r.findings],
                }
                for r in self.worst_first
            ],
        }  # fmt: skip


def judged(standard: Standard, facts: ProjectFacts) -> StandardResult:
    """What one standard says of a project. One that breaks is an error of its own, and nobody else's."""
    name, type = standard.key, standard.kind_name()
    try:
        found = standard.findings(facts)
        if isinstance(found, NotApplicable):
            return StandardResult(standard=name, type=type, state="not applicable", text=found.why)
        findings = tuple(found)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        said = f"{error.__class__.__name__}: {error}"
        return StandardResult(standard=name, type=type, state="error", text=said)
    if not findings:
        return StandardResult(standard=name, type=type, state="success")
    text = findings[0].text if len(findings) == 1 else f"{len(findings)} findings"
    return StandardResult(
        standard=name, type=type, state="review", severity=standard.severity, text=text, findings=findings
    )


def worse_than(accepted: str, results: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of the results that a bundle remembers, those worse than a severity."""
    limit = SEVERITIES.index(accepted)
    return [r for r in results if SEVERITIES.index(r.get("severity", "SUCCESS")) > limit]
