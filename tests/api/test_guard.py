"""What a program saw is what it writes over, at every address that replaces something."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.requests import Request

from penstock.api import guard, table
from penstock.core.errors import ChangedMeanwhile
from penstock.testing import KEY
from tests.api.stage import a_stage

REPLACING = sorted(v for v, r in table.routes().items() if r.method in ("PUT", "PATCH"))
STALE = Request({"type": "http", "method": "PUT", "headers": [(b"if-match", b'"as-it-was"')]})


@pytest.mark.parametrize("verb", REPLACING)
def test_a_stale_tag_is_refused_wherever_something_is_replaced(verb: str, tmp_path: Path) -> None:
    route = table.route(verb)
    known = {"project": KEY, "key": KEY, "sort": "project"}
    words = {w: known.get(w, "raw") for w in re.findall(r"{(\w+)", route.path)}
    with pytest.raises(ChangedMeanwhile):
        guard.check_unchanged(a_stage(tmp_path).node, STALE, route, {**words, "what": "dataset"})


@pytest.mark.parametrize(("sort", "name", "before", "after"), [
    ("dataset", "raw", {"type": "managed", "title": "A"}, {"type": "managed", "title": "B"}),
    ("recipe", "copy", {"type": "sync", "input": "raw", "output": "copied"},
     {"type": "sync", "input": "raw", "output": "copied", "title": "B"}),
    ("model", "late", {}, {"title": "B"}), ("folder", "files", {"title": "A"}, {"title": "B"}),
    ("evaluation_store", "mes", {}, {"title": "B"}), ("scenario", "nightly", {}, {"title": "B"}),
])  # fmt: skip
def test_every_sort_of_definition_is_saved_only_over_what_was_seen(
    sort, name, before, after, tmp_path: Path
) -> None:
    ann, path = a_stage(tmp_path).ann, f"/api/v1/projects/{KEY}/definitions/{sort}/{name}"
    ann.put(path, json=before)
    tag = ann.get(path).headers["etag"]
    assert ann.put(path, json={**before, "short_description": "theirs"}).status_code == 200
    assert ann.put(path, json=after, headers={"If-Match": tag}).status_code == 412
    assert ann.get(path).json()["short_description"] == "theirs"
