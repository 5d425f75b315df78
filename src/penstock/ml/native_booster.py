"""LightGBM's compiled library without its Python package, whose import loads pandas and scikit-learn if present.

What answers in real time starts faster and stays smaller so, and one row costs a call of the library and nothing else.
"""

from __future__ import annotations

import ctypes
import importlib.util
import threading
import weakref
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from penstock.core.errors import NotReady, UntrustedModel
from penstock.core.score import PredictionType
from penstock.ml import booster_text

_DOUBLES, _NORMAL, _CONTRIBUTIONS, _ALL_TREES = 1, 0, 3, -1
_NAMES = ("lib_lightgbm.so", "lib_lightgbm.dylib", "lib_lightgbm.dll")
_QUIET = b"num_threads=1 verbosity=-1"


class NativeBooster:
    """A booster that answers as the Python package's does: the same library, the same numbers."""

    def __init__(self, text: str, width: int) -> None:
        self.width, self._text = width, text
        self._handle = ctypes.c_void_p()
        rounds = ctypes.c_int()
        loaded = _library().LGBM_BoosterLoadModelFromString(
            text.encode(), ctypes.byref(rounds), ctypes.byref(self._handle)
        )
        if loaded != 0:
            raise UntrustedModel(f"The LightGBM text cannot be read: {_last_error()}")
        weakref.finalize(self, _library().LGBM_BoosterFree, self._handle)
        outputs = ctypes.c_int()
        _checked(_library().LGBM_BoosterGetNumClasses(self._handle, ctypes.byref(outputs)))
        self.outputs = int(outputs.value)
        self._own = threading.local()

    def one(self, row: Any) -> Any:
        """The outputs for one row, an `array('d')` of the model's width: a C array of `outputs` doubles."""
        out, length = (ctypes.c_double * self.outputs)(), ctypes.c_int64()
        address, _ = row.buffer_info()
        _checked(_single()(self._fast(), ctypes.c_void_p(address), ctypes.byref(length), out))
        return out

    def predict(self, matrix: np.ndarray, *, pred_contrib: bool = False, num_threads: int = 1) -> np.ndarray:
        """(n,) or (n, outputs) values, or with `pred_contrib` (n, outputs · (width + 1)) contributions."""
        rows = np.ascontiguousarray(matrix, dtype=np.float64)
        each = self.outputs * (self.width + 1 if pred_contrib else 1)
        out, length = np.empty(len(rows) * each), ctypes.c_int64()
        _checked(
            _library().LGBM_BoosterPredictForMat(
                self._handle, rows.ctypes.data_as(ctypes.c_void_p), _DOUBLES, ctypes.c_int32(len(rows)),
                ctypes.c_int32(self.width), 1, _CONTRIBUTIONS if pred_contrib else _NORMAL, 0, _ALL_TREES,
                f"num_threads={num_threads} verbosity=-1".encode(), ctypes.byref(length),
                out.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
            )
        )  # fmt: skip
        return out if each == 1 else out.reshape(len(rows), each)

    def num_model_per_iteration(self) -> int:
        return self.outputs

    def model_to_string(self) -> str:
        return self._text

    def _fast(self) -> ctypes.c_void_p:
        """What the library prepares once for single rows; each thread has its own."""
        found = getattr(self._own, "fast", None)
        if found is None:
            found = self._own.fast = _Fast(self._handle, self.width)
        return found.handle


class _Fast:
    def __init__(self, booster: ctypes.c_void_p, width: int) -> None:
        self.handle = ctypes.c_void_p()
        _checked(
            _library().LGBM_BoosterPredictForMatSingleRowFastInit(
                booster,
                _NORMAL,
                0,
                _ALL_TREES,
                _DOUBLES,
                ctypes.c_int32(width),
                _QUIET,
                ctypes.byref(self.handle),
            )
        )
        weakref.finalize(self, _library().LGBM_FastConfigFree, self.handle)


def open_booster(text: str, prediction_type: PredictionType, *, width: int, classes: int) -> NativeBooster:
    """As booster_text.open_booster, which checks the same. Raises UntrustedModel."""
    booster_text.check(text, prediction_type, width=width, classes=classes)
    return NativeBooster(text, width)


@cache
def _path() -> Path:
    spec = importlib.util.find_spec("lightgbm")
    if spec is None or spec.origin is None:
        raise NotReady("This model needs LightGBM, which is not installed.", hint="pip install lightgbm")
    home = Path(spec.origin).parent
    found = [path for name in _NAMES for path in sorted(home.rglob(name))]
    if not found:
        raise NotReady(
            "LightGBM is installed without its compiled library.", hint="Install it again from a wheel."
        )
    return found[0]


@cache
def _library() -> Any:
    library = _opened(ctypes.CDLL)
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    return library


@cache
def _single() -> Any:
    """The call for one row keeps Python's lock: letting go of it and waiting for it again would cost more."""
    return _opened(ctypes.PyDLL).LGBM_BoosterPredictForMatSingleRowFast


def _opened(loader: Any) -> Any:
    try:
        return loader(str(_path()))
    except OSError as error:
        raise NotReady(
            f"LightGBM's library cannot be loaded: {error}", hint="On Debian: apt install libgomp1"
        ) from error


def _checked(code: int) -> None:
    if code != 0:
        raise UntrustedModel(f"LightGBM refused the rows: {_last_error()}")


def _last_error() -> str:
    told: bytes = _library().LGBM_GetLastError()
    return told.decode(errors="replace")
