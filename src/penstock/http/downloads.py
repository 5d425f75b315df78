"""Files and tables that go out: streamed, named, and harmless when a spreadsheet opens them."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from penstock.core.errors import Invalid

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK = 1 << 18
ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
FORMATS = {
    "arrow": ARROW, "parquet": PARQUET, "csv": "text/csv", "jsonl": "application/jsonl", "json": "application/json",
}  # fmt: skip
"""Word → media type of rows."""
ENDINGS = {
    ".csv": "text/csv; charset=utf-8", ".tsv": "text/tab-separated-values; charset=utf-8", ".parquet": PARQUET,
    ".jsonl": "application/jsonl", ".png": "image/png", ".pdf": "application/pdf", ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
}  # fmt: skip
"""What a browser may show or save as what it is; everything else is bytes."""


class Download(StreamingResponse):
    """A stream with an end: what it reads from is closed even when the caller goes away in the middle."""

    def __init__(self, content: Iterator[bytes], close: Callable[[], None], **settings: Any) -> None:
        super().__init__(content, **settings)
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await run_in_threadpool(self._close)


def opened(source: BinaryIO, name: str, *, after: Callable[[], None] | None = None) -> Response:
    """A file that is open, as a download; closed when it was sent, then `after` is called."""

    def close() -> None:
        source.close()
        if after is not None:
            after()

    kind = ENDINGS.get(Path(name).suffix.lower(), "application/octet-stream")
    return Download(iter(lambda: source.read(CHUNK), b""), close, media_type=kind, headers=_named(name))


def temporary(path: Path, name: str) -> Response:
    """A file made for this answer alone: it goes, with its folder, once it was sent."""
    source = path.open("rb")
    return opened(source, name, after=lambda: shutil.rmtree(path.parent, ignore_errors=True))


def exported(path: Path) -> Response:
    """Rows that were written to a file for this answer alone; in CSV no text is a formula."""
    if path.suffix not in (".csv", ".tsv"):
        return temporary(path, path.name)
    safe = path.with_name(f"safe-{path.name}")
    with (
        path.open(encoding="utf-8", newline="") as source,
        safe.open("w", encoding="utf-8", newline="") as out,
    ):
        out.writelines(without_formulas(source, delimiter="\t" if path.suffix == ".tsv" else ","))
    return temporary(safe, path.name)


def rows(table: pa.Table, accepted: str, name: str) -> Response:
    """Rows in the form the caller accepts: an Arrow stream unless Parquet, CSV, JSON lines or JSON is asked for."""
    wanted = FORMATS[chosen(accepted)]
    writers: dict[str, Callable[[pa.Table], Iterator[bytes]]] = {
        ARROW: _arrow, PARQUET: _parquet, "text/csv": _csv, "application/jsonl": _jsonl,
        "application/json": _json,
    }  # fmt: skip
    return StreamingResponse(writers[wanted](table), media_type=wanted, headers=_named(name))


def chosen(accepted: str) -> str:
    """`arrow`, `parquet`, `csv`, `jsonl` or `json`: the word itself, or the first of an Accept header that we write."""
    words = [part.split(";")[0].strip() for part in accepted.split(",")]
    by_type = {media: word for word, media in FORMATS.items()}
    found = next((by_type.get(w, w) for w in words if w in by_type or w in FORMATS), None)
    if found is None and not any(w in ("", "*/*", "application/*") for w in words):
        raise Invalid(f"Rows do not come as {accepted}.", hint=f"There are {', '.join(FORMATS.values())}.")
    return found or "arrow"


def without_formulas(source: IO[str], *, delimiter: str = ",") -> Iterator[str]:
    """The lines of a CSV file; a text that a spreadsheet would run as a formula begins with an apostrophe."""
    for row in csv.reader(source, delimiter=delimiter):
        yield _line([harmless(cell) for cell in row], delimiter)


def harmless(cell: str) -> str:
    """A cell no spreadsheet takes for a formula: `=1+1` → `'=1+1`. Numbers stay as they are."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def _line(cells: Iterable[Any], delimiter: str = ",") -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerow(cells)
    return buffer.getvalue()


def _named(name: str) -> dict[str, str]:
    """A download, with its name in every alphabet."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\;' else "_" for c in name)
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
    }


def _arrow(table: pa.Table) -> Iterator[bytes]:
    import pyarrow as pa

    buffer = io.BytesIO()
    with pa.ipc.new_stream(buffer, table.schema) as writer:
        for batch in table.to_batches(max_chunksize=50_000):
            writer.write_batch(batch)
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.BytesIO) -> bytes:
    found = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return found


def _parquet(table: pa.Table) -> Iterator[bytes]:
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    yield buffer.getvalue()


def _csv(table: pa.Table) -> Iterator[bytes]:
    yield _line(table.column_names).encode()
    for batch in table.to_batches(max_chunksize=5_000):
        lines = (_line(["" if v is None else _cell(v) for v in row.values()]) for row in batch.to_pylist())
        yield "".join(lines).encode()


def _cell(value: Any) -> str:
    return harmless(value) if isinstance(value, str) else str(value)


def _jsonl(table: pa.Table) -> Iterator[bytes]:
    for batch in table.to_batches(max_chunksize=5_000):
        yield b"".join(line + b"\n" for line in _objects(batch))


def _json(table: pa.Table) -> Iterator[bytes]:
    """One list of objects."""
    between = b"["
    for batch in table.to_batches(max_chunksize=5_000):
        if batch.num_rows:
            yield between + b",".join(_objects(batch))
            between = b","
    yield b"[]" if between == b"[" else b"]"


def _objects(batch: pa.RecordBatch) -> Iterator[bytes]:
    from pydantic_core import to_json

    return (to_json(row) for row in batch.to_pylist())
