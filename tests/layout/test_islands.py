"""The fence around what runs in the browser: small, typed, ours, and nothing without its place in the lock file."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
WEB = ROOT / "src/penstock/web"
FRAME, ISLANDS = sorted((WEB / "frame").glob("*.ts")), sorted((WEB / "islands").glob("*.ts"))


def test_everything_in_the_browser_stays_under_five_thousand_lines() -> None:
    lines = sum(len(f.read_text().splitlines()) for f in (*FRAME, *ISLANDS))
    assert lines <= 5000, "move logic to the server, or argue for more in a decision"


@pytest.mark.parametrize("file", [*FRAME, *ISLANDS], ids=lambda f: f.name)
def test_a_file_stays_under_four_hundred_lines(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 400, "split it"


@pytest.mark.parametrize("file", ISLANDS, ids=lambda f: f.name)
def test_an_island_defines_the_element_it_is_named_after(file: Path) -> None:
    defined = re.findall(r'customElements\.define\("([a-z-]+)"', file.read_text())
    if "-" in file.stem:
        assert defined == [file.stem], "the frame loads islands/<name>.ts when <name> stands on a page"


@pytest.mark.parametrize("file", [*FRAME, *ISLANDS], ids=lambda f: f.name)
def test_nothing_is_made_from_text_at_run_time(file: Path) -> None:
    text = file.read_text()
    for forbidden in (r"\beval\(", r"new Function\(", r"\bany\b(?=[,;)>\]])", "@ts-ignore", "@ts-nocheck"):
        assert not re.search(forbidden, text), forbidden


def test_the_lock_file_names_no_registry_and_every_package_by_its_hash() -> None:
    text = (WEB / "package-lock.json").read_text()
    assert "resolved" not in text
    packages = json.loads(text)["packages"]
    assert all("integrity" in about for name, about in packages.items() if name)


def test_every_version_is_pinned() -> None:
    about = json.loads((WEB / "package.json").read_text())
    wanted = {**about["dependencies"], **about["devDependencies"]}
    assert all(re.fullmatch(r"[\d.]+", version) for version in wanted.values())


@pytest.mark.slow
def test_the_types_hold() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "ops/assets.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_what_stands_built_is_what_the_sources_say() -> None:
    assert (WEB / "static/built/manifest.json").exists(), "run `make setup`"
