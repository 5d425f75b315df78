"""Accessibility of every page, judged by axe-core: nothing serious, in light and in dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.web.look import HERE
from tests.walks_web.conftest import Studio, in_a_full_studio
from tests.web.browser import a_browser
from tests.web.every_page import places

AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
MORE = (
    "/login", "/projects/DEMO/recipes/learn", "/projects/DEMO/recipes/judge", "/projects/DEMO/recipes/look_at_may/plan",
    "/projects/DEMO/datasets/history", "/projects/DEMO/datasets/typed", "/projects/DEMO/models/fare/design",
    "/projects/DEMO/evaluations/fares/rides/scatter", "/projects/DEMO/flow?select=tidy", "/projects/DEMO/compare",
    "/projects/DEMO/evaluations/blind/may/input-drift",
)  # fmt: skip
"""Pages that look different for another object."""


def serious(studio: Studio) -> list[str]:
    """What axe finds that keeps people from using the page: rule, and where. The colours inside the code editor are
    its own theme's."""
    studio.page.wait_for_timeout(60)
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


@pytest.mark.timeout(900)
@pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not installed; `python ops/assets.py --check` installs it"
)
def test_no_page_has_a_serious_finding(tmp_path: Path) -> None:
    found = {}
    with in_a_full_studio(tmp_path) as studio:
        paths = [*(place.path for place in places(studio.node, a_browser(studio.node))), *MORE]
        for path in dict.fromkeys(paths):
            for look in ("light", "dark"):
                studio.page.context.add_cookies(
                    [{"name": "penstock_theme", "value": look, "url": studio.base}]
                )
                studio.go(path)
                if findings := serious(studio):
                    found[f"{path} {look}"] = findings
    assert not found, "\n".join(f"{page}\n  " + "\n  ".join(said) for page, said in found.items())
