"""The user API: paths, JSON, errors and codes that clients of the field's API nodes know."""

from __future__ import annotations

import base64
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from penstock.core.service import hashed
from penstock.ml import model_file

from .packages import QUERY, Design, RunningNode, _model, node


@pytest.mark.requirement("D41", "D42")
def test_a_prediction_says_what_the_batch_path_says(running: RunningNode, design: Design) -> None:
    import pyarrow as pa

    status, told = running.post("flights/late/predict", {**QUERY, "context": {"order": "A-77"}})
    assert status == 200
    assert set(told) == {"result", "timing", "apiContext"}
    result = told["result"]
    assert told["apiContext"] == {"serviceId": "flights", "endpointId": "late", "serviceGeneration": "v1"}
    batch = model_file.load(_model(design.home, 10)).predict(pa.Table.from_pylist([QUERY["features"]]))
    assert batch.proba is not None
    assert list(result["probas"].values()) == pytest.approx(batch.proba[0].tolist(), abs=1e-6)
    assert result["prediction"] == str(batch.labels[0])
    assert all(isinstance(v, int) for v in told["timing"].values())


@pytest.mark.requirement("D43")
def test_many_records_are_answered_in_order_and_a_bad_one_hurts_no_other(running: RunningNode) -> None:
    items: list[Any] = [{"features": {**QUERY["features"], "age": a}} for a in (-3.0, 3.0)]
    status, told = running.post("flights/late/predict-multi", {"items": [items[0], {"nothing": 1}, items[1]]})
    assert status == 200
    first, bad, last = told["results"]
    assert bad["ignored"] is True
    assert first["probas"]["1"] < last["probas"]["1"]
    alone = running.post("flights/late/predict", items[0])[1]["result"]
    assert first == alone


@pytest.mark.requirement("D44")
def test_a_query_string_says_the_same_as_a_body(running: RunningNode) -> None:
    text = "age=0.4&count=2&city=Bonn&member=true&when=2024-03-01T10:00:00"
    status, told, _ = running.ask("GET", f"/public/api/v1/flights/late/predict-simple?{text}")
    assert status == 200
    assert told["result"] == running.post("flights/late/predict", QUERY)[1]["result"]


@pytest.mark.requirement("D45")
def test_odd_features_are_told_and_never_an_error(running: RunningNode) -> None:
    status, told = running.post(
        "flights/late/predict", {"features": {"age": "many", "shoe": 43, "city": "Ulm"}}
    )
    assert status == 200
    assert len(told["result"]["warnings"]) == 2


@pytest.mark.requirement("D45")
@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "flights/late/predict", b"{not json", 400),
        ("POST", "flights/late/predict", b"[1, 2]", 400),
        ("POST", "flights/late/predict", b"{}", 400),
        ("POST", "flights/late/predict", b'{"features": [1]}', 400),
        ("POST", "flights/late/predict", b'{"features": {}, "dispatch": {"forcedGeneration": "v9"}}', 400),
        ("POST", "flights/late/predict", b"[" * 100_000, 400),
        ("POST", "flights/late/forecast", b"{}", 404),
        ("POST", "flights/early/predict", b"{}", 404),
        ("POST", "trains/late/predict", b"{}", 404),
        ("POST", "flights", b"{}", 404),
        ("GET", "flights/swagger", None, 404),
        ("GET", "flights/late/predict", None, 405),
        ("POST", "flights/late/predict-simple", b"{}", 405),
        ("DELETE", "flights/late/predict", None, 405),
        ("POST", "flights/late/predict", b"x" * 300_000, 413),
        ("POST", "flights/odd/run", b"{}", 500),
    ],
)
def test_what_goes_wrong_is_json_with_its_status(
    running: RunningNode, method: str, path: str, body: bytes | None, status: int
) -> None:
    found, told, headers = running.ask(method, f"/public/api/v1/{path}", raw=body)
    assert found == status
    assert set(told) == {"errorType", "message", "detailedMessage"}
    assert "Traceback" not in json.dumps(told)
    assert headers["dss-api-version"] == "1"


def test_a_function_is_called_by_names(running: RunningNode) -> None:
    status, told = running.post("flights/add/run", {"a": 2, "b": 3})
    assert (status, told["response"]) == (200, 5)


@pytest.mark.requirement("D62")
def test_with_one_at_work_and_one_waiting_the_third_is_turned_away(running: RunningNode) -> None:
    found: list[int] = []
    arrived = threading.Barrier(3)

    def ask() -> None:
        arrived.wait()
        found.append(running.post("flights/slow/run", {"seconds": 1.0})[0])

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200, 200, 503]
    assert running.post("flights/slow/run", {"seconds": 0})[0] == 200


@pytest.mark.requirement("D60")
def test_a_node_that_shall_not_be_asked_says_so_and_answers_all_the_same(running: RunningNode) -> None:
    assert running.ask("GET", "/isAlive/")[0] == 200
    flag = running.home / "apinode-not-alive.txt"
    flag.touch()
    try:
        assert running.ask("GET", "/isAlive/")[0] == 503
        assert running.post("flights/late/predict", QUERY)[0] == 200
    finally:
        flag.unlink()


