"""Cells typed as in training: what a column of a table means to a model, whatever type it arrives in."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from penstock.core.errors import Invalid

CellType = Literal["integer", "number", "boolean", "text", "instant"]
"""What training saw. Dates and instants are both instants, in UTC."""

TRUE_WORDS, FALSE_WORDS = ("true", "1", "t", "yes", "y"), ("false", "0", "f", "no", "n")


ZONE = r"(Z|[-+][0-9]{2}:?[0-9]{2})"
CLOCK = r"[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
FORMS: dict[CellType, str] = {
    "number": r"^[-+]?(0|[1-9][0-9]*|[0-9]*\.[0-9]+)(\.[0-9]*)?([eE][-+]?[0-9]+)?$",
    "instant": rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}({CLOCK}{ZONE}?)?$",
}


def cell_type(type_: pa.DataType) -> CellType | None:
    """The cell type of an Arrow type; None for those no model can learn from (lists, structs, bytes)."""
    if pa.types.is_dictionary(type_):
        return cell_type(type_.value_type)
    if pa.types.is_boolean(type_):
        return "boolean"
    if pa.types.is_integer(type_):
        return "integer"
    if pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return "number"
    if is_text(type_) or pa.types.is_null(type_):
        return "text"
    if pa.types.is_date(type_) or pa.types.is_timestamp(type_):
        return "instant"
    return None


def content_type(column: pa.Array | pa.ChunkedArray) -> CellType | None:
    """The cell type of a column, where texts that all read as numbers or ISO dates count as such.

    Texts such as 00501 are codes, not numbers.
    """
    if not is_text(flat(column).type):
        return cell_type(column.type)
    words = pc.utf8_trim_whitespace(pc.unique(flat(column)).drop_null())
    words = words.filter(pc.not_equal(words, ""))
    if not len(words):
        return "text"
    return next((kind for kind, form in FORMS.items() if _all_match(words, form)), "text")


def _all_match(words: pa.Array, form: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(words, form)).as_py())


def is_text(type_: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_)
    )


def flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One contiguous array, dictionaries decoded."""
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # an empty one
            column = pa.array([], column.type)
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def numbers(column: pa.Array | pa.ChunkedArray, *, name: str) -> np.ndarray:
    """(n,) float64; empty and infinite cells are NaN. Texts that read as numbers count as numbers.

    Raises Invalid, quoting the first cell that is no number.
    """
    cells = flat(column)
    if pa.types.is_boolean(cells.type) or pa.types.is_null(cells.type):
        cells = cells.cast(pa.uint8()) if pa.types.is_boolean(cells.type) else cells.cast(pa.float64())
    elif is_text(cells.type):
        cells = _numbers_in(cells, name)
    elif pa.types.is_timestamp(cells.type) or pa.types.is_date(cells.type):
        raise _unlike(name, cells, "a number")
    values = _cast(cells, pa.float64(), name, "a number").to_numpy(zero_copy_only=False)
    if len(values) and not np.isfinite(values.sum()):  # one pass; NaN and infinity are rare
        values = np.where(np.isfinite(values), values, np.nan)
    return values


def texts(column: pa.Array | pa.ChunkedArray, *, name: str, trained: CellType) -> pa.Array:
    """(n,) strings in the spelling of training: 1 (not 1.0) for integers, true and false, ISO instants."""
    cells = flat(column)
    if trained == "boolean":
        cells = booleans(cells, name=name)
    elif trained == "integer":
        return _integral_texts(cells, name)
    elif trained == "number":
        return _number_texts(numbers(cells, name=name))
    elif trained == "instant":
        cells = instants(cells, name=name)
    elif pa.types.is_floating(cells.type):
        return _integral_texts(cells, name) if _all_whole(cells) else _number_texts(numbers(cells, name=name))
    return _cast(cells, pa.string(), name, "text")


def booleans(column: pa.Array | pa.ChunkedArray, *, name: str) -> pa.Array:
    """(n,) booleans from booleans, 0 and 1, or words such as true and no."""
    cells = flat(column)
    if pa.types.is_boolean(cells.type):
        return cells
    if is_text(cells.type):
        return _booleans_in(cells, name)
    if pa.types.is_null(cells.type):
        return cells.cast(pa.bool_())
    values = numbers(cells, name=name)
    odd = ~np.isnan(values) & (values != 0) & (values != 1)
    if odd.any():
        raise _unlike(name, pa.array(values[odd]), "true or false")
    return pa.array(values == 1, mask=np.isnan(values))


