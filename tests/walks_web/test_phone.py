"""On a phone: no page is wider than the screen, the open tab is in sight, the Flow is seen whole."""

from __future__ import annotations

from pathlib import Path

from penstock.testing import KEY
from tests.walks_web.conftest import Studio, in_a_full_studio
from tests.web.browser import a_browser
from tests.web.every_page import places

PHONE = {"width": 390, "height": 844}
WIDER = """() => {
  const wide = document.documentElement.scrollWidth > innerWidth
    ? [`the page is ${document.documentElement.scrollWidth} pixels wide`] : [];
  const tabs = [...document.querySelectorAll(".sections a[aria-current], .tabs [aria-selected=true]")];
  const fields = "main input:not([type=checkbox], [type=radio], [type=color]), main select";
  const squeezed = [...document.querySelectorAll(fields)]
    .filter((field) => { const width = field.getBoundingClientRect().width; return width > 0 && width < 50; });
  return [
    ...wide,
    ...tabs.map((tab) => [tab, tab.getBoundingClientRect()])
      .filter(([, at]) => at.left < -1 || at.right > innerWidth + 1)
      .map(([tab]) => `tab ${tab.textContent.trim()} is out of sight`),
    ...squeezed.map((field) => `field ${field.name} cannot be read`),
  ];
}"""


def test_every_page_fits_a_phone(tmp_path: Path) -> None:
    found = {}
    with in_a_full_studio(tmp_path) as studio:
        paths = [place.path for place in places(studio.node, a_browser(studio.node))]
        studio.page.set_viewport_size(PHONE)
        for path in dict.fromkeys(paths):
            studio.go(path)
            if said := studio.page.evaluate(WIDER):
                found[path] = said
    assert not found, "\n".join(f"{page}: {', '.join(said)}" for page, said in found.items())


def zones(studio: Studio) -> list[dict[str, float]]:
    """Where the zones are on the screen, and where their window ends."""
    found: list[dict[str, float]] = studio.page.evaluate(
        """() => [...document.querySelectorAll("g.zone rect")].map((zone) => {
          const box = zone.getBoundingClientRect();
          const stage = document.querySelector("flow-graph").getBoundingClientRect();
          return { left: box.left - stage.left, right: stage.right - box.right, top: box.top - stage.top,
                   bottom: stage.bottom - box.bottom };
        })"""
    )
    return found


def in_sight(studio: Studio) -> bool:
    return all(min(zone.values()) >= -1 for zone in zones(studio))


def test_the_flow_is_seen_whole_before_and_after_its_panel_opens(tmp_path: Path) -> None:
    with in_a_full_studio(tmp_path) as studio:
        for size in (PHONE, {"width": 1440, "height": 900}):
            studio.page.set_viewport_size(size)
            studio.page.evaluate("sessionStorage.clear()")
            studio.go(f"/projects/{KEY}/flow")
            studio.page.wait_for_selector("flow-graph:defined")
            assert zones(studio)
            assert in_sight(studio), zones(studio)
            studio.page.locator('g.node:not(.ghost)[data-id="tidy_rows"]').dispatch_event("click")
            studio.page.get_by_role("heading", name="tidy_rows").wait_for()
            studio.page.wait_for_timeout(300)
            assert in_sight(studio), zones(studio)
