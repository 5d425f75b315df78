"""What happens around one recipe: build metrics, on-build checks, models and evaluations it keeps."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from penstock.core import metric, registry
from penstock.core.errors import Aborted
from penstock.core.evaluation import Evaluation, EvaluationStore
from penstock.core.job import JobState
from penstock.core.metric import ObjectKey
from penstock.core.model import ModelVersion, SavedModel
from penstock.core.node import Node
from penstock.runtime import jobs, logs
from penstock.runtime.activities import Gate

from .stage import Act, Do, Rows, a_node, a_project, change, do


@pytest.fixture(autouse=True)
def acts() -> Iterator[dict[str, Act]]:
    Do.ACTS.clear()
    yield Do.ACTS
    Do.ACTS.clear()


CHAIN = {"make": do("", "a"), "copy": do("a", "b")}


def last(node: Node, name: str) -> dict[str, str]:
    values = node.metrics.last(ObjectKey(project="P", type="dataset", name=name))
    return {id: value.value for id, value in values.items()}


def row_count(**bounds: float) -> Any:
    return registry.parse(
        "checks",
        {
            "type": "numeric_range",
            "name": "rows",
            "metric": "records:COUNT_RECORDS",
            "on_build": True,
            **bounds,
        },
    )


def counted() -> Any:
    return registry.parse("probes", {"type": "records", "on_build": True})


@pytest.mark.requirement("A48")
def test_every_build_leaves_its_start_duration_and_success(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project(CHAIN))
    job = jobs.build(node, "P", ["a"])
    found = last(node, "a")
    assert found[metric.BUILD_SUCCESS] == "true"
    assert int(found[metric.BUILD_DURATION]) >= 0
    assert found[metric.BUILD_START_DATE] >= (job.created_at).isoformat()
    assert found[metric.WARNING_COUNT] == "0"


@pytest.mark.requirement("A48")
def test_a_failed_build_leaves_them_too(tmp_path: Path, acts: dict[str, Act]) -> None:
    acts["fail"] = lambda ctx: 1 / 0  # type: ignore[assignment, return-value]
    node = a_node(tmp_path, a_project({"make": do("", "a", "fail")}))
    jobs.build(node, "P", ["a"], no_fail=True)
    found = last(node, "a")
    assert found[metric.BUILD_SUCCESS] == "false"
    assert metric.BUILD_START_DATE in found
    assert metric.BUILD_DURATION in found


@pytest.mark.requirement("A47")
def test_size_files_and_columns_are_measured_by_a_build_and_records_only_when_asked(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project(CHAIN, datasets={"b": Rows(probes=(counted(),))}))
    jobs.build(node, "P", ["b"])
    assert {"basic:SIZE", "basic:COUNT_FILES", "basic:COUNT_COLUMNS"} <= last(node, "a").keys()
    assert "records:COUNT_RECORDS" not in last(node, "a")
    assert last(node, "b")["records:COUNT_RECORDS"] == "1"


@pytest.mark.requirement("A52")
def test_an_on_build_error_fails_the_job_after_the_data_is_written_and_stops_what_follows(
    tmp_path: Path,
) -> None:
    strict = Rows(probes=(counted(),), checks=(row_count(minimum=100),))
    node = a_node(tmp_path, a_project(CHAIN, datasets={"a": strict}))
    job = jobs.build(node, "P", ["b"], no_fail=True)
    assert job.state is JobState.FAILED
    assert "'rows' of a says ERROR: " in job.error
    assert node.data.snapshot("P", "a") is not None
    assert node.data.snapshot("P", "b") is None
    assert jobs.preview(node, "P", ["b"]).activities[0].reason == "last build failed"


@pytest.mark.requirement("A52")
def test_the_build_goes_on_where_the_dataset_allows_it(tmp_path: Path) -> None:
    lenient = Rows(probes=(counted(),), checks=(row_count(minimum=100),), continue_on_rule_error=True)
    node = a_node(tmp_path, a_project(CHAIN, datasets={"a": lenient}))
    job = jobs.build(node, "P", ["b"])
    assert (job.state, job.warnings) == (JobState.DONE, 1)
    assert node.data.snapshot("P", "b") is not None


@pytest.mark.requirement("A52")
def test_an_on_build_warning_never_stops_anything(tmp_path: Path) -> None:
    soft = Rows(probes=(counted(),), checks=(row_count(soft_minimum=100),))
    node = a_node(tmp_path, a_project(CHAIN, datasets={"a": soft}))
    job = jobs.build(node, "P", ["b"])
    assert (job.state, job.warnings) == (JobState.DONE, 1)
    assert node.data.snapshot("P", "b") is not None


def a_version(node: Node, id: str) -> ModelVersion:
    return ModelVersion(
        project="P", model="m", id=id, name=id, created_at=node.clock.now(), prediction_type="binary",
        target="t", algorithm="dummy",
    )  # fmt: skip


@pytest.mark.requirement("A31", "M91")
def test_a_kept_version_makes_its_readers_stale_and_recursion_never_trains(
    tmp_path: Path, acts: dict[str, Act]
) -> None:  # fmt: skip
    def train(ctx: Any) -> None:
        files = ctx.work / "model"
        files.mkdir()
        (files / "model.bin").write_bytes(b"x")
        ctx.keep_version(a_version(node, f"v{len(node.models.versions('P', 'm'))}"), files, activate=True)

    def score(ctx: Any) -> None:
        ctx.write("scored", pa.table({"version": [ctx.models().active("P", "m")]}))

    acts["train"], acts["score"] = train, score
    recipes = {"train": do("", "m", "train"), "score": do("m", "scored", "score")}
    node = a_node(tmp_path, a_project(recipes, models={"m": SavedModel()}))
    assert jobs.preview(node, "P", ["scored"], "all").recipes == ("score",)
    jobs.build(node, "P", ["m"])
    jobs.build(node, "P", ["scored"])
    assert jobs.preview(node, "P", ["scored"]).activities == ()
    jobs.build(node, "P", ["m"])
    assert [v.id for v in node.models.versions("P", "m")] == ["v1", "v0"]
    made = jobs.preview(node, "P", ["scored"])
    assert [a.reason for a in made.activities] == ["input m changed: another version is active"]


def test_an_evaluation_is_kept_with_its_metrics_only_when_the_recipe_ends_well(
    tmp_path: Path, acts: dict[str, Act]
) -> None:  # fmt: skip
    def evaluate(ctx: Any) -> None:
        found = Evaluation(
            project="P", store="mes", id=ctx.variables["id"], name="e", created_at=node.clock.now(),
            prediction_type=None, metrics={metric.DATA_DRIFT: 0.55},
        )  # fmt: skip
        ctx.keep_evaluation(found, detail={}, sample=None)
        if ctx.variables["id"] == "bad":
            raise RuntimeError

    acts["evaluate"] = evaluate
    node = a_node(
        tmp_path,
        a_project({"evaluate": do("", "mes", "evaluate")}, evaluation_stores={"mes": EvaluationStore()}),
    )
    for id in ("good", "bad"):
        jobs.build(node, "P", ["mes"], "only", no_fail=True, options=jobs.Options(variables={"id": id}))
    assert [e.id for e in node.evaluations.list("P", "mes")] == ["good"]
    key = ObjectKey(project="P", type="evaluation_store", name="mes")
    assert node.metrics.last(key)[metric.DATA_DRIFT].number == 0.55


def test_an_evaluation_store_is_up_to_date_once_it_was_built(tmp_path: Path, acts: dict[str, Act]) -> None:
    def evaluate(ctx: Any) -> None:
        found = Evaluation(
            project="P", store="mes", id="e", name="e", created_at=node.clock.now(), prediction_type=None
        )
        ctx.keep_evaluation(found, detail={}, sample=None)

    acts["evaluate"] = evaluate
    node = a_node(
        tmp_path,
        a_project({"evaluate": do("", "mes", "evaluate")}, evaluation_stores={"mes": EvaluationStore()}),
    )
    jobs.build(node, "P", ["mes"])
    assert jobs.preview(node, "P", ["mes"]).activities == ()
    change(node, recipes={"evaluate": do("", "mes", "evaluate", condition="x")})
    assert jobs.preview(node, "P", ["mes"]).activities[0].reason == "its recipe changed: condition"


def test_parquet_of_a_dataset_is_its_snapshot(tmp_path: Path, acts: dict[str, Act]) -> None:
    def copy(ctx: Any) -> None:
        (file,) = ctx.parquet("a")
        assert file in node.data.files("P", "a")
        reader = ctx.query("SELECT n + 1 AS n FROM a", {"a": [file]})
        ctx.write("b", reader)

    acts["copy"] = copy
    node = a_node(tmp_path, a_project({"make": do("", "a"), "copy": do("a", "b", "copy")}))
    job = jobs.build(node, "P", ["b"])
    assert "b: 1 row" in logs.read(node, job.id, "copy")


def test_a_gate_opens_for_one_side_only() -> None:
    for _ in range(200):
        gate, outcome = Gate(), list[str]()
        ready = threading.Barrier(2)

        def enter(gate: Gate = gate, outcome: list[str] = outcome, ready: threading.Barrier = ready) -> None:
            ready.wait()
            try:
                gate.enter()
                outcome.append("swapped")
            except Aborted:
                pass

        thread = threading.Thread(target=enter)
        thread.start()
        ready.wait()
        if gate.shut():
            outcome.append("given up")
        thread.join()
        assert len(outcome) == 1
