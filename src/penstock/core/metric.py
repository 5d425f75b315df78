"""Probes, metric values and their history, and the ids under which metrics are kept."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from penstock.core import fairness
from penstock.core.errors import Invalid
from penstock.core.kind import Kind

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext

MetricType = Literal["BIGINT", "DOUBLE", "STRING", "BOOLEAN", "ARRAY", "DATE"]
METRIC_TYPES: tuple[MetricType, ...] = ("BIGINT", "DOUBLE", "STRING", "BOOLEAN", "ARRAY", "DATE")
Origin = Literal["build", "manual", "scenario", "api"]
ObjectType = Literal["dataset", "folder", "model", "evaluation_store", "project"]

NOT_PARTITIONED = "NP"

# Ids of evaluation-store metrics. Data Drift is the accuracy of the drift classifier: 0.5 = no drift.
DATA_DRIFT = "drift:DATA_DRIFT"
DATA_DRIFT_LOWER = "drift:DATA_DRIFT_LOWER"
DATA_DRIFT_UPPER = "drift:DATA_DRIFT_UPPER"
DATA_DRIFT_P_VALUE = "drift:DATA_DRIFT_P_VALUE"
DRIFTED_COLUMNS = "drift:DRIFTED_COLUMNS"
MIN_KS_P_VALUE = "drift:MIN_KS_P_VALUE"
MIN_CHI2_P_VALUE = "drift:MIN_CHI2_P_VALUE"
MAX_PSI = "drift:MAX_PSI"
MAX_WASSERSTEIN = "drift:MAX_WASSERSTEIN"
MAX_MISSING_GROWTH = "drift:MAX_MISSING_GROWTH"
PREDICTION_PSI = "prediction_drift:PSI"
PREDICTION_KS_P_VALUE = "prediction_drift:KS_P_VALUE"
PREDICTION_CHI2_P_VALUE = "prediction_drift:CHI2_P_VALUE"
EVALUATED_ROWS = "evaluation:ROWS"

# Ids every build of an object writes by itself.
BUILD_START_DATE = "reporting:BUILD_START_DATE"
BUILD_DURATION = "reporting:BUILD_DURATION"
BUILD_SUCCESS = "reporting:BUILD_SUCCESS"
WARNING_COUNT = "reporting:WARNING_COUNT"
METRICS_COMPUTATION_DURATION = "reporting:METRICS_COMPUTATION_DURATION"

LABELS: Mapping[str, str] = {
    DATA_DRIFT: "Data Drift",
    DATA_DRIFT_LOWER: "Data Drift, lower bound",
    DATA_DRIFT_UPPER: "Data Drift, upper bound",
    DATA_DRIFT_P_VALUE: "Data Drift p-value",
    DRIFTED_COLUMNS: "Drifted columns",
    MIN_KS_P_VALUE: "Smallest KS p-value",
    MIN_CHI2_P_VALUE: "Smallest chi-square p-value",
    MAX_PSI: "Largest PSI",
    MAX_WASSERSTEIN: "Largest Wasserstein distance",
    MAX_MISSING_GROWTH: "Largest growth of missing values (points)",
    PREDICTION_PSI: "Prediction PSI",
    PREDICTION_KS_P_VALUE: "Prediction KS p-value",
    PREDICTION_CHI2_P_VALUE: "Prediction chi-square p-value",
    EVALUATED_ROWS: "Rows evaluated",
    BUILD_START_DATE: "Build start date",
    BUILD_DURATION: "Build duration (ms)",
    BUILD_SUCCESS: "Build success",
    WARNING_COUNT: "Warnings of the last build",
    METRICS_COMPUTATION_DURATION: "Duration of the metrics computation (ms)",
    "basic:COUNT_COLUMNS": "Column count",
    "basic:COUNT_FILES": "File count",
    "basic:SIZE": "Size (bytes)",
    "records:COUNT_RECORDS": "Record count",
}
"""Metric id → the name people see, for ids without a column or a name of their own."""


def performance_id(code: str) -> str:
    """The id of a score of a model version or an evaluation: `performance:auc`, `performance:logLoss`."""
    return f"performance:{code}"


def estimated_id(code: str, end: Literal["", "lower", "upper"] = "") -> str:
    """The id of a score as it is expected without labels, or of an end of its band: `estimated:auc:lower`."""
    return f"estimated:{code}:{end}" if end else f"estimated:{code}"


def bounds(metric_id: str) -> tuple[str, str]:
    """The ids of the ends of a metric's interval; empty for a metric without one."""
    if metric_id == DATA_DRIFT:
        return DATA_DRIFT_LOWER, DATA_DRIFT_UPPER
    if metric_id.startswith("estimated:"):
        return f"{metric_id}:lower", f"{metric_id}:upper"
    return "", ""


