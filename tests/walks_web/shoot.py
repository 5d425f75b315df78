"""Pictures of pages, light and dark, wide and narrow:

python -m tests.walks_web.shoot http://127.0.0.1:8123 FOLDER /path …
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from playwright.sync_api import ConsoleMessage, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDTHS = {"wide": 1440, "phone": 390}


def shoot(base: str, folder: Path, paths: list[str]) -> None:
    """One picture a page, look and width; complaints of the browser are printed."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for look in ("light", "dark"):
            for size, width in WIDTHS.items():
                context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=look)  # type: ignore[arg-type]
                page = context.new_page()
                page.on("console", _complain)
                page.on("pageerror", lambda error: print(error))
                for path in paths:
                    page.goto(base + path, wait_until="load")
                    page.wait_for_timeout(400)
                    name = re.sub(r"\W+", "_", path).strip("_") or "home"
                    page.screenshot(path=folder / f"{name}-{size}-{look}.png", full_page=True)
                context.close()
        browser.close()


def _complain(message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):
        print(message.location.get("url"), message.type, message.text)


if __name__ == "__main__":
    shoot(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
