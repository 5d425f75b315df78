"""Text files: decompressed, brought to UTF-8, their first lines looked at, their types guessed."""

from __future__ import annotations

import bz2
import codecs
import gzip
import hashlib
import shutil
import zipfile
import zlib
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from penstock.core.errors import ActivityFailed, Invalid
from penstock.core.schema import Column, ColumnType, Schema
from penstock.kinds.formats._scan import name, reading

if TYPE_CHECKING:
    import ibis.expr.types as ir

_Item = TypeVar("_Item")
LOOKED_AT = 65_536
"""Bytes at the start of a file that detection looks at."""
SAMPLED = 10_000
"""Rows that types are guessed from."""
MOSTLY = 0.7
"""Share of zeros among every second byte that UTF-16 of western texts has."""
CONTROL = bytes({*range(9), 11, *range(14, 27), *range(28, 32)})
"""Bytes that texts do not hold."""
MAGIC = {
    b"PAR1": "a Parquet file", b"PK\x03\x04": "a zip file or an Excel workbook", b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook", b"\x1f\x8b": "a gz file", b"SQLite format 3": "an SQLite database",
    b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture",
}  # fmt: skip
"""How files that are no text begin."""
AT_ONCE = 50
"""Columns that one question is about: each asks with patterns that cost memory."""

GUESSED: tuple[ColumnType, ...] = ("bigint", "double", "boolean", "date", "datetime", "datetime_tz")


def unpacked(file: str, ctx: Any) -> list[Path]:
    """The file itself, or what a zip, bz2 or gz file holds, as files in the context's private folder."""
    path = Path(file)
    if path.suffix.lower() not in (".zip", ".bz2", ".gz"):
        return [path]
    place = _private(path, ctx)
    if place.exists():
        return sorted(place.glob("*/*"))
    with _whole(path):
        for number, (inner, stream) in enumerate(_inside(path)):
            (place / f"{number:05}").mkdir(parents=True)
            with stream, (place / f"{number:05}" / Path(inner).name).open("wb") as out:
                shutil.copyfileobj(stream, out, 1 << 20)
    return sorted(place.glob("*/*"))


def recoded(path: Path, charset: str, ctx: Any) -> Path:
    """The same text in UTF-8, in the context's private folder."""
    place = _private(path, ctx) / "utf-8"
    place.mkdir(parents=True, exist_ok=True)
    fresh = place / path.name
    if not fresh.exists():
        try:
            _recode(path, charset, fresh)
        except UnicodeError as error:
            fresh.unlink()
            raise ActivityFailed(
                f"{path.name} is not written in {charset}: {error}.", hint="Choose the charset of its text."
            ) from error
    return fresh


@contextmanager
def opened(file: str) -> Iterator[IO[bytes]]:
    """The bytes of a file, decompressed; the first member of a zip."""
    path, members = Path(file), _inside(Path(file))
    with _whole(path):
        found = next(members, None)
        with found[1] if found else path.open("rb") as stream:
            yield stream
    members.close()


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Raise ActivityFailed when a compressed file is cut off, or is none."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error) as error:
        raise _not_packed(path, error) from error
    except OSError as error:
        if error.errno is not None:  # the system's, not about what the file holds
            raise
        raise _not_packed(path, error) from error


def _not_packed(path: Path, error: Exception) -> ActivityFailed:
    kind = path.suffix.lstrip(".").lower()
    return ActivityFailed(
        f"{path.name} is not a whole {kind} file: {str(error).rstrip('.')}.",
        hint="Copy it again, or unpack it.",
    )


def charset_of(start: bytes) -> str:
    """The encoding of a text, from its first bytes: a byte order mark, zeros in every second place, else UTF-8 if it
    is, else Windows Latin."""
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = [start[i::2].count(0) / max(1, len(start[i::2])) for i in (0, 1)]
    if max(zeros) > MOSTLY and min(zeros) < 1 - MOSTLY:
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    for cut in range(4):  # the last character may be cut in the middle
        try:
            start[: len(start) - cut].decode("utf-8")
            return "utf-8"
        except UnicodeDecodeError:
            continue
    return "cp1252"


def check_text(file: str, start: bytes) -> None:
    """Raise Invalid for a file that begins like no text, saying what it looks like."""
    looks = next((what for magic, what in MAGIC.items() if start.startswith(magic)), "")
    odd = sum(start.count(bytes([b])) for b in CONTROL) / max(1, len(start))
    if looks or (odd > 0.02 and charset_of(start)[:6] not in ("utf-16", "utf-32")):
        raise Invalid(
            f"{Path(file).name} holds no text{f': it looks like {looks}' if looks else ''}.",
            hint="Give the file the ending of what it is, such as .xlsx or .parquet, or save it as text.",
        )