@pytest.mark.requirement("D46", "D47")
def test_a_key_opens_its_service_and_nothing_else(tmp_path: Path, design: Design) -> None:
    keys = [{"id": "a", "hash": hashed("sk_one")}, {"id": "b", "hash": hashed("sk_two")}]
    closed = design.package(change={"access": {"method": "api_keys", "keys": keys}})
    with node(tmp_path / "node", design) as running:
        running.deploy(closed)
        basic = base64.b64encode(b"sk_one:").decode()
        path = "flights/late/predict"
        assert running.post(path, QUERY)[0] == 401
        assert running.post(path, QUERY, headers={"Authorization": "Bearer wrong"})[0] == 401
        assert running.post(path, QUERY, headers={"Authorization": f"Bearer {running.key}"})[0] == 401
        assert running.post(path, QUERY, headers={"Authorization": "Bearer sk_two"})[0] == 200
        assert running.post(path, QUERY, headers={"Authorization": f"Basic {basic}"})[0] == 200
        service_key = {"Authorization": "Bearer sk_one"}
        assert running.ask("GET", "/admin/api/services", headers=service_key)[0] == 401
        less = {"access": {"method": "api_keys", "keys": keys[1:]}}
        assert running.admin("PUT", "services/flights/settings", less)[0] == 200
        assert running.post(path, QUERY, headers=service_key)[0] == 401
        assert running.post(path, QUERY, headers={"Authorization": "Bearer sk_two"})[0] == 200
    events = running.journal()
    assert {e["apiKey"] for e in events if e["msgType"] == "prediction-query"} == {"a", "b"}
    assert "sk_" not in "".join(p.read_text() for p in (running.home / "journal").iterdir())


@pytest.mark.requirement("D59")
def test_the_documentation_is_served_when_the_service_wants_it(tmp_path: Path, design: Design) -> None:
    document = {"swagger": "2.0", "paths": {"/flights/late/predict": {}}}
    documented = design.package(
        change={"openapi": True}, files={"openapi.json": json.dumps(document).encode()}
    )
    with node(tmp_path / "node", design) as running:
        running.deploy(documented)
        assert running.ask("GET", "/public/api/v1/flights/swagger")[:2] == (200, document)
        only = {"access": {"method": "api_keys", "keys": [{"id": "a", "hash": hashed("sk_one")}]}}
        assert running.admin("PUT", "services/flights/settings", only)[0] == 200
        assert running.ask("GET", "/public/api/v1/flights/swagger")[0] == 401
        bearer = {"Authorization": "Bearer sk_one"}
        assert running.ask("GET", "/public/api/v1/flights/swagger", headers=bearer)[:2] == (200, document)


@pytest.mark.requirement("D61")
def test_explanations_come_when_they_are_asked(running: RunningNode) -> None:
    wish = {"enabled": True, "method": "SHAPLEY", "nExplanations": 2}
    status, told = running.post("flights/late/predict", {**QUERY, "explanations": wish})
    assert status == 200
    assert len(told["result"]["explanations"]) == 2
    assert set(told["result"]["explanations"]) <= set(QUERY["features"])
    assert "explanations" not in running.post("flights/late/predict", QUERY)[1]["result"]
    wrong = {**wish, "method": "GUESS"}
    assert running.post("flights/late/predict", {**QUERY, "explanations": wrong})[0] == 400


@pytest.mark.requirement("D62")
def test_a_query_does_not_wait_longer_than_its_pool_says(running: RunningNode) -> None:
    settings = {"pools": {"slow": {"ceil": 1, "queue": 5, "timeout": 50}}}
    assert running.admin("PUT", "services/flights/settings", settings)[0] == 200
    found: list[int] = []

    def ask() -> None:
        found.append(running.post("flights/slow/run", {"seconds": 1.0})[0])

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert running.admin("PUT", "services/flights/settings", {})[0] == 200
    assert sorted(found) == [200, 503]


@pytest.mark.requirement("D66")
def test_warm_answers_are_quick(running: RunningNode) -> None:
    import statistics
    import time

    def took(path: str, body: Any) -> float:
        began = time.perf_counter()
        assert running.post(path, body)[0] == 200
        return time.perf_counter() - began

    def p95() -> float:
        return statistics.quantiles([took("flights/late/predict", QUERY) for _ in range(40)], n=20)[-1]

    assert any(p95() < 0.05 for _ in range(10)), "others work on this machine too: one calm round is enough"
    items = {"items": [{"features": {"age": 0.1 * n, "city": "Graz"}} for n in range(1000)]}
    assert min(took("flights/late/predict-multi", items) for _ in range(5)) < 0.5


def test_replies_on_a_kept_connection_are_not_held_back(running: RunningNode) -> None:
    """A socket that waits for more to send (Nagle) costs 40 ms an answer."""
    import http.client
    import statistics
    import time

    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    times = []
    for _ in range(60):
        began = time.perf_counter()
        connection.request("POST", "/public/api/v1/flights/late/predict", json.dumps(QUERY))
        assert connection.getresponse().read()
        times.append(time.perf_counter() - began)
    connection.close()
    assert statistics.quantiles(times, n=4)[0] < 0.03
