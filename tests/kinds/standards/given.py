"""Facts of a project that stands in no file: what a standard looks at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from penstock.core import registry
from penstock.core.evaluation import EvaluationStore
from penstock.core.model import SavedModel
from penstock.core.project import Project, ProjectSettings, Zones
from penstock.core.scenario import Scenario
from penstock.core.standard import Finding, NotApplicable, ProjectFacts, Standard

CLASSES: Mapping[str, type[Any]] = {
    "models": SavedModel, "evaluation_stores": EvaluationStore, "scenarios": Scenario,
}  # fmt: skip
KNOWN = ("role", "schemas", "articles", "untrue", "outcomes", "deployments", "connections")


def facts(**given: Any) -> ProjectFacts:
    """`datasets={name: definition}`, `recipes`, `scenarios` …, `settings`, and any fact of ProjectFacts itself."""
    known = {name: given.pop(name) for name in KNOWN if name in given}
    parts: dict[str, Any] = {
        "settings": registry.validate(ProjectSettings, given.pop("settings", {})),
        "zones": registry.validate(Zones, given.pop("zones", {})),
    }
    for sort, objects in given.items():
        parts[sort] = {name: _parsed(sort, one) for name, one in objects.items()}
    return ProjectFacts(project=Project(key="DEMO", path=Path("."), **parts), **known)


def _parsed(sort: str, definition: Mapping[str, Any]) -> Any:
    if sort in CLASSES:
        return registry.validate(CLASSES[sort], definition)
    return registry.parse(sort, definition)


def found(type: str, facts: ProjectFacts, **fields: Any) -> list[str]:
    """What a standard says of these facts, as texts; `["not applicable"]` when it says nothing of them."""
    standard = registry.parse("standards", {"type": type, **fields})
    assert isinstance(standard, Standard)
    findings = standard.findings(facts)
    if isinstance(findings, NotApplicable):
        assert findings.why.endswith(".")
        return ["not applicable"]
    return [_text(one) for one in findings]


def _text(finding: Finding) -> str:
    assert finding.text.endswith((".", " …")) or ":" in finding.text
    return finding.text