def measured_id(metric_id: str) -> str:
    """The id of the measured score behind an estimated one; empty for any other."""
    return performance_id(metric_id.partition(":")[2]) if metric_id.startswith("estimated:") else ""


def custom_id(code: str) -> str:
    """The id of a custom score, or of a metric pushed with an evaluation: `custom:revenue`."""
    return f"custom:{code}"


def coverage_id(quantile: float) -> str:
    """The id of the share of true values at or below a quantile of forecasts: `coverage:0.9`."""
    return f"coverage:{quantile:g}"


def worst_id(code: str) -> str:
    """The id of a score of forecasts on the series it is worst on: `worst:mae`."""
    return f"worst:{code}"


def univariate_id(column: str, distance: str) -> str:
    """The id of one column's drift: `univariate:card_age:ks` (p-value), `:chi2` (p-value), `:psi`."""
    return f"univariate:{column}:{distance}"


def label(metric_id: str) -> str:
    """The name people see of any metric: `Data Drift`, `ROC AUC`, `Mean of fare`, `PSI of card_age`."""
    if metric_id in LABELS:
        return LABELS[metric_id]
    family, _, rest = metric_id.partition(":")
    middle, _, last = rest.rpartition(":")
    match family:
        case "performance":
            return _score_labels().get(rest, rest)
        case "estimated":
            code, _, end = rest.partition(":")
            bound = f", {end} bound" if end else ""
            return f"{_score_labels().get(code, code)} (estimated{bound})"
        case "univariate":
            words = {
                "ks": "KS p-value",
                "chi2": "Chi-square p-value",
                "psi": "PSI",
                "wasserstein": "Wasserstein",
                "missing": "Growth of missing values (points)",
            }
            return f"{words.get(last, last)} of {middle}"
        case "col_stats" | "adv_col_stats" | "percentile_stats":
            statistic, _, column = rest.partition(":")
            return f"{statistic.replace('_', ' ').capitalize()} of {column}"
        case "coverage":
            return f"Values at or below quantile {rest}"
        case "worst":
            return f"{_score_labels().get(rest, rest)} of the worst series"
        case "fairness":
            return fairness.label(rest)
        case "sql_query" | "python":
            name, _, probe = rest.partition(":")
            return f"{name} ({probe})" if probe else name
    return rest or metric_id


def id_of(words: str, among: Iterable[str] = ()) -> str:
    """The id behind a name people see (`Data Drift`), or the words themselves when they are an id."""
    if ":" in words or not words:
        return words
    scores = [make(code) for make in (performance_id, estimated_id) for code in _score_labels()]
    by_label = {label(i).lower(): i for i in (*LABELS, *scores, *among)}
    return by_label.get(words.lower(), words)


def headline_ids(among: Iterable[str]) -> list[str]:
    """The metrics that fit a table of evaluations: performance first, measured, then estimated, then the drift that
    one number can say."""
    there = set(among)
    scores = [make(code) for make in (performance_id, estimated_id) for code in _score_labels()]
    return [i for i in (*scores, DRIFTED_COLUMNS, MAX_PSI, DATA_DRIFT) if i in there]


@cache
def _score_labels() -> dict[str, str]:
    from penstock.core import registry
    from penstock.core.score import Score

    kinds = [registry.kind("scores", name) for name in registry.names("scores")]
    return {kind.CODE: kind.LABEL or kind.CODE for kind in kinds if issubclass(kind, Score)}


