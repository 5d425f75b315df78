"""CSV, TSV and their cousins."""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from pydantic import Field, field_validator

from penstock.core.dataset import Format
from penstock.core.errors import ColumnMissing, SourceNotReady
from penstock.core.schema import Column, Schema
from penstock.kinds.formats import _text
from penstock.kinds.formats._scan import literal, name, paths, typed, view

if TYPE_CHECKING:
    import ibis.expr.types as ir

SEPARATORS = (",", ";", "\t", "|")


class _Plain(NamedTuple):
    """One file as DuckDB can read it, and the columns its header names."""

    path: Path
    names: tuple[str, ...]


class Csv(Format):
    r"""Text files with separated cells. An empty cell, quoted or not, is null; every column is a string
    until the dataset declares types.

    Example:
        type: csv
        separator: ";"
        quoting: excel
        decimal: ","
        dates: ["%d/%m/%Y"]
    """

    SUFFIXES: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".txt")

    separator: str = Field(
        default=",", min_length=1, max_length=1, description="The character between cells; a tab for TSV."
    )
    quoting: Literal["excel", "unix", "escape", "none"] = Field(
        default="excel",
        description="excel: quoted cells, a quote inside is doubled. unix: quoted cells, a backslash before a quote. "
        "escape: no quotes, a backslash before a separator or line end. none: every character is what it is.",
    )
    quote: str = Field(default='"', min_length=1, max_length=1, description="The quote, in excel and unix.")
    charset: str = Field(default="utf-8", description="Encoding of the text, such as utf-8, cp1252, utf-16.")
    header: bool = Field(default=True, description="The first row names the columns.")
    skip_before: int = Field(default=0, ge=0, description="Lines left out before the header.")
    skip_after: int = Field(default=0, ge=0, description="Lines left out after the header.")
    decimal: Literal[".", ","] = Field(default=".", description="The decimal mark of typed numbers.")
    dates: tuple[str, ...] = Field(
        default=(),
        description="How typed dates are written, as strptime formats tried in order; ISO 8601 when empty.",
    )
    missing: tuple[str, ...] = Field(
        default=(), description="Words that stand for an empty cell, such as NA."
    )
    short_rows: Literal["fail", "pad"] = Field(
        default="fail", description="A row with too few cells: fail, or pad it with empty ones."
    )
    max_row: int = Field(
        default=2_000_000,
        ge=1,
        description="Most bytes of one row, and so of a cell; more is a sign of a wrong quoting.",
    )

    @field_validator("charset")
    @classmethod
    def _known(cls, charset: str) -> str:
        try:
            codecs.lookup(charset)
        except LookupError as error:
            raise ValueError(f"'{charset}' is not an encoding we know, such as utf-8 or cp1252.") from error
        return charset

    def scan(self, files: list[str], columns: Schema, ctx: Any) -> ir.Table:
        plain = [
            p for file in files for path in _text.unpacked(file, ctx) for p in self._plain(path, columns, ctx)
        ]
        if not plain:
            plain = self._nothing(columns, ctx)
        parts = [
            self._select(list(same), names, ctx) for names, same in groupby(plain, key=lambda p: p.names)
        ]
        table = view(ctx, " UNION ALL BY NAME ".join(parts))
        return typed(table, columns, ctx, dates=self.dates, decimal=self.decimal)

    def infer(self, files: list[str], ctx: Any, *, types: bool = False) -> Schema:
        table = self.scan(files, (), ctx)
        if types:
            return _text.guessed(table, ctx, dates=self.dates, decimal=self.decimal)
        return tuple(Column(name=c) for c in table.columns)

    def detect(self, file: str) -> Csv:
        """Encoding, separator, quoting, header, decimal mark and dates, from the first 64 KB. Raises Invalid for a file
        that holds no text."""
        with _text.opened(file) as stream:
            start = stream.read(_text.LOOKED_AT)
        _text.check_text(file, start)
        charset = _text.charset_of(start)
        text = start.decode(charset, errors="ignore").removeprefix("\ufeff")
        lines = text.splitlines(keepends=True)
        lines = lines[:-1] if len(start) == _text.LOOKED_AT and len(lines) > 1 else lines
        best = max((self._attempt(lines, s, charset) for s in SEPARATORS), key=lambda c: c._regular(lines))
        named = best.changed(header=best._has_header(lines))
        return named.changed(**named._written(lines))

    def doubts(self, file: str) -> list[str]:
        """A quote that first shows up late, a column named twice, a single column."""
        found = [self._late_quote(file)] if self.quoting == "none" else []
        given = self._header_of(file)
        names = _distinct(given)
        if self.header:
            found += _renamed(given, names)
        if len(names) == 1:
            found.append(
                f"There is one column only, '{names[0]}': is the separator really {self.separator!r}?"
            )
        if len(names) > 1000:
            found.append(f"There are {len(names)} columns: is the quoting right?")
        return [doubt for doubt in found if doubt]

    # reading ------------------------------------------------------------------------------------------------

    def _plain(self, path: Path, columns: Schema, ctx: Any) -> list[_Plain]:
        """The file in a form DuckDB reads: UTF-8, and quoted as Excel does or not at all. Nothing for an empty one."""
        if path.stat().st_size == 0:
            return []
        if codecs.lookup(self.charset).name not in ("utf-8", "utf-8-sig", "ascii"):
            path = _text.recoded(path, self.charset, ctx)
        names = self._names(path, columns)
        for column in columns:
            if column.name not in names:
                raise ColumnMissing(
                    column.name,
                    dataset=ctx.name,
                    near=names,
                    needed_by=f"Its definition, for file {path.name},",
                )
        return [_Plain(self._requoted(path, ctx) if self._exotic else path, tuple(names))]

    @property
    def _exotic(self) -> bool:
        return self.quoting in ("unix", "escape")

    def _select(self, same: list[_Plain], names: tuple[str, ...], ctx: Any) -> str:
        quote = {"none": "", "excel": self.quote}.get(self.quoting, '"')
        texts = ", ".join(f"{literal(n)}: 'VARCHAR'" for n in names)
        separator = "," if self._exotic else self.separator
        skip = 0 if self._exotic else self.skip_before + self.header + self.skip_after
        pad = ", null_padding = true, parallel = false" if self.short_rows == "pad" else ""
        nothing = ", ".join(map(literal, ("", *self.missing)))
        return (
            f"SELECT {', '.join(map(name, names))} FROM read_csv({paths(p.path for p in same)}, "
            f"auto_detect = false, header = false, skip = {skip}, delim = {literal(separator)}, "
            f"quote = {literal(quote)}, escape = {literal(quote)}, nullstr = [{nothing}], columns = {{{texts}}}, "
            f"max_line_size = {self.max_row}, buffer_size = {max(32_000_000, 4 * self.max_row)}{pad})"
        )

    def _nothing(self, columns: Schema, ctx: Any) -> list[_Plain]:
        """One empty file, for a dataset whose columns are known."""
        if not columns:
            raise SourceNotReady(
                f"The files of dataset {ctx.name} are all empty: they do not even name columns."
            )
        empty = Path(ctx.work) / "empty.csv"
        empty.parent.mkdir(parents=True, exist_ok=True)
        empty.touch()
        return [_Plain(empty, tuple(c.name for c in columns))]

    def _requoted(self, path: Path, ctx: Any) -> Path:
        """The rows after the header, quoted the way DuckDB understands."""
        fresh = Path(ctx.work) / f"{path.parent.name}-{path.stem}-excel.csv"
        fresh.parent.mkdir(parents=True, exist_ok=True)
        with (
            path.open(encoding="utf-8-sig", newline="") as text,
            fresh.open("w", encoding="utf-8", newline="") as out,
        ):
            lines = iter(text)
            for _ in range(self.skip_before):
                next(lines, None)
            rows = self._rows(lines)
            for _ in range(self.header + self.skip_after):
                next(rows, None)
            csv.writer(out, lineterminator="\n").writerows(rows)
        return fresh

    def _rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        csv.field_size_limit(sys.maxsize)
        return csv.reader(lines, **self._dialect())

    def _dialect(self) -> dict[str, Any]:
        dialect: dict[str, Any] = {"delimiter": self.separator, "doublequote": self.quoting == "excel"}
        if self.quoting in ("excel", "unix"):
            dialect["quotechar"] = self.quote
        else:
            dialect |= {"quotechar": None, "quoting": csv.QUOTE_NONE}
        return dialect | ({"escapechar": "\\"} if self._exotic else {})

    # the first lines ----------------------------------------------------------------------------------------

    def _names(self, path: Path, columns: Schema) -> list[str]:
        with path.open(encoding="utf-8-sig", newline="", errors="replace") as text:
            for _ in range(self.skip_before):
                text.readline()
            first = next(self._rows(text), [])
        if not first and not columns:
            raise SourceNotReady(
                f"{path.name} names no columns: the line that should is blank.",
                hint="Say how many lines come before it in `skip_before`, or correct the file.",
            )
        if self.header:
            return _distinct(first)
        declared = [c.name for c in columns]
        return declared if len(declared) == len(first) else [f"col_{i}" for i in range(len(first))]

    def _header_of(self, file: str) -> list[str]:
        with _text.opened(file) as stream:
            text = io.TextIOWrapper(stream, encoding=self.charset, newline="", errors="replace")
            for _ in range(self.skip_before):
                text.readline()
            return next(self._rows(text), [])

    def _attempt(self, lines: list[str], separator: str, charset: str) -> Csv:
        rest = "".join(lines).split('\\"')
        quoting = "unix" if len(rest) > 1 and not re.search(r'\w""|""\w', "".join(rest)) else "excel"
        return self.changed(separator=separator, charset=charset, quoting=quoting)

    def _regular(self, lines: list[str]) -> tuple[bool, float, int]:
        """How much this looks like a table: more than one column, rows of equal width, many columns."""
        widths = [len(row) for row in self._rows(iter(lines[:500])) if row]
        if not widths:
            return (False, 0.0, 0)
        width = max(set(widths), key=widths.count)
        return (width > 1, widths.count(width) / len(widths), width)

    def _has_header(self, lines: list[str]) -> bool:
        """The first row holds texts, none of them a number. One that is there twice is a name all the same, unless
        it turns up in the rows below, too.
        """
        first, *rest = [*self._rows(iter(lines[:500]))] or [[]]
        twice = [at for at, cell in enumerate(first) if first.count(cell) > 1]
        again = any(at < len(row) and row[at] == first[at] for row in rest for at in twice)
        return not again and not any(_is_number(cell) for cell in first)

    def _written(self, lines: list[str]) -> dict[str, Any]:
        """How numbers and dates are written, when it is another way than usual: `1,5`, `31.12.2024`."""
        cells = [cell.strip() for row in self._rows(iter(lines[:500])) for cell in row]
        decimals = {mark: any(re.fullmatch(rf"-?\d+[{mark}]\d+", c) for c in cells) for mark in ".,"}
        found: dict[str, Any] = {}
        if decimals[","] and not decimals["."] and self.separator != ",":
            found["decimal"] = ","
        pointed = any(re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{4}", c) for c in cells)
        if pointed and not any(re.match(r"\d{4}-\d{1,2}-\d{1,2}", c) for c in cells):
            timed = any(re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d{2}.*", c) for c in cells)
            found |= {} if timed else {"dates": ("%d.%m.%Y",)}
        return found

    def _late_quote(self, file: str) -> str:
        """What to say when a quote opens a cell beyond the lines that detection looked at."""
        opening = f"{self.separator}{self.quote}".encode()
        with _text.opened(file) as stream:
            seen, last = 0, b""
            while piece := stream.read(1 << 20):
                at = (last + piece).find(opening)
                if at >= 0:
                    place = seen - len(last) + at
                    return f"A cell opens with a quote at byte {place:,}, but quoting is none: is it really?"
                seen, last = seen + len(piece), piece[-len(opening) :]
        return ""


def _distinct(names: list[str]) -> list[str]:
    """Names of a header, each once and none empty: a second `a` is `a_1`, an empty one `col_2`."""
    seen: list[str] = []
    for position, given in enumerate(names):
        base = given.strip() or f"col_{position}"
        fresh, number = base, 0
        while fresh.lower() in {s.lower() for s in seen}:
            number += 1
            fresh = f"{base}_{number}"
        seen.append(fresh)
    return seen


def _renamed(given: list[str], names: list[str]) -> list[str]:
    """What to say of names that a header holds more than once."""
    twice = [name for name in dict.fromkeys(given) if name.strip() and given.count(name) > 1]
    return [
        f"The header names '{name}' {given.count(name)} times; the columns are called "
        f"{', '.join(n for g, n in zip(given, names, strict=True) if g == name)}."
        for name in twice
    ]


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True
