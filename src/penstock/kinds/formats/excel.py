"""Excel workbooks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.dataset import Format
from penstock.core.errors import ActivityFailed, NotFound, SourceNotReady
from penstock.core.native import columns_of
from penstock.core.schema import Schema
from penstock.kinds.formats._scan import typed, view

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


class Excel(Format):
    """Excel and OpenDocument workbooks (xlsx, xlsb, xls, ods): one sheet, read whole. Columns that mix
    kinds of values are text.

    Example:
        type: excel
        sheet: January
        skip_before: 2
    """

    SUFFIXES: ClassVar[tuple[str, ...]] = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")

    sheet: str = Field(default="", description="Name of the sheet; the first one when empty.")
    header: bool = Field(default=True, description="The first row names the columns.")
    skip_before: int = Field(default=0, ge=0, description="Rows left out before the header.")
    skip_after: int = Field(default=0, ge=0, description="Rows left out after the header.")

    def scan(self, files: list[str], columns: Schema, ctx: Any) -> ir.Table:
        import pyarrow as pa

        parts = [self._read(file) for file in files]
        kept = pa.concat_tables(parts, promote_options="permissive") if parts else pa.table({})
        if not kept.column_names:
            raise SourceNotReady(f"The sheets of dataset {ctx.name} are empty.")
        return typed(_stored(kept, ctx), columns, ctx)

    def infer(self, files: list[str], ctx: Any, *, types: bool = False) -> Schema:
        return columns_of(self.scan(files, (), ctx).schema().to_pyarrow())

    def sheets(self, file: str) -> list[str]:
        """Names of the sheets of a workbook."""
        return list(_book(file).sheet_names)

    def _read(self, file: str) -> pa.Table:
        import pyarrow as pa

        book = _book(file)
        wanted = self.sheet or book.sheet_names[0]
        if wanted not in book.sheet_names:
            raise NotFound("sheet", wanted, among=book.sheet_names, where=file)
        rows = book.get_sheet_by_name(wanted).to_python()[self.skip_before :]
        if not rows:
            return pa.table({})
        names = _names(rows[0]) if self.header else [f"col_{i}" for i in range(len(rows[0]))]
        body = rows[self.header + self.skip_after :]
        return pa.table({n: _column([row[i] for row in body]) for i, n in enumerate(names)})


def _book(file: str) -> Any:
    from pathlib import Path

    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_path(file)
    except CalamineError as error:
        raise ActivityFailed(
            f"{Path(file).name} is not a workbook we can read: {str(error).rstrip('.')}.",
            hint="Save it again as xlsx, without a password.",
        ) from error


def _stored(table: pa.Table, ctx: Any) -> ir.Table:
    """The rows as a Parquet file of the context's private folder, so that they outlive this call cheaply."""
    import itertools
    from pathlib import Path

    import pyarrow.parquet as pq

    from penstock.kinds.formats._scan import paths

    folder = Path(ctx.work)
    folder.mkdir(parents=True, exist_ok=True)
    file = next(f for n in itertools.count() if not (f := folder / f"sheet-{n}.parquet").exists())
    pq.write_table(table, file, store_schema=False)
    return view(ctx, f"SELECT * FROM read_parquet({paths([file])})")


def _names(row: list[Any]) -> list[str]:
    seen: list[str] = []
    for position, cell in enumerate(row):
        base = str(cell).strip() or f"col_{position}"
        seen.append(base if base not in seen else f"{base}_{seen.count(base)}_{position}")
    return seen


def _column(cells: list[Any]) -> pa.Array:
    """One column: numbers, dates, booleans when all cells agree; texts otherwise. Empty cells are null."""
    import pyarrow as pa

    filled = [None if c == "" else c for c in cells]
    kinds = {type(c) for c in filled if c is not None}
    if kinds == {float} and all(c is None or c.is_integer() for c in filled):
        return pa.array([None if c is None else int(c) for c in filled], pa.int64())
    if kinds <= {int, float} and kinds:
        return pa.array([None if c is None else float(c) for c in filled], pa.float64())
    if kinds in ({bool}, {date}):
        return pa.array(filled)
    if kinds and kinds <= {datetime, date}:
        return pa.array([_instant(c) for c in filled], pa.timestamp("us"))
    return pa.array([None if c is None else _text(c) for c in filled], pa.string())


def _instant(cell: Any) -> datetime | None:
    return cell if cell is None or isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return str(cell) if not isinstance(cell, timedelta) else str(cell.total_seconds())
