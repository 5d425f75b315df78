"""Bringing in what a bundle has beside definitions: rows, uploads, files, versions of models, evaluations.

Each part does no harm when it is done twice. Before it is done it remembers what is there, so that an error in the
middle of an activation takes back every part that came before it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from penstock.core.bundle import BundleManifest
from penstock.core.project import Project
from penstock.deploy import packing
from penstock.deploy.preparing import DATA
from penstock.runtime import contexts, evaluations, keeping, variables

if TYPE_CHECKING:
    from types import TracebackType

    from penstock.core.evaluation import Evaluation
    from penstock.core.node import Node
    from penstock.core.placement import Place
    from penstock.core.ports import Session

BEFORE = "before"
Undo = Callable[[], None]


class Part(Protocol):
    """One thing that a bundle brings."""

    def remember(self, aside: Path) -> Undo:
        """Keep what is there now in a folder that is not there yet; returns what brings it back."""

    def do(self) -> None: ...


class Undoing(AbstractContextManager["Undoing"]):
    """Until its end, an error takes back what was done, the last first; then `after` is called. When that fails too
    it is not called: what was begun is finished by whoever comes next."""

    def __init__(self, after: Undo) -> None:
        self._after, self._steps = after, list[Undo]()

    def first(self, undo: Undo) -> None:
        """From now on this is what is undone first."""
        self._steps.append(undo)

    def __exit__(
        self, type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            for undo in reversed(self._steps):
                undo()
            self._after()


def carry(parts: Iterator[Part], work: Path, undoing: Undoing | None) -> None:
    """Do every part; each can be undone from the moment it is begun. Without `undoing` what was there before is not
    known any more."""
    for number, part in enumerate(parts):
        if undoing is not None:
            undoing.first(part.remember(work / BEFORE / str(number)))
        part.do()


def parts(node: Node, project: Project, manifest: BundleManifest, work: Path) -> Iterator[Part]:
    """What the bundle brings; rows that go to other machines first, as those may fail."""
    data = work / DATA
    for name in sorted(manifest.datasets, key=lambda n: not project.dataset(n).database()):
        source = data / "datasets" / name
        if manifest.datasets[name].form == "rows":
            yield Rows(node, project, name, source, work / f"done-rows-{name}")
        else:
            yield Uploads(node, project.key, name, source)
    for name in manifest.content.folders:
        yield Files(node, project, name, data / "folders" / name)
    for model, facts in manifest.models.items():
        for version in facts.versions:
            yield Version(node, project.key, model, version, data / "models" / model / version)
    for store in manifest.content.evaluation_stores:
        for folder in sorted((data / "stores" / store).glob("*")):
            yield OneEvaluation(node, project.key, store, folder)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a managed dataset, as a new snapshot."""

    node: Node
    project: Project
    name: str
    source: Path
    done: Path
    """A file that is there once they are written."""

    def remember(self, aside: Path) -> Undo:
        keeper = keeping.of(self.node, self.project, self.name)
        if keeper.snapshot() is None:
            return lambda: self._back(keeper.clear)
        aside.mkdir(parents=True)
        if files := keeper.files():
            for number, file in enumerate(files):
                linked(file, aside / f"part-{number:05}.parquet")
        else:
            self._read(aside)
        return lambda: self._back(lambda: self._write(aside))

    def do(self) -> None:
        if not self.done.exists():
            copied = self.source.with_name(f"{self.source.name}.moving")
            shutil.rmtree(copied, ignore_errors=True)
            shutil.copytree(self.source, copied)
            self._write(copied)
            self.done.touch()

    def _back(self, undo: Undo) -> None:
        self.done.unlink(missing_ok=True)
        undo()

    def _read(self, aside: Path) -> None:
        values, place = variables.resolve(self.node, self.project), self._place
        with contexts.reading(self.node, self.project, values, place=place) as opened:
            opened.session.write_parquet(opened.table(self.name), aside)

    def _write(self, folder: Path) -> None:
        draft = keeping.of(self.node, self.project, self.name).begin()
        with keeping.discarded(draft), self._session() as session:
            draft.write(session, folder)
            draft.finish(job="", keep=self.project.settings.snapshots_kept)

    def _session(self) -> AbstractContextManager[Session]:
        return self.node.engines.session(self._place)

    @property
    def _place(self) -> Place:
        return contexts.place_of(self.node, self.project, self.name)


