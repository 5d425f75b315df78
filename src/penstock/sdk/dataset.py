"""A dataset inside a Python recipe: read as Arrow batches, tables or data frames; written whole or in pieces."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.errors import ColumnMissing, Invalid, Refused
from penstock.sdk.transport import current

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ROWS = 65_536


class Dataset:
    """An input or output of the recipe, by its name.

    `Dataset("flights").batches()` needs memory for one batch; `.arrow()` and `.dataframe()` for all rows.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Dataset({self.name!r})"

    @property
    def schema(self) -> pa.Schema:
        """Names and Arrow types of the columns."""
        import pyarrow.parquet as pq

        schema: pa.Schema = pq.read_schema(self._files()[0])
        return schema

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self.schema.names)

    def batches(self, rows: int = ROWS, *, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows in order, `rows` at most at a time."""
        import pyarrow.parquet as pq

        self._check(columns)
        for file in self._files():
            with pq.ParquetFile(file) as opened:
                yield from opened.iter_batches(rows, columns=None if columns is None else list(columns))

    def arrow(self, *, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows as a `pyarrow.Table`."""
        import pyarrow as pa

        schema = (
            self.schema
            if columns is None
            else pa.schema([self.schema.field(c) for c in self._check(columns)])
        )
        return pa.Table.from_batches(self.batches(columns=columns), schema=schema)

    def dataframe(self, *, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """All rows as a pandas data frame; needs pandas."""
        frame: pd.DataFrame = self.arrow(columns=columns).to_pandas()
        return frame

    def dataframes(self, rows: int = ROWS, *, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """The rows as data frames of `rows` rows at most; needs pandas."""
        for batch in self.batches(rows, columns=columns):
            yield batch.to_pandas()

    def iter_rows(self, *, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
        """One mapping a row."""
        for batch in self.batches(columns=columns):
            yield from batch.to_pylist()

    def write(self, data: Any) -> None:
        """Replace the rows by a table, a reader, a data frame, or a list of mappings."""
        with self.writer() as writer:
            if hasattr(data, "read_next_batch"):
                for batch in data:
                    writer.write(batch)
                writer.declare(data.schema)
            else:
                writer.write(data)

    def writer(self, schema: pa.Schema | None = None, *, append: bool = False) -> Writer:
        """A writer for rows that come in pieces; close it, or use it in a `with`. `append` keeps the old rows.

        Without a schema the first piece gives the columns.
        """
        folder = Path(current().output(self.name, "dataset")["folder"])
        return Writer(self.name, folder, schema, append=append)

    def _files(self) -> list[str]:
        files: list[str] = list(current().input(self.name, "dataset")["files"])
        return files

    def _check(self, columns: Sequence[str] | None) -> Sequence[str]:
        there = self.columns if columns is not None else []
        for column in columns or ():
            if column not in there:
                raise ColumnMissing(column, dataset=self.name, near=there)
        return columns or ()


class Writer:
    """Writes an output piece by piece. What is not closed is not complete, and fails the activity."""

    def __init__(self, name: str, folder: Path, schema: pa.Schema | None, *, append: bool) -> None:
        if folder.exists():
            if not (folder / "_done.json").exists():
                raise Refused(f"{name} has a writer already that is still open.", hint="Close it first.")
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        self.name, self._folder, self._schema, self._append = name, folder, schema, append
        self._file: Any = None
        self._waiting: list[Mapping[str, Any]] = []
        self.rows = 0

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None:
            self.close()

    def write(self, data: Any) -> None:
        """Add a table, a batch, a data frame, or a list of mappings."""
        if isinstance(data, list):
            self._waiting.extend(data)
            if len(self._waiting) >= ROWS:
                self._flush()
        else:
            self._flush()
            self._add(_table(data))

    def write_row(self, row: Mapping[str, Any]) -> None:
        """Add one row: column → value."""
        self.write([row])

    def declare(self, schema: pa.Schema) -> None:
        """Give the columns when no piece did, so that no rows still have columns."""
        self._schema = self._schema or schema

    def close(self) -> None:
        """Finish. Nothing written counts until this. Raises Invalid when there are not even columns."""
        self._flush()
        if self._file is None:
            if self._schema is None:
                raise Invalid(f"Nothing was written to {self.name}, and nobody said its columns.")
            self._open(self._schema)
        self._file.close()
        (self._folder / "_done.json").write_text(json.dumps({"append": self._append, "rows": self.rows}))

    def _flush(self) -> None:
        import pyarrow as pa

        rows, self._waiting = self._waiting, []
        if rows:
            names = (
                self._schema.names
                if self._schema is not None
                else list(dict.fromkeys(n for r in rows for n in r))
            )
            unknown = next((n for r in rows for n in r if n not in names), None)
            if unknown is not None:
                raise ColumnMissing(unknown, dataset=self.name, near=names)
            fields = self._schema or names
            arrays = {n: [row.get(n) for row in rows] for n in names}
            self._add(pa.table(arrays, schema=fields) if self._schema is not None else pa.table(arrays))

    def _add(self, table: pa.Table) -> None:
        if self._file is None:
            self._open(self._schema if self._schema is not None else table.schema)
        assert self._schema is not None
        missing = [n for n in self._schema.names if n not in table.column_names]
        extra = [n for n in table.column_names if n not in self._schema.names]
        if missing or extra:
            wrong = f"lacks {', '.join(missing)}" if missing else f"has {', '.join(extra)} too"
            raise Invalid(
                f"A piece for {self.name} {wrong}.", hint="Every piece needs the columns of the first."
            )
        self._file.write_table(table.select(self._schema.names).cast(self._schema))
        self.rows += table.num_rows

    def _open(self, schema: pa.Schema) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._schema = pa.schema([pa.field(f.name, f.type) for f in schema])
        self._file = pq.ParquetWriter(
            self._folder / "part-00000.parquet", self._schema, compression="zstd", store_schema=False,
            coerce_timestamps="us", allow_truncated_timestamps=True,
        )  # fmt: skip


def _table(data: Any) -> pa.Table:
    import pyarrow as pa

    if isinstance(data, pa.Table):
        return data
    if isinstance(data, pa.RecordBatch):
        return pa.Table.from_batches([data])
    if hasattr(data, "iloc"):
        return pa.Table.from_pandas(data, preserve_index=False)
    if isinstance(data, Mapping):
        return pa.table(dict(data))
    raise Invalid(
        f"A dataset cannot be written from a {type(data).__name__}.", hint="Give Arrow or pandas data."
    )
