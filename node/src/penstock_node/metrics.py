"""What is counted of the queries: per service, endpoint and generation, mergeable over processes; Prometheus' text."""

from __future__ import annotations

import bisect
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""
LAST = 1000
"""Times kept for p50 and p95."""

Key = tuple[str, str, str]
"""Service, endpoint, generation."""


class Counted:
    """The queries of one endpoint of one generation in this process."""

    __slots__ = ("buckets", "errors", "last", "records", "requests", "seconds", "shadows", "turned_away")

    def __init__(self) -> None:
        self.requests = self.errors = self.records = self.turned_away = self.shadows = 0
        self.seconds = 0.0
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.last: deque[float] = deque(maxlen=LAST)

    def add(self, seconds: float, *, records: int = 1, failed: bool = False) -> None:
        self.requests += 1
        self.records += records
        self.errors += failed
        self.seconds += seconds
        self.buckets[bisect.bisect_left(BOUNDS, seconds)] += 1
        self.last.append(seconds)

    def told(self) -> dict[str, Any]:
        """As plain values, to be merged with other processes'."""
        names = ("requests", "errors", "records", "turned_away", "shadows", "seconds", "buckets")
        return {**{name: getattr(self, name) for name in names}, "last": list(self.last)}


def merged(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The counts of several processes as one."""
    total = Counted()
    last: list[float] = []
    for part in parts:
        for name in ("requests", "errors", "records", "turned_away", "shadows", "seconds"):
            setattr(total, name, getattr(total, name) + part[name])
        total.buckets = [a + b for a, b in zip(total.buckets, part["buckets"], strict=True)]
        last += part["last"]
    return {**total.told(), "last": last}


def summary(counts: Mapping[str, Any]) -> dict[str, Any]:
    """For people: count, errors, mean, p50 and p95 in milliseconds of the last queries."""
    times = sorted(counts["last"])
    requests = counts["requests"]
    return {
        "count": requests, "records": counts["records"], "errors": counts["errors"],
        "errorRate": counts["errors"] / requests if requests else None, "rejected": counts["turned_away"],
        "shadows": counts["shadows"], "mean": 1000 * counts["seconds"] / requests if requests else None,
        "p50": _at(times, 0.5), "p95": _at(times, 0.95), "p99": _at(times, 0.99),
    }  # fmt: skip


def _at(times: list[float], share: float) -> float | None:
    return 1000 * times[min(len(times) - 1, int(share * len(times)))] if times else None


def exposition(
    counts: Mapping[Key, Mapping[str, Any]],
    drift: Mapping[Key, Mapping[str, float]],
    plain: Mapping[str, tuple[str, str, float]],
) -> str:
    """Prometheus' text form. `drift`: key → feature → PSI. `plain`: name → (type, help, value)."""
    lines: list[str] = []
    for name, field, about in _COUNTERS:
        lines += [f"# HELP {name} {about}", f"# TYPE {name} counter"]
        lines += [f"{name}{{{_labels(key)}}} {found[field]}" for key, found in counts.items()]
    lines += _histogram(counts)
    lines += [f"# HELP {_PSI} {_PSI_HELP}", f"# TYPE {_PSI} gauge"]
    for key, features in drift.items():
        lines += [
            f'{_PSI}{{{_labels(key)},feature="{_escaped(f)}"}} {psi:.6g}' for f, psi in features.items()
        ]
    for name, (kind, about, value) in plain.items():
        lines += [f"# HELP {name} {about}", f"# TYPE {name} {kind}", f"{name} {value:g}"]
    return "\n".join(lines) + "\n"


_COUNTERS = (
    ("penstock_requests_total", "requests", "Queries answered or failed."),
    ("penstock_records_total", "records", "Records in them."),
    ("penstock_errors_total", "errors", "Queries that failed with a status of 500 or above."),
    ("penstock_rejected_total", "turned_away", "Queries turned away because the queue was full or slow."),
    ("penstock_shadow_total", "shadows", "Queries a shadow generation answered unheard."),
)
_SECONDS = "penstock_request_seconds"
_PSI = "penstock_live_drift_psi"
_PSI_HELP = "Population stability index of the last queries against the test set of the model version."


def _histogram(counts: Mapping[Key, Mapping[str, Any]]) -> list[str]:
    lines = [f"# HELP {_SECONDS} Time to answer.", f"# TYPE {_SECONDS} histogram"]
    for key, found in counts.items():
        labels, total = _labels(key), 0
        for bound, count in zip((*BOUNDS, "+Inf"), found["buckets"], strict=True):
            total += count
            lines.append(f'{_SECONDS}_bucket{{{labels},le="{bound}"}} {total}')
        lines += [
            f"{_SECONDS}_sum{{{labels}}} {found['seconds']:.6f}",
            f"{_SECONDS}_count{{{labels}}} {total}",
        ]
    return lines


def _labels(key: Key) -> str:
    names = ("service", "endpoint", "generation")
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in zip(names, key, strict=True))


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
