"""Test queries for endpoints that forecast: one for each series of a dataset, with its last rows and those ahead."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from penstock.core import registry
from penstock.core.forecasting import ForecastDesign
from penstock.core.service import TestQuery
from penstock.deploy import service_packing as packing
from penstock.runtime import datasets

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.service import Endpoint
    from penstock.ml.series import Series


def made(node: Node, project: str, endpoint: Endpoint, dataset: str, most: int) -> Sequence[TestQuery]:
    """A query for each of the first series. Where externals ahead are needed and the dataset ends with its last value,
    the last horizon is asked for, its values left out. Raises what reading the rows raises."""
    from penstock.ml import series

    design = _design(node, project, endpoint)
    table = datasets.arrow(node, project, dataset)
    table = table.select([name for name in design.columns if name in table.column_names])
    found = series.read(table, design, where=dataset, externals=False)[:most]
    return [
        TestQuery(name=f"{dataset} {' '.join(one.key)}".strip(), query={"items": list(_items(one, design))})
        for one in found
    ]


def _design(node: Node, project: str, endpoint: Endpoint) -> ForecastDesign:
    loaded = node.projects.load(project)
    packed = packing.model_of(node, loaded, endpoint)
    key, model = loaded.home_of(packed.model)
    told = json.loads(
        (node.models.files(key, model, packed.version) / "manifest.json").read_text(encoding="utf-8")
    )
    return registry.validate(ForecastDesign, told["design"])


def _items(one: Series, design: ForecastDesign) -> Iterator[dict[str, Any]]:
    """JSON rows: a window of values, then the horizon where externals are needed."""
    from penstock.ml import time_steps, time_zones

    kept_back = design.horizon if design.externals and len(one.ahead) < design.horizon else 0
    end = len(one) - kept_back
    past = range(max(0, end - design.window_steps), end)
    key = dict(zip(design.series, one.key, strict=True))
    times = time_zones.instants(one.times, design)
    for place in past:
        yield {**key, design.time: time_steps.text(times[place]), design.target: float(one.values[place])}
    if design.externals:
        ahead = times[end:] if kept_back else time_zones.instants(one.ahead[: design.horizon], design)
        known = one.externals[end:] if kept_back else one.known[: design.horizon]
        for instant, row in zip(ahead, known.tolist(), strict=True):
            yield {
                **key,
                design.time: time_steps.text(instant),
                **dict(zip(design.externals, row, strict=True)),
            }
