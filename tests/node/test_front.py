"""The short way of plain queries: the same answers, and nothing unusual goes it."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from penstock_node.front import read_head

from .packages import QUERY, Design, RunningNode, node

BODY = json.dumps(QUERY).encode()
PATH = "/public/api/v1/flights/late/predict"
PLAIN = b"POST /public/api/v1/s/e/predict HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("front")
    with node(folder / "node", design := Design(folder / "design")) as found:
        found.deploy(design.package())
        yield found


def request(body: bytes = BODY, path: str = PATH, more: str = "", method: str = "POST") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Caller:
    """One connection on which bytes are sent as they are."""

    def __init__(self, running: RunningNode) -> None:
        self.socket = socket.create_connection(("127.0.0.1", running.port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self.socket.makefile("rb")

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.socket.sendall(part)

    def reply(self) -> tuple[int, Any]:
        status = int(self._file.readline().split()[1])
        length = 0
        while line := self._file.readline().strip().lower():
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return status, json.loads(self._file.read(length))

    def ended(self) -> bool:
        return self._file.read(1) == b""

    def close(self) -> None:
        self._file.close()
        self.socket.close()


@pytest.fixture
def caller(running: RunningNode) -> Any:
    found = Caller(running)
    yield found
    found.close()


def test_a_plain_head_is_read_here() -> None:
    head = read_head(PLAIN + b"Authorization: Bearer k1\r\nUser-Agent: x\r\n")
    assert head is not None
    assert (head.path, head.length, head.secret) == ("/public/api/v1/s/e/predict", 12, "k1")


@pytest.mark.parametrize(
    "head",
    [
        PLAIN.replace(b"1.1", b"1.0"), PLAIN.replace(b"Host: a\r\n", b""), PLAIN + b"Content-Length: 12\r\n",
        PLAIN + b"Transfer-Encoding: chunked\r\n", PLAIN + b"Expect: 100-continue\r\n", PLAIN + b"Host: b\r\n",
        PLAIN + b"Connection: close\r\n", PLAIN.replace(b"12", b"+12"), PLAIN.replace(b"12", b"1, 2"),
        PLAIN + b" folded\r\n", PLAIN + b"Name : x\r\n", PLAIN + b"Name: a\x00b\r\n", PLAIN + b"Name: a\nb\r\n",
        PLAIN + b"nothing\r\n", PLAIN.replace(b"POST", b"PUT"), PLAIN.replace(b"/public", b"public"), b"",
    ],
)  # fmt: skip
def test_an_unusual_head_is_left_to_the_server_behind(head: bytes) -> None:
    assert read_head(head) is None


@pytest.mark.parametrize(
    "head",
    [
        PLAIN.replace(b"POST", b"GET"),
        PLAIN.replace(b"/s/", b"/s%41/"),
        PLAIN.replace(b"predict ", b"predict?a=1 "),
    ],
)
def test_a_request_of_another_sort_is_passed_on_whole(head: bytes) -> None:
    found = read_head(head)
    assert found is not None
    assert found.path == ""


@pytest.mark.requirement("D41")
@pytest.mark.parametrize(
    "parts",
    [
        (request(),),
        (request()[:30], request()[30:]),  # the head in two pieces
        (request()[: -len(BODY)], BODY),
        (request()[:-3], BODY[-3:]),
        (request(more="Expect: 100-continue\r\n"),),
        (request(more="Connection: keep-alive\r\n"),),
    ],
    ids=["whole", "head in two", "head then body", "body in two", "expect", "keep-alive"],
)
def test_a_query_gets_its_answer_however_it_arrives(caller: Caller, parts: tuple[bytes, ...]) -> None:
    expected = None
    for _ in range(3):
        caller.send(*parts)
        status, told = caller.reply() if b"Expect" not in parts[0] else after_continue(caller)
        assert status == 200
        assert told["result"] == (expected or told["result"])
        expected = told["result"]


def after_continue(caller: Caller) -> tuple[int, Any]:
    line = caller._file.readline()
    if b"100" in line:
        caller._file.readline()
        return caller.reply()
    length = 0
    while part := caller._file.readline().strip().lower():
        length = int(part.split(b":")[1]) if part.startswith(b"content-length:") else length
    return int(line.split()[1]), json.loads(caller._file.read(length))


def test_short_and_long_ways_take_turns_on_one_connection(caller: Caller, running: RunningNode) -> None:
    long = json.dumps({"items": [QUERY] * 1500}).encode()
    asked = [
        request(), request(b"", "/isAlive/", method="GET"), request(b"{no json"), request(long, f"{PATH}-multi"),
        request(), request(b"{}", "/public/api/v1/flights/early/predict"), request(),
    ]  # fmt: skip
    said = []
    for one in asked:
        caller.send(one)
        said.append(caller.reply())
    assert [status for status, _ in said] == [200, 200, 400, 200, 200, 404, 200]
    assert said[0][1]["result"] == said[4][1]["result"] == said[6][1]["result"]
    assert said[3][1]["results"] == [said[0][1]["result"]] * 1500


def test_queries_sent_ahead_are_answered_in_order(caller: Caller) -> None:
    items = [{"features": {**QUERY["features"], "age": age}} for age in (-3.0, 0.0, 3.0, -3.0)]
    caller.send(b"".join(request(json.dumps(item).encode()) for item in items))
    found = [caller.reply()[1]["result"]["probas"]["1"] for _ in items]
    assert found[0] == found[3] < found[2]


def test_a_connection_that_is_to_end_ends(caller: Caller) -> None:
    caller.send(request(more="Connection: close\r\n"))
    assert caller.reply()[0] == 200
    assert caller.ended()


@pytest.mark.requirement("D63")
def test_every_answer_stands_in_the_journal_with_what_was_sent(caller: Caller, running: RunningNode) -> None:
    sent = {"features": {"age": 1.25, "city": "Graz", "odd": [1, None]}, "context": {"order": "A-4711"}}
    many = {"items": [{**sent, "context": {"order": f"B-{n}"}} for n in range(40)]}
    caller.send(request(json.dumps(sent).encode()))
    one = caller.reply()[1]["result"]
    caller.send(request(json.dumps(many).encode(), f"{PATH}-multi"))
    results = caller.reply()[1]["results"]
    lines = {line["context"].get("order"): line for line in running.journal() if line.get("context")}
    for order, result in [("A-4711", one), *[(f"B-{n}", found) for n, found in enumerate(results)]]:
        assert lines[order]["features"] == sent["features"]
        assert lines[order]["result"] == result
        assert (lines[order]["service"], lines[order]["generation"]) == ("flights", "v1")
        assert set(lines[order]["timing"]) >= {"preProcessing", "wait", "prediction"}
