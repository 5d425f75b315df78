"""Recipes with `engine: spark`: the numbers of one machine, computed by Spark's workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from penstock.core.node import Node
from penstock.core.registry import parse
from penstock.runtime import evaluations
from tests.kinds.recipes.fraud import add, fill, recipe, run, table, trained, transactions
from tests.servers import SPARK

pytestmark = pytest.mark.slow


@pytest.fixture
def node(tmp_path: Path, spark: Any) -> Node:
    """A node with a trained model and a Spark, which the whole test process shares."""
    node = trained(tmp_path)
    cluster: Any = parse("connections", SPARK)
    node.connections.save("cluster", cluster)
    return node


def test_visual_recipes_give_what_they_give_on_one_machine(node: Node) -> None:
    fill(node, "new", transactions(500))
    words: dict[str, Any] = {
        "keys": ["sector"],
        "aggregates": [{"column": "amount", "functions": ["sum", "avg", "min", "median", "first", "last"]}],
    }
    add(node, here=recipe("group", input="new", output="local_groups", **words),
        there=recipe("group", input="new", output="spark_groups", engine="spark", **words))  # fmt: skip
    run(node, "here")
    run(node, "there")
    local, spark = table(node, "local_groups"), table(node, "spark_groups")
    assert spark.schema.equals(local.schema)
    assert spark.drop_columns(["amount_sum", "amount_avg"]).equals(
        local.drop_columns(["amount_sum", "amount_avg"])
    )
    for name in ("amount_sum", "amount_avg"):
        assert np.allclose(spark[name].to_numpy(), local[name].to_numpy(), rtol=1e-12)


def test_scores_of_workers_equal_those_of_one_machine(node: Node) -> None:
    rows = transactions(40_000)
    fill(node, "new", rows)
    for name, engine in {"local_scored": "local", "spark_scored": "spark"}.items():
        add(
            node,
            **{
                f"score_{engine}": recipe(
                    "score", input="new", model="authorized", output=name, engine=engine
                )
            },
        )
        run(node, f"score_{engine}")
    local, spark = table(node, "local_scored"), table(node, "spark_scored")
    assert spark.schema.equals(local.schema)
    assert spark["transaction_id"].equals(rows["transaction_id"])
    assert spark["prediction"].equals(local["prediction"])
    assert np.abs(spark["proba_1"].to_numpy() - local["proba_1"].to_numpy()).max() < 1e-9


def test_an_evaluation_on_spark_finds_the_same_metrics_and_drift(node: Node) -> None:
    fill(node, "new", transactions(3_000, seed=5, shift=0.5))
    found = {}
    for engine, store in {"local": "mes", "spark": "other"}.items():
        name = f"evaluate_{engine}"
        add(node, **{name: recipe("evaluate", input="new", model="authorized", store=store, engine=engine)})
        said = node.runs.log_path(run(node, name).id, name).read_text()
        assert ("profiled by Spark's workers" in said) == (engine == "spark")
        found[engine] = evaluations.newest(node, "P", store)
    local, spark = dict(found["local"].metrics), dict(found["spark"].metrics)
    assert set(local) == set(spark)
    assert {k: spark[k] for k in local} == pytest.approx(local, abs=1e-9)
    assert any(k.startswith("drift") for k in local), sorted(local)