def guessed(table: ir.Table, ctx: Any, *, dates: tuple[str, ...] = (), decimal: str = ".") -> Schema:
    """Types that fit every one of the first rows, or every row when the context wants that; string when nothing does,
    or all cells are empty.

    `007` stays text: a number would lose its zeros.
    """
    first = f"(SELECT * FROM {table.get_name()} LIMIT {SAMPLED})"
    fits = _Fits(ctx, dates, decimal)
    found = fits.types(dict.fromkeys(table.columns, GUESSED), first)
    if ctx.every_row:
        said = fits.types({c: (kind,) for c, kind in found.items() if kind != "string"}, table.get_name())
        wrong = [c for c, kind in found.items() if said.get(c, kind) != kind]
        found |= fits.types(dict.fromkeys(wrong, GUESSED), table.get_name())
    return tuple(Column(name=c, type=found[c]) for c in table.columns)


class _Fits(NamedTuple):
    """Which types the cells of text columns fit."""

    ctx: Any
    dates: tuple[str, ...]
    decimal: str

    def types(self, asked: Mapping[str, Sequence[ColumnType]], rows: str) -> dict[str, ColumnType]:
        """For each column the first of the types asked for that all its cells fit, else string."""
        found: dict[str, ColumnType] = {}
        for some in batched(asked.items(), AT_ONCE):
            found |= self._types(some, rows)
        return found

    def _types(self, asked: Sequence[tuple[str, Sequence[ColumnType]]], rows: str) -> dict[str, ColumnType]:
        """The same of some columns, in one pass over the rows."""
        answers = [answer for column, kinds in asked for answer in self._answers(column, kinds)]
        [row] = self.ctx.backend.con.sql(f"SELECT {', '.join(answers)} FROM {rows}").fetchall()
        left = iter(row)
        return {column: _first_fitting(kinds, [next(left) for _ in (*kinds, "")]) for column, kinds in asked}

    def _answers(self, column: str, kinds: Sequence[ColumnType]) -> list[str]:
        """One answer per type (every filled cell fits), and one: nothing is filled."""
        cell = name(column)
        found = []
        for kind in kinds:
            read = reading(cell, kind, dates=self.dates, decimal=self.decimal)
            fits = f"{read} IS NOT NULL AND {_looks(cell, kind, self.dates)}"
            found.append(f"BOOL_AND({fits}) FILTER (WHERE {cell} IS NOT NULL)")
        return [*found, f"COUNT({cell}) = 0"]


def _looks(cell: str, kind: ColumnType, dates: tuple[str, ...]) -> str:
    """What a type must look like beside being readable: DuckDB reads `1` as true and a date as an instant."""
    shapes: dict[ColumnType, str] = {
        "bigint": r"\s*[+-]?(0|[1-9]\d*)\s*",
        "double": r"\s*[+-]?(0|[1-9]\d*|)([.,]\d*)?([eE][+-]?\d+)?\s*|[+-]?(nan|NaN|inf|Infinity)",
        "boolean": r"(?i)true|false",
        "date": r"\d{4}-\d{1,2}-\d{1,2}",
        "datetime": r"\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?",
        "datetime_tz": r".*\d(Z|[+-]\d{2}(:?\d{2})?)",
    }
    if dates and kind in ("date", "datetime", "datetime_tz"):
        return _looks_by_format(kind, dates)
    return f"REGEXP_FULL_MATCH({cell}, '{shapes[kind]}')"


def _looks_by_format(kind: ColumnType, dates: tuple[str, ...]) -> str:
    zoned = any("%z" in d for d in dates)
    timed = any("%H" in d or "%I" in d for d in dates)
    return str(kind == ("datetime_tz" if zoned else "datetime" if timed else "date")).upper()


def _first_fitting(kinds: Sequence[ColumnType], answers: Sequence[Any]) -> ColumnType:
    *fits, empty = answers
    return "string" if empty else next((k for k, fit in zip(kinds, fits, strict=True) if fit), "string")


def _inside(path: Path) -> Generator[tuple[str, IO[bytes]], None, None]:
    """The files in a compressed one: (name, bytes)."""
    suffix = path.suffix.lower()
    if suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            members = sorted(m for m in archive.namelist() if _is_data(m))
            yield from ((member, archive.open(member)) for member in members)
    elif suffix == ".bz2":
        yield path.stem, cast("IO[bytes]", bz2.BZ2File(path))
    elif suffix == ".gz":
        yield path.stem, cast("IO[bytes]", gzip.GzipFile(path))


def _is_data(member: str) -> bool:
    """Whether somebody put it there to be read: no folder, and nothing that a system adds by itself."""
    hidden = member.startswith("__MACOSX/") or member.rpartition("/")[2].startswith(".")
    return not (hidden or member.endswith("/"))


def batched(items: Iterable[_Item], size: int) -> Iterator[tuple[_Item, ...]]:
    """Pieces of this size, the last one shorter."""
    left = iter(items)
    while piece := tuple(islice(left, size)):
        yield piece


def _recode(path: Path, charset: str, fresh: Path) -> None:
    with (
        path.open(encoding=charset, newline="") as text,
        fresh.open("w", encoding="utf-8", newline="") as out,
    ):
        shutil.copyfileobj(text, out, 1 << 20)


def _private(path: Path, ctx: Any) -> Path:
    seen = path.stat()
    told = f"{path}|{seen.st_size}|{seen.st_mtime_ns}"
    return Path(ctx.work) / hashlib.sha256(told.encode()).hexdigest()[:16]
