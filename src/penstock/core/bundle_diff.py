"""What is different between two bundles: objects with the text of their files, environments, models. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from penstock.core.bundle import BundleManifest, CommitFacts, EnvironmentFacts, ModelFacts
from penstock.core.counting import counted
from penstock.core.documented import STANDING_FILE
from penstock.core.project import FOLDERS

What = Literal["added", "changed", "removed"]
BY_FOLDER: Mapping[str, str] = {folder: what for what, folder in FOLDERS.items()}
LONGEST = 200_000
"""Characters of one difference that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectChange:
    """One object that is not as it was."""

    sort: str
    """dataset, recipe, scenario …; `wiki`, `library`, `project` for the rest."""
    name: str
    change: What
    files: tuple[str, ...]
    diff: str
    generated: bool = False
    """Written by Penstock: an article of the project wiki, what is attached to it, what it stands on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageChange:
    """A package of an environment, before and after; empty where it is not."""

    environment: str
    package: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDelta:
    """A score of the active version, before and after; None where it was not computed."""

    metric: str
    before: float | None
    after: float | None
    delta: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChange:
    """A model whose active version is another one."""

    model: str
    before: str
    after: str
    algorithm_before: str
    algorithm_after: str
    metrics: tuple[MetricDelta, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleComparison:
    """How a bundle differs from another, usually the one before it."""

    older: str
    newer: str
    objects: tuple[ObjectChange, ...]
    packages: tuple[PackageChange, ...]
    models: tuple[ModelChange, ...]
    authors: tuple[str, ...]
    commits: tuple[CommitFacts, ...]

    @property
    def designed(self) -> tuple[ObjectChange, ...]:
        """What people changed: objects without those that Penstock writes by itself."""
        return tuple(change for change in self.objects if not change.generated)

    @property
    def generated(self) -> tuple[ObjectChange, ...]:
        """What Penstock wrote anew."""
        return tuple(change for change in self.objects if change.generated)

    @property
    def generated_told(self) -> str:
        """`38 generated articles of the wiki`; empty when there is none."""
        articles = sum(change.name.endswith(".md") for change in self.generated)
        beside = len(self.generated) - articles
        files = counted(beside, "file")
        if not articles:
            return f"{files} of generated articles" if beside else ""
        return f"{counted(articles, 'generated article')} of the wiki" + (
            f" and {files} with them" if beside else ""
        )


Files = Mapping[str, bytes]


def compare(
    older: BundleManifest | None, newer: BundleManifest, before: Files, after: Files
) -> BundleComparison:
    """Compare two bundles by their manifests and project files. Without an older one everything is added."""
    return BundleComparison(
        older=older.bundle if older else "", newer=newer.bundle,
        objects=tuple(objects(before, after)),
        packages=tuple(packages(older.environments if older else (), newer.environments)),
        models=tuple(models(older.models if older else {}, newer.models)),
        authors=tuple(sorted({commit.author.partition(" <")[0] for commit in newer.commits})),
        commits=newer.commits,
    )  # fmt: skip


def objects(before: Files, after: Files) -> Iterator[ObjectChange]:
    """Objects that were added, changed or removed, by sort and name."""
    changed: dict[tuple[str, str], list[str]] = {}
    for file in sorted({*before, *after}):
        if before.get(file) != after.get(file):
            changed.setdefault(object_of(file), []).append(file)
    for (sort, name), files in sorted(changed.items()):
        there, here = (any(object_of(f) == (sort, name) for f in side) for side in (before, after))
        change: What = "changed" if there and here else "added" if here else "removed"
        text = "".join(_diff(file, before.get(file), after.get(file)) for file in files)
        generated = all(_is_generated(file, before) or _is_generated(file, after) for file in files)
        yield ObjectChange(
            sort=sort, name=name, change=change, files=tuple(files), diff=text[:LONGEST], generated=generated
        )


def object_of(file: str) -> tuple[str, str]:
    """Which object a file of a project belongs to: `flow/recipes/clean.py` → recipe, clean."""
    folder, _, last = file.rpartition("/")
    if folder in BY_FOLDER:
        return BY_FOLDER[folder], last.rpartition(".")[0] or last
    top, _, rest = file.partition("/")
    sort = {"wiki": "wiki", "lib": "library"}.get(top, "project")
    return sort, rest if sort != "project" and rest else file


def _is_generated(file: str, side: Files) -> bool:
    """Whether a file of this side is an article with generated parts, is attached to one, or tells of them all."""
    attached_to = re.fullmatch(r"wiki/attachments/([^/]+)/.+", file)
    article = f"wiki/{attached_to[1]}.md" if attached_to else file
    is_article = article.startswith("wiki/") and b"<!-- generated:" in side.get(article, b"")
    return is_article or (file == STANDING_FILE and file in side)


def packages(
    before: tuple[EnvironmentFacts, ...], after: tuple[EnvironmentFacts, ...]
) -> Iterator[PackageChange]:
    """Packages whose version differs, and the Python itself."""
    old, new = ({e.name: _installed(e) for e in side} for side in (before, after))
    for name in sorted({*old, *new}):
        there, here = old.get(name, {}), new.get(name, {})
        for package in sorted({*there, *here}):
            if there.get(package, "") != here.get(package, ""):
                yield PackageChange(
                    environment=name,
                    package=package,
                    before=there.get(package, ""),
                    after=here.get(package, ""),
                )


def models(before: Mapping[str, ModelFacts], after: Mapping[str, ModelFacts]) -> Iterator[ModelChange]:
    """Models whose active version is another one."""
    for name in sorted({*before, *after}):
        old, new = before.get(name, ModelFacts()), after.get(name, ModelFacts())
        if old.active != new.active:
            yield ModelChange(
                model=name, before=old.active, after=new.active, algorithm_before=old.algorithm,
                algorithm_after=new.algorithm,
                metrics=tuple(_delta(m, old, new) for m in sorted({*old.metrics, *new.metrics})),
            )  # fmt: skip


def _delta(metric: str, old: ModelFacts, new: ModelFacts) -> MetricDelta:
    before, after = old.metrics.get(metric), new.metrics.get(metric)
    delta = None if before is None or after is None else after - before
    return MetricDelta(metric=metric, before=before, after=after, delta=delta)


def _installed(environment: EnvironmentFacts) -> dict[str, str]:
    pairs = (line.partition("==") for line in environment.actual)
    return {environment.language: environment.version, **{name: version for name, _, version in pairs}}


def _diff(file: str, before: bytes | None, after: bytes | None) -> str:
    names = (
        f"a/{file}" if before is not None else "/dev/null",
        f"b/{file}" if after is not None else "/dev/null",
    )
    try:
        old, new = ((data or b"").decode().splitlines() for data in (before, after))
    except UnicodeDecodeError:
        return f"Binary files {names[0]} and {names[1]} differ\n"
    lines = difflib.unified_diff(old, new, fromfile=names[0], tofile=names[1], lineterm="")
    return "".join(f"{line}\n" for line in lines)
