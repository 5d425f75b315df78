"""Forecasting from end to end: trained, packed, answered by a real-time node as a batch says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import Refused
from penstock.core.node import Node
from penstock.deploy import service_queries, services
from penstock.testing import KEY, build, rows
from tests.ml.shops import sales
from tests.node.packages import Design, node
from tests.web.pages.shopping import shops

HORIZON = 5


def items(days: int = 120, ahead: int = HORIZON, last: int = 20) -> list[dict[str, Any]]:
    """The last rows of each shop as JSON has them."""
    found = []
    for shop in ("A", "B"):
        own = [row for row in sales(days, ahead=ahead).to_pylist() if row["shop"] == shop]
        found += [{**row, "day": row["day"].isoformat()} for row in own[-last - ahead :]]
    return found


@pytest.fixture
def studio(tmp_path: Path) -> Node:
    made = shops(tmp_path)
    services.create(made, KEY, "Demand", author="ann", name="demand", model="demand")
    return made


@pytest.mark.requirement("D55")
@pytest.mark.slow
def test_a_node_answers_exactly_the_horizon_of_each_series_as_the_batch_says(
    studio: Node, tmp_path: Path
) -> None:
    services.create_version(studio, KEY, "demand", "v1", author="ann")
    build(studio, "ahead", key=KEY)
    batch = rows(studio, "ahead")
    signer = Design(studio.config.home)
    signer.keys = studio.node_keys  # type: ignore[assignment]
    with node(tmp_path / "api", signer) as running:
        running.deploy(services.archive(studio, KEY, "demand", "v1"), "demand")
        status, told = running.post(
            "demand/forecast_demand/forecast", {"items": items(), "context": {"by": "x"}}
        )
        assert status == 200, told
        results = told["results"]
        assert len(results) == HORIZON * 2
        assert [r["time"] for r in results[:HORIZON]] == [
            f"2024-{day}T00:00:00.000000Z" for day in ("04-30", "05-01", "05-02", "05-03", "05-04")
        ]
        assert [r["timeseriesIdentifier"] for r in results[::HORIZON]] == [{"shop": "A"}, {"shop": "B"}]
        for result in results:
            assert result["ignored"] is False
            assert result["quantiles"] == [0.1, 0.5, 0.9]
            assert result["quantilesValues"] == sorted(result["quantilesValues"])
        assert [r["forecast"] for r in results] == pytest.approx([r["forecast"] for r in batch], abs=1e-6)
        assert [r["quantilesValues"][2] for r in results] == pytest.approx(
            [r["quantile_0.9"] for r in batch], abs=1e-6
        )

        past = [item for item in items() if item["sales"] is not None]
        status, told = running.post("demand/forecast_demand/forecast", {"items": past})
        assert status == 400
        assert "holiday" in told["message"]
        assert "2024-04-30" in told["message"]
        lines = [line for line in running.journal() if line["msgType"] == "forecast-query"]
        assert lines[0]["features"] == {"shop": "A", "day": "2024-04-30T00:00:00.000000Z"}
        assert lines[0]["context"] == {"by": "x"}
        assert lines[-1]["error"]["status"] == 400


@pytest.mark.requirement("D55")
def test_the_recipe_writes_the_horizon_behind_the_last_row_of_each_series(studio: Node) -> None:
    build(studio, "ahead", key=KEY)
    found = rows(studio, "ahead")
    assert [(r["shop"], r["day"].isoformat()) for r in found] == [
        (shop, day)
        for shop in "AB"
        for day in ("2024-04-30", "2024-05-01", "2024-05-02", "2024-05-03", "2024-05-04")
    ]
    assert list(found[0]) == ["shop", "day", "forecast", "quantile_0.1", "quantile_0.5", "quantile_0.9"]


def test_test_queries_are_made_one_a_series_and_asked_in_the_studio(studio: Node) -> None:
    for dataset in (
        "latest",
        "sales",
    ):  # one knows the holidays ahead, of the other the last days are asked for
        service_queries.generate(
            studio, KEY, "demand", "forecast_demand", dataset=dataset, rows=2, author="ann"
        )
    asked = service_queries.run(studio, KEY, "demand")
    assert [run.name for run in asked] == ["latest A", "latest B", "sales A", "sales B"]
    for run in asked:
        assert run.status == 200, run.answer
        assert len(run.answer["results"]) == HORIZON
    assert asked[1].answer["results"][0]["timeseriesIdentifier"] == {"shop": "B"}
    assert asked[2].answer["results"][0]["time"] == "2024-04-25T00:00:00.000000Z"


def test_an_endpoint_refuses_the_other_sort_of_model(studio: Node) -> None:
    services.save_endpoint(
        studio, KEY, "demand", {"type": "prediction", "name": "wrong", "model": "demand"}, author="ann"
    )
    with pytest.raises(Refused, match="continues series"):
        services.create_version(studio, KEY, "demand", "v1", author="ann")


def test_the_document_of_a_service_tells_what_a_forecast_is_asked_with(studio: Node) -> None:
    services.save(studio, KEY, "demand", {**services.show(studio, KEY, "demand").service.to_mapping(), "openapi": True},
                  author="ann")  # fmt: skip
    services.create_version(studio, KEY, "demand", "v1", author="ann")
    manifest = services.manifest(studio, KEY, "demand", "v1")
    from penstock.deploy import openapi

    told = openapi.document(manifest)["paths"]["/forecast_demand/forecast"]["post"]
    item = told["parameters"][0]["schema"]["properties"]["items"]["items"]["properties"]
    assert set(item) == {"shop", "day", "holiday", "sales"}
