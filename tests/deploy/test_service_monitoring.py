"""From the journal of an API node to an evaluation: raw log rows, a zone made in one go, labels that come later."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import ColumnMissing, Conflict, Invalid, Refused, SourceNotReady
from penstock.core.node import Node
from penstock.deploy import api_journal, service_monitoring, service_queries, services
from penstock.testing import KEY, a_project, build, fill, rows
from tests.kinds.recipes.fraud import transactions
from tests.web.pages.modelled import a_bank

ENDPOINT = "predict_authorized"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_bank(tmp_path)
    services.create(node, KEY, "bank", author="ann", model="authorized")
    return node


def asked(node: Node, count: int, *, shift: float = 0.0) -> list[dict[str, Any]]:
    """Journal lines of queries that were really answered, with the transaction in their context."""
    found = transactions(count, seed=9, shift=shift).to_pylist()
    items = [{"features": {k: r[k] for k in ("amount", "card_age", "sector")}} for r in found]
    ran = service_queries.ask(node, KEY, "bank", ENDPOINT, {"items": items}, verb="predict-multi")
    return [
        line({**item, "context": {"transaction": r["transaction_id"]}}, result)
        for item, r, result in zip(items, found, ran.answer["results"], strict=True)
    ]


def line(query: Mapping[str, Any], result: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    message = {
        "msgType": "prediction-query", "project": KEY, "service": "bank", "endpoint": ENDPOINT, "generation": "v1",
        **query, "result": dict(result), **more,
    }  # fmt: skip
    return {"timestamp": "2026-01-02T03:04:05Z", "message": message}


@pytest.mark.requirement("M89", "D64")
def test_raw_log_rows_are_evaluated_with_the_answers_that_were_given(node: Node) -> None:
    made = service_monitoring.create(node, KEY, "bank", ENDPOINT, author="ann")
    api_journal.take(node, asked(node, 300, shift=1.5), sender="api1", segment="s1")
    build(node, made.store)
    found = node.evaluations.latest(KEY, made.store)
    assert found is not None
    assert found.rows == 300
    assert found.metrics["drift:DATA_DRIFT"] > 0.7, "cards are much older than in the training data"
    assert not any(name.startswith("performance:") for name in found.metrics)
    zone = node.projects.load(KEY).zones.zones[made.zone]
    assert set(zone.items) == {made.log, made.store}
    assert node.projects.load(KEY).evaluation_store(made.store).checks
    with pytest.raises(Conflict, match="monitored"):
        service_monitoring.create(node, KEY, "bank", ENDPOINT, author="ann")


@pytest.mark.requirement("M89")
def test_labels_that_come_later_fill_the_evaluation_in(node: Node) -> None:
    lines = asked(node, 200)
    truth = transactions(200, seed=9).select(["transaction_id", "authorized_flag"])
    a_project(node, {"datasets/truth": {"type": "managed"}})
    fill(node, "truth", truth.slice(0, 50))
    api_journal.take(node, lines, sender="api1", segment="s1")
    made = service_monitoring.create(
        node,
        KEY,
        "bank",
        ENDPOINT,
        author="ann",
        labels="truth",
        key="transaction",
        label_key="transaction_id",
    )
    build(node, made.store, mode="recursive")
    first = node.evaluations.latest(KEY, made.store)
    assert first is not None
    assert (first.rows, node.evaluations.detail(first)["dataset"]["unlabelled"]) == (200, 150)
    assert 0.5 < first.metrics["performance:auc"] <= 1
    fill(node, "truth", truth)
    build(node, made.store, mode="recursive")
    second = node.evaluations.latest(KEY, made.store)
    assert second is not None
    assert second.id != first.id
    assert node.evaluations.detail(second)["dataset"]["unlabelled"] == 0
    assert second.metrics["performance:auc"] != first.metrics["performance:auc"]


def test_the_same_segment_again_counts_once_and_shadows_lie_beside(node: Node) -> None:
    lines = [line({"features": {"amount": n}}, {"prediction": "1"}) for n in range(3)]
    shadow = line({"features": {"amount": 9}}, {"prediction": "0"}, shadow=True)
    for _ in range(2):
        taken = api_journal.take(node, [*lines, shadow, {"message": {}}, {}], sender="api1", segment="s1")
    assert (taken.kept, taken.unknown) == (4, 2)
    api_journal.take(node, lines[:1], sender="api2", segment="s1")
    log = {"type": "api_log", "service": "bank", "endpoint": ENDPOINT}
    a_project(node, {"datasets/log": log, "datasets/shadows": {**log, "shadow": True}})
    assert sorted(r["message.features.amount"] for r in rows(node, "log")) == [0, 0, 1, 2]
    assert [r["message.result.prediction"] for r in rows(node, "shadows")] == ["0"]


def test_names_that_lead_elsewhere_are_refused(node: Node) -> None:
    for sender, segment in (("../x", "s"), ("n", "a/b"), (".n", "s"), ("n", "")):
        with pytest.raises(Invalid):
            api_journal.take(node, [], sender=sender, segment=segment)


def test_an_endpoint_nobody_asked_yet_says_so(node: Node) -> None:
    made = service_monitoring.create(node, KEY, "bank", ENDPOINT, author="ann")
    with pytest.raises(SourceNotReady, match="journal of endpoint"):
        rows(node, made.log)


def test_labels_need_the_key_and_the_target_and_a_function_is_not_monitored(node: Node) -> None:
    a_project(node, {"datasets/truth": {"type": "managed", "columns": [{"name": "id", "type": "bigint"}]}})
    with pytest.raises(ColumnMissing, match="authorized_flag"):
        service_monitoring.create(node, KEY, "bank", ENDPOINT, author="ann", labels="truth", key="id")
    function = {"type": "python_function", "name": "f", "code": "def f(): return 1"}
    services.save_endpoint(node, KEY, "bank", function, author="ann")
    with pytest.raises(Refused, match="no model"):
        service_monitoring.create(node, KEY, "bank", "f", author="ann")
