"""One record → one row of the matrix, cell by cell: what ml/prepare.py does to columns, for a single mapping.

Plain cells (numbers, texts, booleans, nothing) take the short way here; every other one goes through the very code that
prepares columns, as a column of one. So both ways agree, and a cell that no column could hold counts as empty.
"""

from __future__ import annotations

import bisect
import math
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from penstock.core.errors import Invalid
from penstock.ml.cells import FALSE_WORDS, FORMS, TRUE_WORDS
from penstock.ml.prepare import (
    CYCLES,
    FittedCategory,
    FittedFeature,
    FittedInstant,
    FittedNumber,
    FittedPart,
    Preparation,
)

Writer = Callable[[Any, list[Any]], bool]
"""Writes a cell into its columns of the row. False: a drop rule gives this row no prediction. Raises Unreadable."""
_NUMBER = re.compile(FORMS["number"])
_INSTANT = re.compile(FORMS["instant"].replace(r"\.[0-9]+", r"\.[0-9]{1,6}"))
_WIDEST = 1 << 63
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Unreadable(ValueError):
    """A cell that is not of the kind the model expects."""


class RowPreparation:
    """A fitted preparation, made ready for single records."""

    def __init__(self, preparation: Preparation) -> None:
        self.width = len(preparation.columns)
        self._template: list[Any] = [0.0] * self.width
        self._features = preparation.features
        self._places = tuple(preparation.groups[f.name] for f in preparation.features)
        self._writers = tuple(
            (f.name, _writer(f, place), *_kept(f, place))
            for f, place in zip(preparation.features, self._places, strict=True)
        )
        self.names = frozenset(preparation.names)

    def row(self, cells: Mapping[str, Any]) -> tuple[list[Any], bool, list[str]]:
        """The row, whether it gets a prediction, and the features whose cells were unreadable and counted as empty."""
        row, ok, odd, get = self._template.copy(), True, [], cells.get
        for name, write, at, centre, scale in self._writers:
            value = get(name)
            if (
                at >= 0 and type(value) is float and value - value == 0.0
            ):  # an everyday number, as `write` puts it
                row[at] = (value - centre) / scale
                continue
            try:
                ok &= write(value, row)
            except Unreadable:
                odd.append(name)
                ok &= write(None, row)
        return row, ok, odd

    def rows(
        self, records: Sequence[Mapping[str, Any]]
    ) -> tuple[np.ndarray, np.ndarray, dict[int, list[str]]]:
        """(n, width) numbers, (n,) whether a row gets a prediction, and record → features that were unreadable there.

        The same as `row` of each, feature by feature. Not for models that take cells as they are.
        """
        matrix = np.empty((len(records), self.width))
        ok, odd = np.ones(len(records), dtype=np.bool_), dict[int, list[str]]()
        for feature, place, (name, write, *_) in zip(
            self._features, self._places, self._writers, strict=True
        ):
            cells = [record.get(name) for record in records]
            numbers = _plain_numbers(cells) if isinstance(feature, FittedNumber) else None
            if numbers is not None and isinstance(feature, FittedNumber):
                feature.write_numbers(numbers, matrix[:, place], ok)
                continue
            matrix[:, place], fine, unread = self._one_by_one(write, cells, place)
            ok &= fine
            for at in unread:
                odd.setdefault(at, []).append(name)
        return matrix, ok, odd

    def _one_by_one(
        self, write: Writer, cells: Sequence[Any], place: slice
    ) -> tuple[Any, list[bool], list[int]]:
        """Cell by cell; a text that comes again is written as it was."""
        known: dict[str, tuple[list[Any], bool]] = {}
        parts, fine, unread = [], [], []
        for at, cell in enumerate(cells):
            found = known.get(cell) if type(cell) is str else None
            if found is None:
                row = self._template.copy()
                try:
                    done = write(cell, row)
                except Unreadable:
                    unread.append(at)
                    done = write(None, row)
                    found = row[place], done
                else:
                    found = row[place], done
                    if type(cell) is str:
                        known[cell] = found
            parts.append(found[0])
            fine.append(found[1])
        return np.array(parts, dtype=float).reshape(len(cells), place.stop - place.start), fine, unread


def _kept(feature: FittedFeature, place: slice) -> tuple[int, float, float]:
    """Column, centre and scale of a number that is only rescaled; column -1: another feature."""
    if isinstance(feature, FittedNumber) and feature.form == "keep":
        return place.start, feature.centre, feature.scale
    return -1, 0.0, 1.0


