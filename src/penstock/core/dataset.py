"""Datasets (the base of dataset kinds), file formats, and snapshots of managed data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, cast

from pydantic import Field, SerializeAsAny, model_validator

from penstock.core.check import Check
from penstock.core.errors import ExternalData, FlawAt, Invalid, Refused
from penstock.core.kind import Described, Kind, of
from penstock.core.metric import Probe
from penstock.core.native import columns_of
from penstock.core.rule import Rule
from penstock.core.schema import Column, Schema

if TYPE_CHECKING:
    from penstock.core.contexts import DatasetContext

Rebuild = Literal["normal", "explicit", "write_protected"]

AnyProbe = Annotated[SerializeAsAny[Probe], *of("probes")]
AnyCheck = Annotated[SerializeAsAny[Check], *of("checks")]
AnyRule = Annotated[SerializeAsAny[Rule], *of("rules")]


class Observed(Described):
    """What every object that can be measured and judged has: probes, checks, and which metrics are shown."""

    probes: tuple[AnyProbe, ...] = Field(default=(), description="What is measured.")
    checks: tuple[AnyCheck, ...] = Field(default=(), description="What is demanded of the metrics.")
    displayed_metrics: tuple[str, ...] = Field(default=(), description="Metrics shown first, in this order.")

    @model_validator(mode="after")
    def _histories_stay_apart(self) -> Self:
        """Two checks of one name would share one history, and the later would hide what the earlier says."""
        rules: tuple[Rule, ...] = getattr(self, "rules", ())
        names: list[tuple[str, str, int]] = [(r.key, "rules", i) for i, r in enumerate(rules)]
        names += [(c.key, "checks", i) for i, c in enumerate(self.checks)]
        names += [(f"{p.kind_name()} {p.name}", "probes", i) for i, p in enumerate(self.probes) if p.name]
        seen: set[str] = set()
        for name, field, position in names:
            if name in seen:
                raise FlawAt(f"Two of them are called '{name}': give one another name.", field, position)
            seen.add(name)
        return self


class Dataset(Kind, Observed):
    """Rows with columns. A kind says where they live: `read(ctx)` gives them as one Ibis table."""

    FAMILY: ClassVar[str] = "datasets"
    MANAGED: ClassVar[bool] = False
    """True when recipes write it: the platform may create, replace and clear it."""
    LIVE: ClassVar[bool] = False
    """True when reading is a query of the platform's own state (metrics, checks): never built, never stale."""

    FOREIGN: ClassVar[bool] = False
    """It is another project's, and only read here."""

    columns: Schema = Field(default=(), description="Names, types, meanings and descriptions of the columns.")
    schema_edited: bool = Field(default=False, description="A person edited the columns; they are kept.")
    schema_mode: Literal["follow", "strict"] = Field(
        default="follow",
        description="follow: a build may bring other columns, with a warning; columns may be declared in part. "
        "strict: it is refused.",
    )
    rules: tuple[AnyRule, ...] = Field(default=(), description="Data-quality rules.")
    rebuild: Rebuild = Field(default="normal", description="Whether recursion and direct builds may run it.")
    continue_on_rule_error: bool = Field(
        default=False, description="Downstream activities run even when a rule or check says ERROR."
    )
    monitored: bool | None = Field(
        default=None,
        description="Counts in the data status of the project; left out, as soon as it has a rule or check.",
    )
    marker_file: str = Field(
        default="", description="Only this file's change makes the data new; relative to the data's root."
    )
    not_ready_if_empty: bool = Field(
        default=False, description="No file at all stops a job before it starts."
    )

    def read(self, ctx: DatasetContext) -> Any:
        """The rows as an `ibis.Table` on the activity's engine. Raises SourceNotReady when there is nothing."""
        raise NotImplementedError

    def files(self, ctx: DatasetContext) -> list[SourceFile]:
        """The files the rows come from, in reading order; empty for kinds without files."""
        return []

    def available(self, ctx: DatasetContext) -> list[SourceFile]:
        """Every file it could read; `files` says which of them it does."""
        return self.files(ctx)

    def doubts(self, ctx: DatasetContext, file: SourceFile) -> list[str]:
        """Sentences about what may be wrong with the settings that one of its files is read with."""
        return []

    def selecting(self, paths: Sequence[str]) -> Dataset:
        """The same dataset reading exactly these files, in this order. Raises Refused for kinds without a choice."""
        raise Refused(
            f"A dataset of type {self.kind_name()} has no choice of files.",
            hint="Use a dataset of type files.",
        )

    def infer(self, ctx: DatasetContext, *, types: bool = True) -> Schema:
        """Columns as the data suggests them, with types; everything is a string in text files without `types`."""
        return columns_of(self.changed(columns=()).read(ctx).schema().to_pyarrow())

    def where(self) -> str:
        """Where the rows live, in words: `in files of folder monthly`, `on the server under /data`."""
        return "outside Penstock"

    def database(self) -> str:
        """The connection to the database that the rows live in; empty when they live elsewhere."""
        return ""

    def state(self, ctx: DatasetContext) -> str:
        """A short text that changes exactly when the data may have changed; what the smart build compares."""
        raise NotImplementedError

    def check_ready(self, ctx: DatasetContext) -> None:
        """Raise SourceNotReady, naming what is missing, if a build could not read this."""

    def depends_on(self) -> tuple[str, ...]:
        """Names of the objects it is read from without a recipe: the managed folder its files lie in."""
        return ()


