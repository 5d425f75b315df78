"""Accessibility of every page, judged by axe-core: nothing serious, in light and in dark."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from penstock.web.look import HERE
from tests.walks_web.conftest import DRAWN, Studio, in_a_full_studio
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


LESS = (
    "region", "heading-order", "landmark-banner-is-top-level", "landmark-contentinfo-is-top-level",
    "landmark-main-is-top-level", "landmark-no-duplicate-banner", "landmark-no-duplicate-contentinfo",
    "landmark-no-duplicate-main", "landmark-one-main", "landmark-unique", "page-has-heading-one", "skip-link",
)  # fmt: skip
"""Rules that axe calls moderate at most, and that take it long."""
WHOLE: Mapping[str, Any] = {"rules": {rule: {"enabled": False} for rule in LESS}}
COLOURS: Mapping[str, Any] = {"runOnly": ["color-contrast", "link-in-text-block"]}
"""The rules that may judge a page otherwise when it is dark."""


JUDGE = "rules => axe.run({exclude: ['code-editor']}, {resultTypes: ['violations'], ...rules})"
DARKEN = """async () => {
  document.documentElement.setAttribute('data-bs-theme', 'dark');
  document.dispatchEvent(new CustomEvent('penstock:theme', { detail: 'dark' }));
  for (let still = 0, frame = 0; still < 2 && frame < 30; frame++) {
    await new Promise(requestAnimationFrame);
    const changing = document.getAnimations().filter((one) => one instanceof CSSTransition);
    for (const one of changing) one.finish();
    still = changing.length ? 0 : still + 1;
  }
}"""
"""What the choice of a look does to an open page, until its colours are those of the dark."""


def serious(studio: Studio, rules: Mapping[str, Any] = WHOLE) -> list[str]:
    """What axe finds that keeps people from using the open page: rule, and where. The colours inside the code editor
    are its own theme's."""
    studio.page.evaluate(DRAWN)
    if not studio.page.evaluate("'axe' in window"):
        studio.page.evaluate(AXE.read_text())
    found: dict[str, Any] = studio.page.evaluate(JUDGE, rules)
    return [
        f"{v['id']}: {v['help']} at {node['target']} {node['html'][:120]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"][:3]
    ]


def serious_in_both_looks(studio: Studio, path: str) -> dict[str, list[str]]:
    """The same of a page that is opened in light and turns dark: page and look → what was found."""
    studio.go(path)
    found = {f"{path} light": serious(studio)}
    studio.page.evaluate(DARKEN)
    found[f"{path} dark"] = serious(studio, COLOURS)
    return {page: said for page, said in found.items() if said}


def told(found: Mapping[str, list[str]]) -> str:
    """What was found, a page a paragraph."""
    return "\n".join(f"{page}\n  " + "\n  ".join(said) for page, said in found.items())


@pytest.mark.timeout(900)
@pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not installed; `python ops/assets.py --check` installs it"
)
def test_no_page_has_a_serious_finding(tmp_path: Path) -> None:
    found: dict[str, list[str]] = {}
    with in_a_full_studio(tmp_path) as studio:
        paths = [*(place.path for place in places(studio.node, a_browser(studio.node))), *MORE]
        for path in dict.fromkeys(paths):
            found |= serious_in_both_looks(studio, path)
    assert not found, told(found)
