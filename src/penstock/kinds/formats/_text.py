"""Text files: decompressed, brought to UTF-8, their first lines looked at, their types guessed."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import shutil
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from penstock.core.errors import ActivityFailed
from penstock.core.schema import Column, ColumnType, Schema
from penstock.kinds.formats._scan import name, reading

if TYPE_CHECKING:
    import ibis.expr.types as ir

LOOKED_AT = 65_536
"""Bytes at the start of a file that detection looks at."""
SAMPLED = 10_000
"""Rows that types are guessed from."""

GUESSED: tuple[ColumnType, ...] = ("bigint", "double", "boolean", "date", "datetime", "datetime_tz")


def unpacked(file: str, ctx: Any) -> list[Path]:
    """The file itself, or what a zip, bz2 or gz file holds, as files in the context's private folder."""
    path = Path(file)
    if path.suffix.lower() not in (".zip", ".bz2", ".gz"):
        return [path]
    place = _private(path, ctx)
    if place.exists():
        return sorted(place.iterdir())
    place.mkdir(parents=True)
    with _whole(path):
        for number, (inner, stream) in enumerate(_inside(path)):
            with stream, (place / f"{number:05}-{Path(inner).name}").open("wb") as out:
                shutil.copyfileobj(stream, out, 1 << 20)
    return sorted(place.iterdir())


def recoded(path: Path, charset: str, ctx: Any) -> Path:
    """The same text in UTF-8, in the context's private folder."""
    place = _private(path, ctx)
    place.mkdir(parents=True, exist_ok=True)
    fresh = place / f"utf8-{path.name}"
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
    """The encoding of a text, from its first bytes: a byte order mark, else UTF-8 if it is, else Windows Latin."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for cut in range(4):  # the last character may be cut in the middle
        try:
            start[: len(start) - cut].decode("utf-8")
            return "utf-8"
        except UnicodeDecodeError:
            continue
    return "cp1252"


def guessed(table: ir.Table, ctx: Any, *, dates: tuple[str, ...] = (), decimal: str = ".") -> Schema:
    """Types that fit every one of the first rows; string when nothing does, or all cells are empty.

    `007` stays text: a number would lose its zeros.
    """
    texts = list(table.columns)
    asked = [_fits(i, c, dates, decimal) for i, c in enumerate(texts)]
    sample = f"(SELECT * FROM {table.get_name()} LIMIT {SAMPLED})"
    [row] = ctx.backend.con.sql(f"SELECT {', '.join(asked)} FROM {sample}").fetchall() if texts else [()]
    width = len(GUESSED) + 1
    return tuple(
        Column(name=c, type=_first_fitting(row[i * width : (i + 1) * width])) for i, c in enumerate(texts)
    )


def _fits(number: int, column: str, dates: tuple[str, ...], decimal: str) -> str:
    """One answer per guessed type (every filled cell fits), and one: nothing is filled."""
    cell = name(column)
    asked = []
    for kind in GUESSED:
        fits = (
            f"{reading(cell, kind, dates=dates, decimal=decimal)} IS NOT NULL AND {_looks(cell, kind, dates)}"
        )
        asked.append(f"BOOL_AND({fits}) FILTER (WHERE {cell} IS NOT NULL)")
    return ", ".join([*asked, f"COUNT({cell}) = 0"])


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


def _first_fitting(answers: tuple[Any, ...]) -> ColumnType:
    *fits, empty = answers
    return "string" if empty else next((k for k, fit in zip(GUESSED, fits, strict=True) if fit), "string")


def _inside(path: Path) -> Generator[tuple[str, IO[bytes]], None, None]:
    """The files in a compressed one: (name, bytes)."""
    suffix = path.suffix.lower()
    if suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            members = sorted(m for m in archive.namelist() if not m.endswith("/"))
            yield from ((member, archive.open(member)) for member in members)
    elif suffix == ".bz2":
        yield path.stem, cast("IO[bytes]", bz2.BZ2File(path))
    elif suffix == ".gz":
        yield path.stem, cast("IO[bytes]", gzip.GzipFile(path))


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
