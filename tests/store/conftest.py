"""Projects of the tests' own kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core import registry
from penstock.store.projects import FileProjects

OURS = {"datasets": ["inner", "outer"], "recipes": ["copying", "coding"]}


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry with the kinds of `catalogue/` in it."""
    listed, package = registry.names, f"{__package__}.catalogue"

    def names(family: str) -> dict[str, str]:
        return listed(family) | {kind: f"{package}.{kind}" for kind in OURS.get(family, [])}

    monkeypatch.setattr(registry, "names", names)


@pytest.fixture
def projects(tmp_path: Path, catalogue: None) -> FileProjects:
    """A home with an empty project P."""
    projects = FileProjects(tmp_path / "home")
    projects.create("P", title="Trial", author="Eva")
    return projects
