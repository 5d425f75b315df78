"""One line a record, in bounded files, sent to the design node and kept while it is away."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from penstock_node import journal
from penstock_node.journal import Journal
from penstock_node.sending import Sender
from penstock_node.settings import DesignNode, JournalSettings

from .packages import QUERY, Design, node


class Collector(ThreadingHTTPServer):
    """What the design node does with lines; it can be away."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taken)
        self.away, self.segments = False, dict[str, list[dict[str, Any]]]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Taken(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = parse_qs(urlparse(self.path).query)
        if not self.server.away and self.headers["Authorization"] == "Bearer pk_1":
            self.server.segments[asked["segment"][0]] = [json.loads(line) for line in body.splitlines()]
        self.send_response(503 if self.server.away else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *words: object) -> None:
        """Says nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as found:
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


@pytest.mark.requirement("D63")
def test_every_record_is_one_line_that_says_all_but_the_key(tmp_path: Path, design: Design) -> None:
    with node(tmp_path / "node", design, name="scorer") as running:
        running.deploy(design.package("v1"))
        running.admin("PUT", "services/flights/settings", {"routing": "flights-prod"})
        running.post("flights/late/predict", {**QUERY, "context": {"order": "A-77"}})
        running.post(
            "flights/late/predict-multi", {"items": [QUERY, {**QUERY, "context": {"order": "A-78"}}]}
        )
        running.kill()
        lines = running.journal()
    assert [line["context"].get("order") for line in lines] == ["A-77", None, "A-78"]
    line = lines[0]
    told = {
        name: line[name]
        for name in ("msgType", "project", "service", "endpoint", "generation", "node", "routing")
    }
    assert told == {
        "msgType": "prediction-query", "project": "FLIGHTS", "service": "flights", "endpoint": "late",
        "generation": "v1", "node": "scorer", "routing": "flights-prod",
    }  # fmt: skip
    assert (line["model"], line["modelVersion"]) == ("late", "v1")
    assert line["features"] == QUERY["features"]
    assert line["result"]["probas"].keys() == {"0", "1"}


def test_files_are_bounded_in_size_and_number(tmp_path: Path) -> None:
    kept = Journal(tmp_path, JournalSettings(megabytes=1, files=3), ages=False)
    event = {"features": {"text": "x" * 10_000}}
    for _ in range(700):
        kept.write([event])
    kept.close()
    sizes = [p.stat().st_size for p in tmp_path.iterdir()]
    assert len(sizes) in (3, 4)
    assert max(sizes) < 1.1 * (1 << 20)
    assert not kept.lost


def test_a_full_disk_costs_lines_and_no_query(tmp_path: Path) -> None:
    kept = Journal(tmp_path / "journal", JournalSettings(), ages=False)
    (tmp_path / "journal").rmdir()
    kept.write([{"features": {}}])
    assert kept.lost == 1


def test_a_line_that_a_crash_cut_off_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.open").write_bytes(b'{"message": {"n": 1}}\n{"message": {"n"')
    assert list(journal.lines(tmp_path)) == [{"message": {"n": 1}}]
    journal.close_left(tmp_path)
    assert [p.name for p in journal.closed(tmp_path)] == ["a.jsonl"]


def test_what_the_design_node_does_not_take_waits_and_is_sent_later(
    tmp_path: Path, collector: Collector
) -> None:
    kept = Journal(tmp_path, JournalSettings(), ages=True)
    sender = Sender(tmp_path, DesignNode(url=collector.url, key="pk_1"), JournalSettings(), "scorer")
    kept.write([{"n": n} for n in range(3)])
    kept.close()
    collector.away = True
    assert not sender.once()
    assert len(journal.closed(tmp_path)) == 1
    collector.away = False
    assert sender.once()
    assert not journal.closed(tmp_path)
    (lines,) = collector.segments.values()
    assert [line["message"]["n"] for line in lines] == [0, 1, 2]


def test_a_node_sends_its_journal_to_its_design_node(
    tmp_path: Path, design: Design, collector: Collector
) -> None:
    settings = {"design": {"url": collector.url, "key": "pk_1"}, "journal": {"seconds": 0.1}}
    with node(tmp_path / "node", design, **settings) as running:
        running.deploy(design.package("v1"))
        running.post("flights/late/predict", QUERY)
        while not collector.segments:
            running.ask("GET", "/isAlive/")
    assert [e["message"]["endpoint"] for e in next(iter(collector.segments.values()))] == ["late"]