class NoValue(Invalid):
    """A value that may not be stored as a metric: not a number, infinite, empty; the message says why."""


def encode(value: Any) -> tuple[MetricType, str]:
    """A plain value as its type and text. Raises NoValue for None, NaN and infinity, which are never stored."""
    if value is None:
        raise NoValue("there is no value: the rows it would come from are empty.")
    if isinstance(value, bool):
        return "BOOLEAN", str(value).lower()
    if isinstance(value, int):
        return "BIGINT", str(value)
    if isinstance(value, (datetime, date)):
        return "DATE", value.isoformat()
    if isinstance(value, str):
        return "STRING", value
    if isinstance(value, (list, tuple, dict)):
        return "ARRAY", json.dumps(value, default=str, ensure_ascii=False)
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return "BIGINT", str(int(value))
    if not isinstance(value, (Real, Decimal)):
        return "STRING", str(value)
    number = float(value)
    if not math.isfinite(number):
        raise NoValue(f"the value is {number}, which is not a finite number.")
    return "DOUBLE", repr(number)


def encode_as(value: Any, data_type: MetricType) -> tuple[MetricType, str]:
    """A plain value with the type somebody says it has. Raises NoValue when it is not of that type."""
    made: dict[MetricType, Any] = {
        "BIGINT": int,
        "DOUBLE": float,
        "STRING": str,
        "ARRAY": list,
        "BOOLEAN": bool,
    }
    try:
        _, text = encode(made[data_type](value) if data_type in made else value)
    except (TypeError, ValueError) as error:
        raise NoValue(f"the value {value!r} is not a {data_type}.") from error
    return data_type, text


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectKey:
    """Which object a metric or verdict is about."""

    project: str
    type: ObjectType
    name: str
    partition: str = NOT_PARTITIONED


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricValue:
    """One value of one metric at one moment. `value` is text; `number` its numeric twin when it has one."""

    key: ObjectKey
    metric_id: str
    data_type: MetricType
    value: str
    computed_at: datetime
    origin: Origin = "manual"
    run_id: str = ""
    evaluation_id: str = ""

    @property
    def number(self) -> float | None:
        """The value as a number, or None for texts, lists and dates."""
        if self.data_type in ("BIGINT", "DOUBLE"):
            return float(self.value)
        return float(self.value == "true") if self.data_type == "BOOLEAN" else None

    def get_value(self) -> Any:
        """The value as Python would say it: int, float, bool, list or text; dates stay ISO text."""
        match self.data_type:
            case "BIGINT":
                return int(self.value)
            case "DOUBLE":
                return float(self.value)
            case "BOOLEAN":
                return self.value == "true"
            case "ARRAY":
                return json.loads(self.value)
        return self.value


@dataclass(frozen=True, slots=True)
class Unavailable:
    """What a probe gives instead of a value when there cannot be one: the reason, for people."""

    reason: str


class Probe(Kind):
    """A configured computation that yields one or more metrics of an object.

    Expression probes implement `expressions(table, ctx)`: metric id → an Ibis scalar over the table (or
    `Unavailable`), so that all probes of a dataset become one query. Others implement `measure(ctx)`: metric id →
    plain value, list, `(value, type)` or `Unavailable`. `SERVES` names the types of object it can measure.
    """

    FAMILY: ClassVar[str] = "probes"
    SERVES: ClassVar[frozenset[str]] = frozenset({"dataset"})

    name: str = Field(
        default="", description="Distinguishes two probes of one kind; part of some metric ids."
    )
    enabled: bool = Field(default=True, description="Off: never computed.")
    on_build: bool = Field(default=False, description="Compute after every build of the object.")

    def expressions(self, table: Any, ctx: MeasureContext) -> Mapping[str, Any]:
        return {}

    def measure(self, ctx: MeasureContext) -> Mapping[str, Any]:
        return {}

    def metric_ids(self, columns: Sequence[str] = ()) -> Sequence[str]:
        """The ids this probe will yield, as far as they are known without computing."""
        return ()
