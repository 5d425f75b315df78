"""Labels of versions and evaluations: where they come from, which one wins, and how they order an axis."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

DATE_FORMAT = "%Y-%m-%d %H:%M:%S"
"""How dates are written in automatic labels, in names of evaluations, and read back on an axis; UTC."""

EVALUATION_DATE = "evaluation:date"
EVALUATION_MODEL = "evaluation:model-name"
EVALUATION_DATASET = "evaluationDataset:dataset-name"
MODEL_NAME = "model:name"
MODEL_ALGORITHM = "model:algorithm"
MODEL_DATE = "model:date"
TRAIN_DATASET = "trainDataset:dataset-name"
TEST_DATASET = "testDataset:dataset-name"

JUDGED_FROM, JUDGED_TO = "evaluation:judged-from", "evaluation:judged-to"
"""Of evaluations of forecasts: the first and the last row that was judged, as dates."""

AUTOMATIC = (
    EVALUATION_DATE, EVALUATION_MODEL, EVALUATION_DATASET,
    MODEL_NAME, MODEL_ALGORITHM, MODEL_DATE, TRAIN_DATASET, TEST_DATASET,
)  # fmt: skip
"""The labels every evaluation of a model has by itself."""

PERIOD = re.compile(r"(19|20)\d\d(-?(0[1-9]|1[0-2])(-?[0-3]\d)?|[- ]?[QqWwHh]\d{1,2})?")
"""Years, quarters, weeks, months and days, the largest first; no times of a day, which tell one run from another."""

Axis = Literal["date", "number", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What automatic labels are read off. Empty texts stand for what there is not (a standalone evaluation)."""

    evaluated_at: datetime
    dataset: str
    model: str = ""
    version: str = ""
    algorithm: str = ""
    trained_at: datetime | None = None
    train_dataset: str = ""
    test_dataset: str = ""


def date_text(moment: datetime) -> str:
    """An instant as `2026-04-30 18:05:00`, in UTC."""
    return moment.astimezone(UTC).strftime(DATE_FORMAT)


def automatic(of: Sources) -> dict[str, str]:
    """The eight automatic labels, in order; those with nothing to say are left out."""
    values = (
        date_text(of.evaluated_at), of.model, of.dataset, of.version, of.algorithm,
        date_text(of.trained_at) if of.trained_at else "", of.train_dataset, of.test_dataset,
    )  # fmt: skip
    return {key: value for key, value in zip(AUTOMATIC, values, strict=True) if value}


def from_tags(tags: Iterable[str], domain: str) -> dict[str, str]:
    """Tags written `key:value` become labels `domain:key`; other tags are only tags."""
    pairs = (tag.split(":", 1) for tag in tags if ":" in tag)
    return {f"{domain}:{key.strip()}": value.strip() for key, value in pairs if key.strip()}


def prefixed(labels: Mapping[str, str], domain: str) -> dict[str, str]:
    """Labels under a domain: `region` becomes `model:region`; one that has the domain already keeps it."""
    return {k if k.startswith(f"{domain}:") else f"{domain}:{k}": v for k, v in labels.items()}


def merged(*layers: Mapping[str, str]) -> dict[str, str]:
    """Later layers win; a label set to an empty text is removed."""
    together = {key: value for layer in layers for key, value in layer.items()}
    return {key: value for key, value in together.items() if value != ""}


def axis(values: Iterable[str]) -> Axis:
    """Date when every value has the automatic format, else number when every one is numeric, else text."""
    values = list(values)
    if values and all(_date(value) is not None for value in values):
        return "date"
    return "number" if values and all(_number(value) is not None for value in values) else "text"


def in_order(values: Iterable[str]) -> list[str]:
    """Each value once, sorted by time, by number, or lexicographically: as `axis` says."""
    unique = list(dict.fromkeys(values))
    kind = axis(unique)
    if kind == "date":
        return sorted(unique, key=lambda value: _date(value) or datetime.min)
    return sorted(unique, key=lambda value: _number(value) or 0.0) if kind == "number" else sorted(unique)


def version_of(found: Mapping[str, str], id: str) -> str:
    """What people call the model version that was evaluated: its name, else its id."""
    return found.get(MODEL_NAME, "") or id


def are_periods(names: Iterable[str]) -> bool:
    """Whether names are months, days, quarters or years, which sort as they are written: `2013-10`, `2013-Q4`."""
    names = set(names)
    return bool(names) and all(PERIOD.fullmatch(name) for name in names)


def _date(value: str) -> datetime | None:
    try:
        return datetime.strptime(value, DATE_FORMAT)
    except ValueError:
        return None


def _number(value: str) -> float | None:
    return float(value) if re.fullmatch(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", value) else None