class Format(Kind):
    """How files become a table. `scan(files, columns, ctx)` gives an `ibis.Table`; `detect` guesses settings."""

    FAMILY: ClassVar[str] = "formats"
    SUFFIXES: ClassVar[tuple[str, ...]] = ()

    def scan(self, files: list[str], columns: Schema, ctx: Any) -> Any:
        raise NotImplementedError

    def detect(self, file: str) -> Format:
        """The same format with settings guessed from a file's first lines."""
        return self

    def infer(self, files: list[str], ctx: Any, *, types: bool = False) -> Schema:
        """Columns as the files suggest them; text formats say string for everything until asked for types."""
        raise NotImplementedError

    def doubts(self, file: str) -> list[str]:
        """Sentences about what may be wrong with these settings for this file: shown beside the preview."""
        return []


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as a listing sees it. `path` is relative to its root; `modified` is epoch milliseconds; `etag` is a
    text of its store that changes with the bytes, empty for files of this machine."""

    path: str
    size: int
    modified: int
    etag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One finished write of a managed dataset (or folder): immutable, swapped in whole."""

    id: str
    rows: int
    bytes: int
    files: int
    columns: tuple[Column, ...]
    fingerprint: str
    """sha256 over the written bytes: equal content, equal text."""
    written_at: datetime
    job: str = ""


COMPRESSED = (".gz", ".zip", ".bz2")


def format_for(file: str) -> Format:
    """The format of a file by its ending, with settings guessed from its first lines; of a zip file by what is in it.
    Raises Invalid."""
    from penstock.core import registry

    name = file.lower()
    plain = next((name.removesuffix(c) for c in COMPRESSED if name.endswith(c)), name)
    if name.endswith(".zip"):
        plain = _inside(file) or plain
    known: dict[str, type[Format]] = {}
    for word in registry.names("formats"):
        found = cast("type[Format]", registry.kind("formats", word))
        known |= dict.fromkeys(found.SUFFIXES, found)
    for suffix in sorted(known, key=len, reverse=True):
        if plain.endswith(suffix):
            return known[suffix]().detect(file)
    raise Invalid(
        f"The format of {file.rpartition('/')[2]} cannot be told from its ending. We read {', '.join(sorted(known))}."
    )


def _inside(file: str) -> str:
    """The name of the first file in a zip, lower case; empty when there is none, or it is no zip."""
    import zipfile

    try:
        with zipfile.ZipFile(file) as archive:
            names = sorted(n.lower() for n in archive.namelist() if not n.endswith("/"))
    except (zipfile.BadZipFile, OSError):
        return ""
    return next((n for n in names if not n.startswith("__macosx/")), "")


def check_clearable(name: str, dataset: Dataset) -> None:
    """Raise ExternalData unless the rows are ours to remove: written by a recipe, kept by Penstock."""
    if not dataset.MANAGED:
        raise ExternalData(
            f"Dataset {name} is not cleared: its rows live {dataset.where()}, and no recipe wrote them.",
            hint="Remove them there, or delete the dataset to forget only its definition.",
        )
