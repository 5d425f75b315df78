"""A version that the studio made, answered by a real-time node: a process of its own that trusts the studio's key."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from penstock.deploy import api_journal, service_queries, services
from penstock.testing import KEY, a_project, rows
from tests.node.packages import RunningNode
from tests.web.pages.modelled import a_bank

ENDPOINT = "predict_authorized"


@pytest.mark.requirement("D42", "D48", "D63")
def test_the_studios_version_answers_on_a_node_as_in_the_designer_and_its_journal_comes_back(
    tmp_path: Path,
) -> None:
    from penstock_node.disk import Shelf
    from penstock_node.settings import Home

    design = a_bank(tmp_path)
    services.create(design, KEY, "bank", author="ann", model="authorized")
    service_queries.generate(design, KEY, "bank", ENDPOINT, dataset="april", rows=3, author="ann")
    key = services.create_key(design, KEY, "bank", author="ann")
    services.create_version(design, KEY, "bank", "v1", author="ann")
    tried = service_queries.run(design, KEY, "bank")
    node = RunningNode(tmp_path / "node", name="api1")
    Shelf(Home(node.home)).keys.trust(design.node_keys.own(), by="test", at=datetime.now(UTC))
    node.start()
    try:
        node.deploy(services.archive(design, KEY, "bank", "v1"), "bank")
        path, login = f"bank/{ENDPOINT}/predict", {"Authorization": f"Bearer {key.secret}"}
        assert node.post(path, tried[0].query)[0] == 401
        for one in tried:
            status, said = node.post(path, {**one.query, "context": {"order": one.name}}, headers=login)
            assert status == 200
            assert said["result"] == one.answer["result"]
            assert said["apiContext"]["serviceGeneration"] == "v1"
        node.stop()
        told = [line for line in node.journal() if line["msgType"] == "prediction-query"]
    finally:
        if node.process:
            node.stop()
    assert [line["context"]["order"] for line in told] == [one.name for one in tried]
    assert key.secret not in str(told)
    lines = [{"timestamp": "2026-01-02T03:04:05Z", "message": line} for line in told]
    assert api_journal.take(design, lines, sender="api1", segment="s1").kept == 3
    a_project(design, {"datasets/log": {"type": "api_log", "service": "bank", "endpoint": ENDPOINT}})
    kept = rows(design, "log")
    assert [row["message.context.order"] for row in kept] == [one.name for one in tried]
    assert kept[0]["message.result.proba_1"] == tried[0].answer["result"]["probas"]["1"]
