"""Accessibility of the main pages, judged by axe-core: nothing serious, in light and in dark."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.testing import a_project
from penstock.web.look import HERE
from tests.walks_web.conftest import Studio

AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    "/", "/me", "/search?q=raw", "/jobs", "/patterns", "/projects/new", "/admin",
    "/patterns/forms/recipes/join?example=yes",
    *(f"/projects/DEMO{page}" for page in (
        "", "/flow", "/datasets", "/models", "/evaluations", "/scenarios", "/dashboards", "/wiki", "/jobs",
        "/variables", "/history", "/settings", "/permissions", "/recipes/sync", "/datasets/raw", "/runs",
        "/recipes/new", "/datasets/new", "/timeline", "/recipes/sync/preview", "/recipes/tidy",
    )),
)  # fmt: skip
OBJECTS = {
    "datasets/raw": {"type": "inline", "rows": [{"x": 1}]},
    "datasets/copy": {"type": "managed", "tags": ["tagged"], "short_description": "A copy."},
    "recipes/sync": {"type": "sync", "input": "raw", "output": "copy"},
    "datasets/tidy_rows": {"type": "managed"},
    "recipes/tidy": {
        "type": "prepare",
        "input": "raw",
        "output": "tidy_rows",
        "steps": [{"type": "formula", "column": "y", "formula": "x + 1"}],
    },
}


def serious(studio: Studio) -> list[str]:
    """What axe finds that keeps people from using the page: rule, and where. The colours inside the code editor are
    its own theme's."""
    studio.page.evaluate(AXE.read_text())
    found: dict[str, Any] = studio.page.evaluate(
        "axe.run({exclude: ['code-editor']}, {resultTypes: ['violations']})"
    )
    return [
        f"{v['id']}: {v['help']} at {node['target']} {node['html'][:120]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"][:3]
    ]


@pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not installed; `python ops/assets.py --check` installs it"
)
def test_the_main_pages_have_no_serious_finding(studio: Studio) -> None:
    a_project(studio.node, OBJECTS)
    studio.log_in()
    found = {}
    for path in PAGES:
        for look in ("light", "dark"):
            studio.page.context.add_cookies([{"name": "penstock_theme", "value": look, "url": studio.base}])
            studio.go(path)
            studio.page.wait_for_timeout(100)
            if findings := serious(studio):
                found[f"{path} {look}"] = findings
    assert not found, "\n".join(f"{page}\n  " + "\n  ".join(said) for page, said in found.items())