def instants(column: pa.Array | pa.ChunkedArray, *, name: str) -> pa.Array:
    """(n,) timestamps in microseconds, UTC, from dates, timestamps and ISO texts."""
    cells = flat(column)
    if is_text(cells.type):
        trimmed = pc.utf8_trim_whitespace(cells)
        cells = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
        cells = _instants_in(cells, name)
    elif (
        pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type) or pa.types.is_boolean(cells.type)
    ):
        raise _unlike(name, cells, "a date or time")
    if pa.types.is_timestamp(cells.type) and cells.type.tz is not None:
        cells = cells.cast(pa.timestamp(cells.type.unit, "UTC")).cast(pa.timestamp("us", "UTC"), safe=False)
    return _cast(cells, pa.timestamp("us"), name, "a date or time")


def _numbers_in(cells: pa.Array, name: str) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(cells)
    return _cast(
        pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, cells.type), trimmed),
        pa.float64(),
        name,
        "a number",
    )


def _booleans_in(cells: pa.Array, name: str) -> pa.Array:
    words = pc.utf8_lower(pc.utf8_trim_whitespace(cells))
    yes, no = pc.is_in(words, pa.array(TRUE_WORDS)), pc.is_in(words, pa.array(FALSE_WORDS))
    empty = pc.or_kleene(pc.is_null(cells), pc.equal(words, ""))
    odd = pc.invert(pc.or_(pc.or_(yes, no), pc.fill_null(empty, True)))
    if pc.any(odd).as_py():
        raise _unlike(name, cells.filter(odd), "true or false")
    return pc.if_else(pc.or_(yes, no), yes, pa.scalar(None, pa.bool_()))


def _instants_in(cells: pa.Array, name: str) -> pa.Array:
    """ISO texts, with and without a zone side by side."""
    zoned = pc.match_substring_regex(cells, f":[0-9.]+{ZONE}$")
    nothing = pa.scalar(None, cells.type)
    plain = _cast(pc.if_else(zoned, nothing, cells), pa.timestamp("us"), name, "a date or time")
    moved = _cast(pc.if_else(zoned, cells, nothing), pa.timestamp("us", "UTC"), name, "a date or time")
    return pc.coalesce(plain, moved.cast(pa.timestamp("us")))


def _integral_texts(cells: pa.Array, name: str) -> pa.Array:
    if pa.types.is_integer(cells.type):
        return cells.cast(pa.string())
    values = numbers(cells, name=name)
    whole = np.isnan(values) | (np.floor(values) == values)
    if not whole.all():
        return _number_texts(values)
    return pa.array(np.nan_to_num(values).astype(np.int64), mask=np.isnan(values)).cast(pa.string())


def _number_texts(values: np.ndarray) -> pa.Array:
    return pa.array([None if np.isnan(v) else repr(float(v)).removesuffix(".0") for v in values], pa.string())


def _all_whole(cells: pa.Array) -> bool:
    values = cells.drop_null().to_numpy(zero_copy_only=False)
    return bool(np.all(np.floor(values) == values))


def _cast(cells: pa.Array, to: pa.DataType, name: str, wanted: str) -> pa.Array:
    try:
        return cells if cells.type == to else cells.cast(to, safe=is_text(cells.type))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise _unlike(name, cells, wanted, castable_to=to) from error


def _unlike(name: str, cells: pa.Array, wanted: str, *, castable_to: pa.DataType | None = None) -> Invalid:
    odd = next((c for c in cells.drop_null() if not _castable(c, castable_to)), None)
    shown = f"'{odd.as_py()}'" if odd is not None else f"cells of type {cells.type}"
    return Invalid(
        f"Column '{name}' holds {shown} where the model expects {wanted}.",
        hint="Convert the column before, or train again on data of this form.",
    )


def _castable(cell: Any, to: pa.DataType | None) -> bool:
    if to is None:
        return False
    try:
        cell.cast(to)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    return True
