"""Every link of every page leads somewhere: the studio is walked from its home as a person with a mouse would."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from penstock.testing import a_node, a_project, build
from tests.web.browser import Browser, a_browser

MOST = 400
OBJECTS = {
    "datasets/raw": {"type": "inline", "rows": [{"x": 1, "y": "a"}], "tags": ["t"]},
    "datasets/copy": {"type": "managed"},
    "folders/files": {},
    "recipes/sync": {"type": "sync", "input": "raw", "output": "copy"},
}


def crawl(browser: Browser, start: str) -> dict[str, str]:
    """Address → the page it stands on, for every one that does not answer 200."""
    waiting, seen, broken = deque([(start, "")]), {start}, dict[str, str]()
    while waiting and len(seen) < MOST:
        url, where = waiting.popleft()
        answer = browser.client.get(url)
        if answer.status_code != 200:
            broken[url] = f"{answer.status_code}, linked from {where}"
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        for link in browser.get(url, status=answer.status_code).links:
            target = urldefrag(link)[0]
            parts = urlsplit(target)
            if target.startswith("/") and not parts.netloc and target not in seen and "/live" not in target:
                seen.add(target)
                waiting.append((target, url))
    return broken


def test_no_link_leads_nowhere(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, OBJECTS)
    node.projects.save("DEMO", {"scenarios/nightly.yaml": "steps: []\n"}, author="ann", message="Nightly")
    build(node, "copy")
    broken = crawl(a_browser(node), "/")
    assert not broken, "\n".join(f"{url}: {said}" for url, said in broken.items())


def test_a_reader_finds_no_link_that_refuses_them(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, OBJECTS)
    broken = crawl(a_browser(node, rights=("read",)), "/projects/DEMO")
    assert not broken, "\n".join(f"{url}: {said}" for url, said in broken.items())