@dataclass(frozen=True, slots=True)
class Uploads:
    """Uploaded files, each whole; then those that the bundle does not have go."""

    node: Node
    project: str
    name: str
    source: Path

    def remember(self, aside: Path) -> Undo:
        root = self._root
        for path in _paths(root):
            linked(root / path, aside / path)
        return lambda: self._put(aside)

    def do(self) -> None:
        self._put(self.source)

    def _put(self, source: Path) -> None:
        root, wanted = self._root, _paths(source)
        for path in wanted:
            self.node.data.put(source / path, root / path)
        for path in set(_paths(root)) - set(wanted):
            (root / path).unlink()

    @property
    def _root(self) -> Path:
        return self.node.data.uploads(self.project, self.name)


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a managed folder, all of them at once."""

    node: Node
    project: Project
    name: str
    source: Path

    def remember(self, aside: Path) -> Undo:
        self._swap(lambda staged: shutil.copytree(staged, aside), finish=False)
        return lambda: self._put(aside)

    def do(self) -> None:
        self._put(self.source)

    def _put(self, source: Path) -> None:
        def replaced(staged: Path) -> None:
            shutil.rmtree(staged, ignore_errors=True)
            shutil.copytree(source, staged) if source.exists() else staged.mkdir()

        self._swap(replaced, finish=True)

    def _swap(self, change: Callable[[Path], object], *, finish: bool) -> None:
        place = contexts.folder_root(self.node, self.project, self.name)
        scratch = contexts.Scratch(self.node, f"bundle-{self.node.clock.new_id()}")
        staged = place.stage(scratch)
        try:
            change(staged)
            if finish:
                place.finish(staged)
        finally:
            place.discard(staged)
            scratch.remove()


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a model beside those that are here; one that is here already is the same one."""

    node: Node
    project: str
    model: str
    id: str
    source: Path

    def remember(self, aside: Path) -> Undo:
        return _nothing if self._is_here else self._remove

    def do(self) -> None:
        if not self._is_here:
            told = packing.VERSIONS.validate_json((self.source / packing.VERSION).read_bytes())
            own = replace(told, project=self.project, model=self.model, id=self.id)
            self.node.models.add(own, self.source / "files", activate=False)

    def _remove(self) -> None:
        if self._is_here:
            self.node.models.delete(self.project, self.model, self.id)

    @property
    def _is_here(self) -> bool:
        return any(v.id == self.id for v in self.node.models.versions(self.project, self.model))


@dataclass(frozen=True, slots=True)
class OneEvaluation:
    """An evaluation beside those that are here; one with its id is replaced."""

    node: Node
    project: str
    store: str
    source: Path

    def remember(self, aside: Path) -> Undo:
        id = self._told.id
        before = next((e for e in self.node.evaluations.list(self.project, self.store) if e.id == id), None)
        if before is None:
            return lambda: self._remove(id)
        detail, sample = self.node.evaluations.detail(before), self.node.evaluations.sample(before)
        if sample is not None:
            sample = linked(sample, aside / packing.SAMPLE)
        return lambda: _kept(self.node, before, detail, sample)

    def do(self) -> None:
        sample, detail = self.source / packing.SAMPLE, (self.source / packing.DETAIL).read_bytes()
        _kept(self.node, self._told, json.loads(detail), sample if sample.exists() else None)

    @property
    def _told(self) -> Evaluation:
        told = packing.EVALUATIONS.validate_json((self.source / packing.FACTS).read_bytes())
        return replace(told, project=self.project, store=self.store)

    def _remove(self, id: str) -> None:
        self.node.evaluations.delete(self.project, self.store, [id])
        self.node.metrics.forget_evaluations(self.project, self.store, [id])


def _kept(node: Node, evaluation: Evaluation, detail: object, sample: Path | None) -> None:
    assert isinstance(detail, dict)
    evaluations.keep(node, evaluation, detail=detail, sample=sample, origin="api")


def _nothing() -> None:
    """There is nothing to undo."""


def _paths(folder: Path) -> list[str]:
    """The files of a folder, none that is on its way, in order."""
    files = (p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))
    return sorted(p.relative_to(folder).as_posix() for p in files)


def linked(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target
