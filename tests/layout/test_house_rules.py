"""House rules that a machine can keep. Each failure says how to comply."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from dulwich.ignore import IgnoreFilterManager
from dulwich.repo import Repo

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "src/penstock"
MODULES = sorted(SOURCE.rglob("*.py"))
HEAVY = {
    "ibis", "duckdb", "pyarrow", "numpy", "pandas", "scipy", "sklearn", "lightgbm", "optuna", "sqlalchemy", "dulwich",
    "rich",
}  # fmt: skip


def loaded_by(statement: str) -> set[str]:
    """Top-level modules in memory after a statement in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint(' '.join(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_importing_penstock_loads_nothing_heavy() -> None:
    assert not loaded_by("import penstock") & (HEAVY | {"pydantic", "typer"})


def test_asking_the_command_line_for_help_loads_nothing_heavy() -> None:
    statement = (
        "import sys; sys.argv = ['penstock', '--help']\n"
        "try:\n    import penstock.cli as cli; cli.app()\nexcept SystemExit: pass"
    )
    assert not loaded_by(statement) & (HEAVY | {"pydantic"})


def test_penstock_exports_few_names() -> None:
    import penstock

    assert len(penstock.__all__) <= 12, "people learn these names by heart: keep them few"
    assert all(hasattr(penstock, name) for name in penstock.__all__)


@pytest.mark.parametrize("module", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_every_module_has_a_caption(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "open the file with one sentence that says what is in it"


def test_only_the_edges_of_a_process_catch_everything() -> None:
    caught = re.compile(r"^\s*except( Exception| BaseException)?( as \w+)?:", re.M)
    offenders = {str(p.relative_to(SOURCE)) for p in MODULES if caught.search(p.read_text(encoding="utf-8"))}
    edges = {
        "runtime/activities.py", "runtime/trying.py", "runtime/triggers.py", "runtime/worker.py", "sdk/launch.py",
        "kinds/recipes/_custom_metrics_child.py", "runtime/_deliver_child.py",
        "web/site.py",
        "kinds/endpoints/python_function.py",  # code of people, whose exception is an answer
        "kinds/endpoints/_finding.py", "kinds/endpoints/sql_query.py",  # each driver has a tree of errors of its own
        "deploy/_hook_child.py", "deploy/updating.py",  # hooks of people; a thread whose update must have an end
        "runtime/reports.py",  # reporters are other people's code, and never change an outcome
    }  # fmt: skip
    assert offenders <= edges, f"catch the error you expect, not everything: {sorted(offenders - edges)}"


@cache
def tracked_texts() -> list[tuple[str, str]]:
    """Every file git would commit, as text; the working tree is read, so an unfinished file counts too."""
    ignored = IgnoreFilterManager.from_repo(Repo(str(ROOT)))
    found: list[tuple[str, str]] = []
    for folder, inner, files in os.walk(ROOT):
        here = Path(folder).relative_to(ROOT)
        inner[:] = [name for name in inner if name != ".git" and not ignored.is_ignored(f"{here / name}/")]
        kept = [here / name for name in files if not ignored.is_ignored(str(here / name))]
        found += [(str(file), (ROOT / file).read_text(encoding="utf-8", errors="ignore")) for file in kept]
    return found


def test_no_file_names_a_package_registry() -> None:
    address = re.compile(r"index-url *[= ] *http|https?://[a-z.]+/simple(/|\"|$)|^deb https?://", re.M)
    assert not [
        name for name, text in tracked_texts() if address.search(text) and "test_house_rules" not in name
    ]


def test_no_file_holds_a_path_of_somebodys_machine() -> None:
    path = re.compile(r"(^|[^A-Za-z0-9_.-])/(work|farm|home/[a-z]+|Users/[A-Za-z]+)/")
    assert not [
        name for name, text in tracked_texts() if path.search(text) and "test_house_rules" not in name
    ]
