"""Plugins: installed, brought up to date, kept while used, named when they are missing."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from dulwich import porcelain

from penstock.core import plugin, registry
from penstock.core.errors import Conflict, Invalid, NotFound, Refused, UnsafeArchive
from penstock.core.node import Node
from penstock.runtime import plugins
from penstock.store.plugins import DiskPlugins
from penstock.testing import a_node, a_project

FUNCTION = '''
from __future__ import annotations
from typing import Any, ClassVar
from penstock.core.check import Check, Judgement
from penstock.core.outcome import Verdict

class Always(Check):
    """Says {word}.

    Example:
        type: pst_geo.always
        name: always
    """

    def judge(self, ctx: Any) -> Judgement:
        return Judgement(Verdict.OK, "{word}")
'''


def sources(version: str, word: str = "fine", *, name: str = "pst_geo", needs: str = "") -> dict[str, str]:
    return {
        "pyproject.toml": f'[project]\nname = "penstock-{name}"\nversion = "{version}"\ndescription = "Places."\n'
        f'dependencies = ["penstock"{needs}]\n[project.entry-points."penstock.plugins"]\n{name} = "penstock_{name}"\n',
        f"src/penstock_{name}/__init__.py": "",
        f"src/penstock_{name}/checks/__init__.py": "",
        f"src/penstock_{name}/checks/always.py": FUNCTION.replace("{word}", word),
    }


def zipped(folder: Path, files: Mapping[str, str]) -> Path:
    target = folder / "plugin.zip"
    with zipfile.ZipFile(target, "w") as opened:
        for name, text in files.items():
            opened.writestr(f"geo-main/{name}", text)
    return target


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    found = a_node(tmp_path)
    yield found
    for name in found.plugins.names():
        found.plugins.delete(name)


CHECKED = {"datasets/out": {"type": "managed", "checks": [{"type": "pst_geo.always", "name": "a"}]}}


@pytest.mark.requirement("D74")
def test_a_zip_is_installed_brought_to_another_version_and_kept_while_used(
    node: Node, tmp_path: Path
) -> None:
    shown = plugins.install(node, [zipped(tmp_path, sources("1.0"))], by="ann")
    assert (shown.name, shown.version, shown.here) == ("pst_geo", "1.0", True)
    assert shown.kinds == {"checks": ("always",)}
    a_project(node, CHECKED)
    with pytest.raises(Conflict, match=r"1\.0 is installed already"):
        plugins.install(node, [zipped(tmp_path, sources("1.0", "changed"))], by="ann")
    assert plugins.install(node, [zipped(tmp_path, sources("1.1", "better"))], by="ann").version == "1.1"
    judged = node.projects.load("DEMO").datasets["out"].checks[0].judge(None)  # type: ignore[arg-type]
    assert judged.message == "better"
    with pytest.raises(Refused, match="dataset out of DEMO"):
        plugins.delete(node, "pst_geo", by="ann")
    node.projects.save("DEMO", {"flow/datasets/out.yaml": "type: managed\n"}, author="ann", message="Plain")
    plugins.delete(node, "pst_geo", by="ann")
    assert "pst_geo.always" not in registry.names("checks")
    with pytest.raises(NotFound):
        plugins.show(node, "pst_geo")


@pytest.mark.requirement("D74")
def test_a_project_says_which_plugin_it_lacks(node: Node, tmp_path: Path) -> None:
    plugins.install(node, [zipped(tmp_path, sources("1.0"))], by="ann")
    a_project(node, CHECKED)
    node.plugins.delete("pst_geo")
    node.projects.forget()
    (problem,) = node.projects.load("DEMO").problems
    assert "plugin pst_geo is not installed" in str(problem)
    (used,) = plugins.of_project(node, "DEMO")
    assert (used.name, used.version, [u.name for u in used.usages]) == ("pst_geo", "", ["out"])


@pytest.mark.requirement("D73")
def test_uses_are_found_in_datasets_recipes_processors_functions_steps_probes_and_models(node: Node) -> None:
    project = a_project(node)
    texts = {
        "flow/datasets/d.yaml": "type: pst_geo.places\n",
        "flow/recipes/r.yaml": "{type: pst_geo.buffer, input: d}\n",
        "flow/recipes/p.yaml": "type: prepare\nsteps:\n- type: pst_geo.split\n- {type: formula, formula: 'x'}\n",
        "flow/models/m.yaml": 'design:\n  algorithms:\n  - "type": pst_geo.forest\n',
        "scenarios/s.yaml": "steps:\n- type: 'pst_geo.tell'\n",
        "flow/datasets/e.yaml": "type: managed\ndescription: see pst_geo.places\nprobes:\n- {type: pst_geo.count}\n",
    }
    for file, text in texts.items():
        (project.path / file).parent.mkdir(parents=True, exist_ok=True)
        (project.path / file).write_text(text)
    found = {(u.sort, u.name, u.kind) for u in plugins.usages(node, "pst_geo", "DEMO")}
    assert found == {
        ("dataset", "d", "pst_geo.places"), ("recipe", "r", "pst_geo.buffer"), ("recipe", "p", "pst_geo.split"),
        ("model", "m", "pst_geo.forest"), ("scenario", "s", "pst_geo.tell"), ("dataset", "e", "pst_geo.count"),
    }  # fmt: skip


@pytest.mark.requirement("D73")
def test_a_formula_function_of_a_plugin_is_a_use(node: Node, tmp_path: Path) -> None:
    files = sources("1.0") | {
        "src/penstock_pst_geo/functions/__init__.py": "",
        "src/penstock_pst_geo/functions/far.py": "",
    }
    plugins.install(node, [zipped(tmp_path, files)], by="ann")
    project = a_project(node)
    (project.path / "flow/recipes").mkdir(parents=True, exist_ok=True)
    (project.path / "flow/recipes/p.yaml").write_text(
        "type: prepare\nsteps:\n- formula: 1 + pst_geo.far(x)\n"
    )
    assert [(u.name, u.family, u.kind) for u in plugins.usages(node, "pst_geo")] == [
        ("p", "functions", "pst_geo.far")
    ]


def test_a_repository_is_cloned_and_its_newest_state_installed(node: Node, tmp_path: Path) -> None:
    place = tmp_path / "repository"
    for file, text in sources("2.0").items():
        (place / "plugins" / file).parent.mkdir(parents=True, exist_ok=True)
        (place / "plugins" / file).write_text(text)
    porcelain.init(str(place))
    porcelain.add(str(place), [str(p) for p in place.rglob("*.*") if ".git" not in p.parts])
    porcelain.commit(str(place), b"First", author=b"a <a@b>", committer=b"a <a@b>")
    shown = plugins.clone(node, str(place), folder="plugins", by="ann")
    assert shown.version == "2.0"
    assert shown.source.startswith(str(place))
    with pytest.raises(Invalid, match="no folder"):
        plugins.clone(node, str(place), folder="../../etc", by="ann")


def test_another_process_finds_it_when_it_opens_the_home(node: Node, tmp_path: Path) -> None:
    plugins.install(node, [zipped(tmp_path, sources("1.0"))], by="ann")
    root = node.config.home / "plugins"
    plugin.on_path(root / "pst_geo" / "none", instead_of=root / "pst_geo")
    registry.refresh()
    assert "pst_geo.always" not in registry.names("checks")
    DiskPlugins(node.config.home).enter()
    assert "pst_geo.always" in registry.names("checks")


@pytest.mark.parametrize(
    ("files", "error", "said"),
    [
        ({"readme.txt": ""}, Invalid, "no pyproject"),
        ({"pyproject.toml": "[project]\nname='x'\n"}, Invalid, "no version"),
        (sources("1.0", needs=', "pst-not-there>=1"'), Refused, "pst-not-there"),
        ({**sources("1.0"), "../up.py": ""}, UnsafeArchive, "up.py"),
        (sources("1.0", name="Upper"), Invalid, "small letters"),
    ],
)
def test_what_is_no_plugin_is_refused_and_nothing_installed(
    node: Node, tmp_path: Path, files: dict[str, str], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        plugins.install(node, [zipped(tmp_path, files)], by="ann")
    assert node.plugins.names() == []
