"""One file out of a table: CSV and TSV in four quoting styles, JSON lines, Parquet; `.gz` compresses text."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, Protocol, cast

from penstock.core.errors import Invalid, nearest
from penstock.engine import parquet

if TYPE_CHECKING:
    import pyarrow as pa

Quoting = Literal["excel", "unix", "escape", "none"]
ENDINGS = (".csv", ".tsv", ".jsonl", ".parquet", ".csv.gz", ".tsv.gz", ".jsonl.gz")


class Session(Protocol):
    """Where the table lies."""

    @property
    def backend(self) -> Any: ...

    def stream(self, table: Any, *, batch_rows: int = ...) -> pa.RecordBatchReader: ...


def write(
    session: Session,
    table: Any,
    target: Path,
    *,
    quoting: Quoting = "excel",
    separator: str = "",
    header: bool = True,
) -> None:
    """Write all rows in order; the file appears whole, under its name, at the end.

    A null and an empty text are both an empty cell of a text file. With quoting `none`, separators and line ends
    inside a cell become blanks.
    """
    ending = next((e for e in sorted(ENDINGS, key=len, reverse=True) if target.name.lower().endswith(e)), "")
    if not ending:
        near = nearest(target.suffix, ENDINGS)
        raise Invalid(
            f"{target.name} has an ending we do not write.", hint=f"Use {' or '.join(near or ENDINGS)}."
        )
    aside = target.with_name(f".{target.name}.part")
    if ending == ".parquet":
        parquet.copy_to(session.backend, table, aside)
    elif ending.startswith(".jsonl"):
        _copy(session.backend, table, aside, f"FORMAT json{_gz(ending)}")
    else:
        separator = separator or ("\t" if ending.startswith(".tsv") else ",")
        _write_csv(session, table, aside, (quoting, separator, header, ending))
    aside.replace(target)


def _write_csv(session: Session, table: Any, aside: Path, how: tuple[Quoting, str, bool, str]) -> None:
    quoting, separator, header, ending = how
    if quoting == "excel":
        delimiter = parquet.literal(separator)
        options = f"FORMAT csv, DELIM {delimiter}, QUOTE '\"', ESCAPE '\"', HEADER {str(header).lower()}{_gz(ending)}"
        _copy(session.backend, table, aside, options)
        return
    with _opened(aside, ending) as out:
        writer = csv.writer(out, **_dialect(quoting, separator))
        for row in _rows(session, table, header):
            writer.writerow([_cleaned(c, separator) for c in row] if quoting == "none" else row)


def _opened(file: Path, ending: str) -> IO[str]:
    if _gz(ending):
        return cast("IO[str]", gzip.open(file, "wt", encoding="utf-8", newline=""))
    return file.open("w", encoding="utf-8", newline="")


def _rows(session: Session, table: Any, header: bool) -> Iterator[list[str]]:
    if header:
        yield list(table.columns)
    for batch in session.stream(table, batch_rows=16_384):
        for row in zip(*(c.to_pylist() for c in batch.columns), strict=True):
            yield [_cell(value) for value in row]


def _dialect(quoting: Quoting, separator: str) -> dict[str, Any]:
    common: dict[str, Any] = {"delimiter": separator, "lineterminator": "\n", "doublequote": False}
    if quoting == "unix":
        return {**common, "quotechar": '"', "escapechar": "\\", "quoting": csv.QUOTE_MINIMAL}
    if quoting == "escape":
        return {**common, "quotechar": None, "escapechar": "\\", "quoting": csv.QUOTE_NONE}
    return {**common, "quotechar": None, "escapechar": "\x00", "quoting": csv.QUOTE_NONE}


def _cleaned(cell: str, separator: str) -> str:
    for character in (separator, "\r\n", "\n", "\r", "\x00"):
        cell = cell.replace(character, " ")
    return cell


def _cell(value: Any) -> str:
    """A value as text files have it: dates in ISO form, true and false in small letters, null empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".") + ("Z" if value.tzinfo else "")
    return value.isoformat() if isinstance(value, date) else str(value)


def _copy(backend: Any, table: Any, target: Path, options: str) -> None:
    backend.con.execute(f"COPY ({parquet.text_sql(backend, table)}) TO {parquet.literal(target)} ({options})")


def _gz(ending: str) -> str:
    return ", COMPRESSION gzip" if ending.endswith(".gz") else ""