def _plain_numbers(cells: Sequence[Any]) -> np.ndarray | None:
    """(n,) numbers, NaN where none is; None when a cell is neither a number nor nothing."""
    if not set(map(type, cells)) <= {float, int, bool, type(None)}:
        return None
    try:
        numbers = np.array(cells, dtype=np.float64)
    except OverflowError:
        return None
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def _writer(feature: FittedFeature, place: slice) -> Writer:
    if isinstance(feature, FittedNumber):
        return _number_writer(feature, place)
    if isinstance(feature, FittedCategory):
        return _category_writer(feature, place)
    if isinstance(feature, FittedInstant):
        return _instant_writer(feature, place)
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


def _number_writer(feature: FittedNumber, place: slice) -> Writer:
    dropped, put = feature.fill is None, _put_number(feature, place)
    fill = feature.fill or 0.0
    flag = place.stop - 1 if feature.missing_flag else -1

    def write(value: Any, row: list[Any]) -> bool:
        found = value if type(value) is float else number(value)
        if found is not None and math.isfinite(found):
            put(found, row)
            return True
        put(fill, row)
        if flag >= 0:
            row[flag] = 1.0
        return not dropped

    return write if feature.form != "flag" else _presence_writer(place.start, flag)


def _put_number(feature: FittedNumber, place: slice) -> Callable[[float, list[Any]], None]:
    at, cuts, centre, scale = place.start, feature.cuts, feature.centre, feature.scale

    def keep(value: float, row: list[Any]) -> None:
        row[at] = (value - centre) / scale

    def quantise(value: float, row: list[Any]) -> None:
        row[at + bisect.bisect_right(cuts, value)] = 1.0

    def binarise(value: float, row: list[Any]) -> None:
        row[at] = float(value > cuts[0])

    return {"keep": keep, "quantise": quantise, "binarise": binarise, "flag": keep}[feature.form]


def _presence_writer(at: int, flag: int) -> Writer:
    def write(value: Any, row: list[Any]) -> bool:
        found = number(value)
        there = found is not None and math.isfinite(found)
        row[at] = float(there)
        if flag >= 0:
            row[flag] = float(not there)
        return True

    return write


def _instant_writer(feature: FittedInstant, place: slice) -> Writer:
    """ISO texts are read here, everything else goes the way of columns."""
    by_column, at, parts = _as_column(feature, place), place.start, feature.parts
    nothing: list[Any] = [0.0] * place.stop
    answered = by_column(None, nothing)
    empty = nothing[place]

    def write(value: Any, row: list[Any]) -> bool:
        if value is None:
            row[place] = empty
            return answered
        moment = _moment(value)
        if moment is None:
            return by_column(value, row)
        for n, part in enumerate(parts):
            row[at + n] = (_part(moment, part) - part.centre) / part.scale
        return True

    return write


def _moment(value: Any) -> datetime | None:
    """An ISO text as a time in UTC; None for what should go the way of columns."""
    if not isinstance(value, str) or not _INSTANT.match(value):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _part(moment: datetime, fitted: FittedPart) -> float:
    value = float(_PARTS[fitted.part](moment))
    if not fitted.circle or fitted.part == "epoch":
        return value
    angle = 2 * math.pi * value / CYCLES[fitted.part]
    return math.sin(angle) if fitted.circle == "sine" else math.cos(angle)


_PARTS: Mapping[str, Callable[[datetime], float]] = {
    "year": lambda m: m.year,
    "quarter": lambda m: (m.month + 2) // 3,
    "month": lambda m: m.month,
    "day": lambda m: m.day,
    "weekday": lambda m: m.weekday(),
    "day_of_year": lambda m: m.timetuple().tm_yday,
    "hour": lambda m: m.hour,
    "minute": lambda m: m.minute,
    "epoch": lambda m: (m - _EPOCH) / timedelta(seconds=1),
}


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


def _boolean(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        word = value.strip().lower()
        if not word:
            return None
        if word in TRUE_WORDS or word in FALSE_WORDS:
            return "true" if word in TRUE_WORDS else "false"
        raise Unreadable
    found = number(value)
    if found is None or not math.isfinite(found):
        return None
    if found not in (0.0, 1.0):
        raise Unreadable
    return "true" if found else "false"


_SPELLINGS: Mapping[str, Callable[[Any], str | None]] = {
    "text": text,
    "integer": _integer,
    "number": _decimal,
    "boolean": _boolean,
}
"""How a cell of that training type is spelled; the others take the way of columns."""
