"""One record → one row of the matrix, cell by cell: what ml/prepare.py does to columns, for a single mapping.

Plain cells (numbers, texts, booleans, nothing) take the short way here; every other one goes through the very code that
prepares columns, as a column of one. So both ways agree, and a cell that no column could hold counts as empty.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from penstock.core.errors import Invalid
from penstock.ml.cells import FORMS
from penstock.ml.prepare import FittedCategory, FittedFeature, FittedNumber, Preparation

Writer = Callable[[Any, list[Any]], bool]
"""Writes a cell into its columns of the row. False: a drop rule gives this row no prediction. Raises Unreadable."""
_NUMBER = re.compile(FORMS["number"])
_WIDEST = 1 << 63


class Unreadable(ValueError):
    """A cell that is not of the kind the model expects."""


class RowPreparation:
    """A fitted preparation, made ready for single records."""

    def __init__(self, preparation: Preparation) -> None:
        self.width = len(preparation.columns)
        self._template: list[Any] = [0.0] * self.width
        self._writers = tuple((f.name, _writer(f, preparation.groups[f.name])) for f in preparation.features)
        self.names = frozenset(preparation.names)

    def row(self, cells: Mapping[str, Any]) -> tuple[list[Any], bool, list[str]]:
        """The row, whether it gets a prediction, and the features whose cells were unreadable and counted as empty."""
        row, ok, odd = self._template.copy(), True, []
        for name, write in self._writers:
            try:
                ok &= write(cells.get(name), row)
            except Unreadable:
                odd.append(name)
                ok &= write(None, row)
        return row, ok, odd


def _writer(feature: FittedFeature, place: slice) -> Writer:
    if isinstance(feature, FittedNumber) and feature.form == "keep":
        return _number_writer(feature, place.start)
    if isinstance(feature, FittedCategory):
        return _category_writer(feature, place)
    return _as_column(feature, place)


def _as_column(feature: FittedFeature, place: slice) -> Writer:
    """The way of columns, with a column of one cell."""
    kind = object if feature.type == "as_is" else float

    def write(value: Any, row: list[Any]) -> bool:
        out, ok = np.zeros((1, place.stop - place.start), dtype=np.dtype(kind)), np.ones(1, dtype=np.bool_)
        try:
            feature.write(pa.array([value]), out, ok)
        except (
            Invalid,
            pa.ArrowInvalid,
            pa.ArrowTypeError,
            pa.ArrowNotImplementedError,
            OverflowError,
        ) as error:
            raise Unreadable from error
        row[place] = out[0].tolist() if kind is float else list(out[0])
        return bool(ok[0])

    return write


def _number_writer(feature: FittedNumber, at: int) -> Writer:
    centre, scale, dropped = feature.centre, feature.scale, feature.fill is None
    empty = ((feature.fill or 0.0) - centre) / scale
    flag = at + 1 if feature.missing_flag else -1

    def write(value: Any, row: list[Any]) -> bool:
        found = value if type(value) is float else number(value)
        if found is None or not math.isfinite(found):
            row[at] = empty
            if flag > 0:
                row[flag] = 1.0
            return not dropped
        row[at] = (found - centre) / scale
        return True

    return write


def number(value: Any) -> float | None:
    """A number, None for an empty cell. Raises Unreadable."""
    if value is None:
        return None
    if isinstance(value, (int, float)):  # True and False are 1 and 0
        try:
            return float(value)
        except OverflowError as error:
            raise Unreadable from error
    if isinstance(value, str):
        word = value.strip()
        if not word:
            return None
        if _NUMBER.match(word):
            return float(word)
    return _number_of_column(value)


def _number_of_column(value: Any) -> float:
    from penstock.ml import cells

    try:
        return float(cells.numbers(pa.array([value]), name="")[0])
    except (Invalid, pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError) as error:
        raise Unreadable from error


def _category_writer(feature: FittedCategory, place: slice) -> Writer:
    spell = _SPELLINGS.get(feature.trained)
    if spell is None:
        return _as_column(feature, place)
    fill, drop, put = feature.fill, feature.drop, _put(feature, place)

    def write(value: Any, row: list[Any]) -> bool:
        word = spell(value)
        if word is None:
            word = fill
        put(word, row)
        return not (drop and word is None)

    return write


def _put(feature: FittedCategory, place: slice) -> Callable[[str | None, list[Any]], None]:
    at, width = place.start, place.stop - place.start
    if feature.encode == "hashing":
        buckets, nothing = feature.buckets, zlib.crc32(b"\0empty") % feature.buckets

        def hashed(word: str | None, row: list[Any]) -> None:
            row[at + (nothing if word is None else zlib.crc32(word.encode()) % buckets)] = 1.0

        return hashed
    code_of, size = (
        {word: i for i, word in reversed(list(enumerate(feature.vocabulary)))},
        len(feature.vocabulary),
    )
    if feature.encode == "one_hot":

        def hot(word: str | None, row: list[Any]) -> None:
            code = size + 1 if word is None else code_of.get(word, size)
            if code < width:
                row[at + code] = 1.0

        return hot
    table = [list(line) for line in feature.table]

    def looked_up(word: str | None, row: list[Any]) -> None:
        row[place] = table[size + 1 if word is None else code_of.get(word, size)]

    return looked_up


def text(value: Any) -> str | None:
    """A word as categories are spelled, None for an empty cell. Raises Unreadable."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _whole_or_number(value)
    raise Unreadable


def _integer(value: Any) -> str | None:
    if type(value) is int and -_WIDEST <= value < _WIDEST:
        return str(value)
    found = number(value)
    return None if found is None else _whole_or_number(found)


def _decimal(value: Any) -> str | None:
    found = number(value)
    return None if found is None or not math.isfinite(found) else repr(found).removesuffix(".0")


def _whole_or_number(value: float) -> str | None:
    if not math.isfinite(value):
        return None
    whole = math.floor(value) == value and abs(value) < _WIDEST
    return str(int(value)) if whole else repr(value).removesuffix(".0")


_SPELLINGS: Mapping[str, Callable[[Any], str | None]] = {
    "text": text,
    "integer": _integer,
    "number": _decimal,
}
"""How a cell of that training type is spelled; the others take the way of columns."""
