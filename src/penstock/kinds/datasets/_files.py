"""FileDataset: rows that come from files, and which of the files are read."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, SerializeAsAny, model_validator

from penstock.core.dataset import Dataset, Format, SourceFile
from penstock.core.errors import SourceNotReady
from penstock.core.kind import Definition, of
from penstock.core.schema import Schema

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from penstock.core.contexts import DatasetContext
    from penstock.core.files import FileSource

AnyFormat = Annotated[SerializeAsAny[Format], *of("formats")]


class FileRule(Definition):
    """A pattern that names of files match, or their whole paths."""

    pattern: str = Field(min_length=1, description="Such as `2013-*.csv`; may use `${variables}`.")
    syntax: Literal["glob", "regex"] = Field(
        default="glob", description="glob: * and ? stand for anything. regex: the whole name matches it."
    )
    on: Literal["name", "path"] = Field(
        default="name", description="The file's name, or its path in the folder."
    )

    def matches(self, path: str, ctx: DatasetContext) -> bool:
        text = path if self.on == "path" else path.rpartition("/")[2]
        pattern = ctx.expand(self.pattern)
        return bool(re.fullmatch(fnmatch.translate(pattern) if self.syntax == "glob" else pattern, text))

    @model_validator(mode="after")
    def _compiles(self) -> Self:
        if self.syntax == "regex":
            try:
                re.compile(self.pattern)
            except re.error as error:
                raise ValueError(f"'{self.pattern}' is not a regular expression: {error}.") from error
        return self


class Selection(Definition):
    """Which files are read: all, those that rules choose, or an ordered list."""

    mode: Literal["all", "rules", "explicit"] = Field(default="all", description="How files are chosen.")
    include: tuple[FileRule, ...] = Field(
        default=(), description="rules: one of these matches; none = all files."
    )
    exclude: tuple[FileRule, ...] = Field(default=(), description="rules: and none of these does.")
    files: tuple[str, ...] = Field(
        default=(), description="explicit: paths in the folder, read in this order."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.mode != "explicit" and self.files:
            raise ValueError("files are read only in mode explicit.")
        if self.mode != "rules" and (self.include or self.exclude):
            raise ValueError("include and exclude are read only in mode rules.")
        return self

    def of(self, available: Iterable[SourceFile], ctx: DatasetContext) -> list[SourceFile]:
        """The chosen files among those there are, in reading order."""
        if self.mode == "explicit":
            known = {f.path: f for f in available}
            return [known[path] for path in self.listed(ctx) if path in known]
        return [f for f in available if self.mode == "all" or self._chosen(f.path, ctx)]

    def listed(self, ctx: DatasetContext) -> list[str]:
        """The listed paths, variables filled in."""
        return [ctx.expand(path).lstrip("/") for path in self.files]

    def _chosen(self, path: str, ctx: DatasetContext) -> bool:
        wanted = not self.include or any(rule.matches(path, ctx) for rule in self.include)
        return wanted and not any(rule.matches(path, ctx) for rule in self.exclude)


class FileDataset(Dataset):
    """A dataset whose rows come from files. Its data is new when a name, size or time of a file it reads is."""

    format: AnyFormat = Field(description="How the files become rows, such as `csv`.")

    def root(self, ctx: DatasetContext) -> FileSource:
        """The files that paths are relative to."""
        raise NotImplementedError

    def place(self) -> str:
        """Where that is, for people."""
        raise NotImplementedError

    def chosen(self) -> Selection:
        return Selection()

    def where(self) -> str:
        return f"in {self.place()}"

    def available(self, ctx: DatasetContext) -> list[SourceFile]:
        """Every file there is, by path. Names that begin with a dot or underscore are nobody's data."""
        return [f for f in self.root(ctx).listed() if self.is_data(f.path)]

    def files(self, ctx: DatasetContext) -> list[SourceFile]:
        return self.chosen().of(self.available(ctx), ctx)

    def read(self, ctx: DatasetContext) -> ir.Table:
        self.check_ready(ctx)
        files = self._local(ctx)
        return self.format.scan(files, self.columns, ctx) if files else empty(self.columns)

    def infer(self, ctx: DatasetContext, *, types: bool = True) -> Schema:
        self.check_ready(ctx)
        files = self._local(ctx)
        return self.format.infer(files, ctx, types=types) if files else self.columns

    def doubts(self, ctx: DatasetContext, file: SourceFile) -> list[str]:
        found = self.root(ctx).local([file], lambda: ctx.work) / file.path
        return [f"{file.path}: {doubt}" for doubt in self.format.doubts(str(found))]

    def _local(self, ctx: DatasetContext) -> list[str]:
        """The files it reads as paths of this machine, in reading order; those behind a connection are fetched."""
        files = self.files(ctx)
        place = self.root(ctx).local(files, lambda: ctx.work)
        return [str(place / f.path) for f in files]

    def check_ready(self, ctx: DatasetContext) -> None:
        there = self.files(ctx)
        missing = [p for p in self.chosen().listed(ctx) if p not in {f.path for f in there}]
        if missing:
            raise SourceNotReady(
                f"Dataset {ctx.name} reads {', '.join(missing)}, which is not in {self.place()}.",
                hint="Put the file there, or take it off the dataset's list.",
            )
        if not there and (self.not_ready_if_empty or not self.columns):
            raise SourceNotReady(
                f"Dataset {ctx.name} has no file to read in {self.place()}.",
                hint="Put files there, or correct which ones it selects.",
            )

    def state(self, ctx: DatasetContext) -> str:
        if self.marker_file:
            return self._marker_state(ctx)
        seen = [_told(f) for f in self.files(ctx)]
        told = json.dumps([seen, self.chosen().listed(ctx)])
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    def _marker_state(self, ctx: DatasetContext) -> str:
        wanted = ctx.expand(self.marker_file)
        seen = next((f for f in self.root(ctx).listed() if f.path == wanted), None)
        if seen is None:
            raise SourceNotReady(
                f"Dataset {ctx.name} waits for its marker file {wanted.rpartition('/')[2]}, which is not in "
                f"{self.place()}."
            )
        return f"{wanted.rpartition('/')[2]} {seen.size} {seen.modified} {seen.etag}".rstrip()

    def is_data(self, path: str) -> bool:
        """Whether a file counts, by its path."""
        hidden = any(part.startswith((".", "_")) for part in path.split("/"))
        return not hidden and path != self.marker_file


def empty(columns: Schema) -> ir.Table:
    """No rows, with these columns."""
    import ibis

    from penstock.core.native import IBIS

    schema = ibis.schema({c.name: IBIS.get(c.type, "string") for c in columns})
    return ibis.memtable(schema.to_pyarrow().empty_table())


def _told(file: SourceFile) -> tuple[str | int, ...]:
    """What changes when the bytes of a file may have: of an object also what its store says of its content."""
    seen = (file.path, file.size, file.modified)
    return (*seen, file.etag) if file.etag else seen
