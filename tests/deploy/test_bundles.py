"""Bundles where people design: what one holds, what it is called, how two differ, what is refused."""

from __future__ import annotations

import hashlib
import json
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from penstock.core.errors import Conflict, InvalidDefinition, InvalidName, NotFound, Refused
from penstock.core.model import ModelVersion
from penstock.core.node import Node
from penstock.runtime import wiki
from penstock.store.git import Repository
from penstock.testing import rows

from .conftest import CSV, Pair


def a_version(
    node: Node, key: str, id: str, *, active: bool = True, auc: float = 0.7, folder: Path, text: str = ""
) -> None:
    """A version of model `m` whose files say which it is."""
    files = folder / f"version-{key}-{id}"
    files.mkdir(exist_ok=True)
    (files / "model.txt").write_text(text or f"model {id}")
    version = ModelVersion(
        project=key, model="m", id=id, name=f"Model {id}", created_at=node.clock.now(), prediction_type="binary",
        target="t", algorithm="dummy", metrics={"auc": auc}, main_metric="auc",
    )  # fmt: skip
    node.models.add(version, files, activate=active)


def names(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        return sorted(opened.namelist())


@pytest.mark.requirement("D01", "D14")
def test_a_bundle_is_listed_with_who_when_commit_and_notes(shop: Pair) -> None:
    made = shop.bundles.create("v1", notes="adds *drift*\n\n- one")
    (listed,) = shop.bundles.list()
    head = shop.here.projects.history(shop.key, limit=1)[0].id
    assert (listed.bundle, listed.notes, listed.commit) == ("v1", "adds *drift*\n\n- one", head)
    assert listed.created_by.startswith("key:")
    assert listed.created_at == made.created_at
    assert Repository(shop.here.projects.path(shop.key)).tags() == {"bundle/v1": head}


@pytest.mark.requirement("D02")
def test_an_id_is_taken_once_and_the_first_stays_as_it_was(shop: Pair) -> None:
    shop.bundles.create("v1")
    before = shop.bundles.download("v1", shop.folder).read_bytes()
    shop.save({"lib/more.py": "A = 1\n"})
    for id in ("v1", "V1"):
        with pytest.raises(Conflict, match="already"):
            shop.bundles.create(id)
    assert shop.bundles.download("v1", shop.folder).read_bytes() == before


@pytest.mark.requirement("D03")
@pytest.mark.parametrize(
    "id", ["a/b", "..", "a..b", "", " ", "v 1", "v" * 81, "-v", "v-", "v.lock", "é", "v\n"]
)
def test_an_id_that_is_no_file_name_is_refused(id: str, shop: Pair) -> None:
    with pytest.raises((InvalidName, Refused)):
        shop.bundles.create(id)
    assert shop.bundles.list() == []


@pytest.mark.requirement("D04", "D77")
def test_definitions_always_go_along_and_data_only_when_chosen(shop: Pair) -> None:
    article = wiki.create(shop.here, shop.key, "Start here", text="# Hi", author="ann")
    wiki.attach(shop.here, shop.key, article, [("plan.bin", bytes(range(256)))], author="ann")
    shop.save({"dashboards/sales.yaml": "title: Sales\n", "flow/models/m.yaml": "{}\n"})
    a_version(shop.here, shop.key, "a1", folder=shop.folder, text="weights of the model")
    shop.bundles.create("v1")
    held = names(shop.bundles.download("v1", shop.folder))
    files = {f"project/{f}" for f in shop.here.projects.files_at(shop.key, "HEAD")}
    assert files <= set(held)
    assert {
        "project/flow/recipes/copy.yaml",
        "project/scenarios/nightly.yaml",
        "project/lib/tools.py",
        "project/dashboards/sales.yaml",
        "project/flow/datasets/orders.yaml",
    } <= files
    assert any(name.startswith("project/wiki/") and name.endswith("plan.bin") for name in held)
    assert not [name for name in held if name.startswith("data/")]
    text = b"".join(zipfile.ZipFile(shop.bundles.download("v1", shop.folder)).read(n) for n in held)
    assert bytes(range(256)) in text
    for left in (b"secret_place", b"Rome", b"weights of the model"):
        assert left not in text


@pytest.mark.requirement("D07")
def test_the_chosen_content_is_remembered_for_the_next_bundle(shop: Pair) -> None:
    shop.bundles.create("v1", content={"datasets": ["orders"]})
    assert shop.bundles.content().content.datasets == ("orders",)
    assert shop.bundles.create("v2").datasets == ("orders",)
    with zipfile.ZipFile(shop.bundles.download("v2", shop.folder)) as opened:
        assert opened.read("data/datasets/orders/orders.csv") == CSV


def test_forgotten_inputs_are_told_before_and_after(shop: Pair) -> None:
    (told,) = shop.bundles.content().warnings
    assert "orders" in told
    assert "orders" in shop.bundles.create("v1").warnings[0]
    assert shop.bundles.create("v2", content={"datasets": ["orders"]}).warnings == ()


def test_content_that_is_not_there_or_not_ours_is_refused(shop: Pair) -> None:
    with pytest.raises(NotFound, match="Did you mean orders"):
        shop.bundles.create("v1", content={"datasets": ["order"]})
    with pytest.raises(InvalidDefinition):
        shop.bundles.create("v1", content={"dataset": ["orders"]})
    with pytest.raises(Refused, match="not been built"):
        shop.bundles.create("v1", content={"datasets": ["copied"]})
    assert shop.bundles.list() == []


@pytest.mark.requirement("D08")
@pytest.mark.parametrize(("only", "shipped"), [(True, ["a3"]), (False, ["a1", "a2", "a3", "a4", "a5"])])
def test_only_the_required_versions_of_a_model_go_along(only: bool, shipped: list[str], shop: Pair) -> None:
    shop.save({"flow/models/m.yaml": "{}\n"})
    for number in range(1, 6):
        a_version(shop.here, shop.key, f"a{number}", active=number == 3, folder=shop.folder)
    shop.bundles.create("v1", content={"models": ["m"], "only_required_versions": only})
    assert list(shop.bundles.manifest("v1").models["m"].versions) == shipped
    held = [n for n in names(shop.bundles.download("v1", shop.folder)) if n.endswith("files/model.txt")]
    assert [n.split("/")[3] for n in held] == shipped


@pytest.mark.requirement("D09")
def test_a_difference_lists_exactly_what_changed_with_models_and_authors(shop: Pair) -> None:
    shop.save({"flow/models/m.yaml": "{}\n"})
    a_version(shop.here, shop.key, "a1", auc=0.7, folder=shop.folder)
    shop.bundles.create("v1")
    shop.save({"lib/tools.py": "def twice(x):\n    return x + x\n"}, author="eva")
    shop.save({"scenarios/nightly.yaml": None, "flow/datasets/extra.yaml": "type: managed\n"}, author="tom")
    a_version(shop.here, shop.key, "a2", auc=0.75, folder=shop.folder)
    shop.bundles.create("v2")
    found = shop.bundles.compare("v2")
    assert [(o.change, o.sort, o.name) for o in found.objects] == [
        ("added", "dataset", "extra"), ("changed", "library", "tools.py"), ("removed", "scenario", "nightly"),
    ]  # fmt: skip
    assert "+    return x + x" in found.objects[1].diff
    assert (found.older, found.authors) == ("v1", ("eva", "tom"))
    (model,) = found.models
    assert (model.model, model.before, model.after) == ("m", "a1", "a2")
    assert model.metrics[0].metric == "auc"
    assert model.metrics[0].delta == pytest.approx(0.05)
    assert found.packages == ()
    assert shop.bundles.since().objects == ()


@pytest.mark.requirement("D24")
def test_plugins_in_use_are_listed_with_version_and_place_and_no_others(shop: Pair) -> None:
    assert shop.bundles.create("v1").bundle == "v1"
    check = "checks: [{type: example.even, name: pairs, metric: 'records:count'}]\n"
    shop.save({"flow/datasets/copied.yaml": f"type: managed\n{check}"})
    shop.bundles.create("v2")
    assert shop.bundles.manifest("v1").plugins == (), "it is installed, and nothing of this bundle needs it"
    (told,) = shop.bundles.manifest("v2").plugins
    assert (told.name, told.used_by) == ("example", ("flow/datasets/copied.yaml",))
    assert told.version == version("penstock-example")


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        ("lib/keys.py", 'A = 1\nPASSWORD = "hunter22"\n', 2),
        ("lib/keys.py", "K = 'AKIAABCDEFGHIJKLMNOP'\n", 1),
        ("lib/id.txt", "x\ny\n-----BEGIN RSA PRIVATE KEY-----\n", 3),
        ("lib/url.py", "U = 'postgresql://me:hunter2@host/db'\n", 1),
    ],
)
def test_a_bundle_with_a_secret_is_refused_naming_file_and_line(
    file: str, text: str, line: int, shop: Pair
) -> None:
    shop.save({file: text})
    with pytest.raises(Refused, match=f"{file}:{line}") as refused:
        shop.bundles.create("v1")
    assert "hunter2" not in str(refused.value)
    assert shop.bundles.list() == []
    shop.save({file: None})
    shop.bundles.create("v1")


def test_a_sealed_value_that_was_typed_is_found_whatever_it_looks_like(shop: Pair) -> None:
    shop.here.secrets.put(f"word_{shop.key}", "correct horse")
    shop.save({"lib/words.py": "# nothing to see\nWORDS = ['correct horse']\n"})
    with pytest.raises(Refused, match=r"lib/words\.py:2"):
        shop.bundles.create("v1")


def test_a_broken_file_is_no_bundle(shop: Pair) -> None:
    file = shop.here.projects.path(shop.key) / "flow/recipes/copy.yaml"
    file.write_text("type: sync\ninput: [\n")
    with pytest.raises(InvalidDefinition):
        shop.bundles.create("v1")
    assert shop.bundles.list() == []


def test_what_was_edited_by_hand_goes_along(shop: Pair) -> None:
    (shop.here.projects.path(shop.key) / "lib/tools.py").write_text("A = 3\n")
    shop.bundles.create("v1")
    with zipfile.ZipFile(shop.bundles.download("v1", shop.folder)) as opened:
        assert opened.read("project/lib/tools.py") == b"A = 3\n"


def test_every_member_has_its_checksum_and_the_manifest_is_signed(shop: Pair) -> None:
    shop.bundles.create("v1", content={"datasets": ["orders"]})
    with zipfile.ZipFile(shop.bundles.download("v1", shop.folder)) as opened:
        told = json.loads(opened.read("manifest.json"))
        for name, fact in told["members"].items():
            assert hashlib.sha256(opened.read(name)).hexdigest() == fact["sha256"]
        assert set(opened.namelist()) == {*told["members"], "manifest.json", "signature.json"}
        assert json.loads(opened.read("signature.json"))["key"] == shop.design.public_key.key


def test_numbers_are_put_behind_an_id(shop: Pair) -> None:
    assert [shop.bundles.create("v", unique=True).bundle for _ in range(3)] == ["v", "v1", "v2"]
    shop.bundles.delete("v1")
    assert shop.bundles.create("v", unique=True).bundle == "v3"
    assert [b.bundle for b in shop.bundles.list()] == ["v3", "v2", "v"]


@pytest.mark.requirement("D10")
def test_going_back_restores_definitions_and_shipped_data(shop: Pair) -> None:
    shop.save({"flow/models/m.yaml": "{}\n"})
    a_version(shop.here, shop.key, "a1", folder=shop.folder)
    shop.bundles.create("v1", content={"datasets": ["orders"], "models": ["m"]})
    shop.save({"lib/tools.py": "A = 2\n", "scenarios/late.yaml": "steps: []\n"})
    shop.upload("orders", b"n,city\n9,Bern\n")
    a_version(shop.here, shop.key, "a2", folder=shop.folder)
    shop.bundles.revert("v1")
    project = shop.here.projects.load(shop.key)
    assert shop.here.projects.content(shop.key, "lib/tools.py") == b"def twice(x):\n    return 2 * x\n"
    assert set(project.scenarios) == {"nightly"}
    assert (shop.here.data.uploads(shop.key, "orders") / "orders.csv").read_bytes() == CSV
    assert shop.here.models.active(shop.key, "m") == "a1"
    assert {v.id for v in shop.here.models.versions(shop.key, "m")} == {"a1", "a2"}
    assert shop.here.projects.history(shop.key, limit=1)[0].message == "Go back to bundle v1"
    assert dict(project.local_variables) == {"secret_place": "here"}


def test_rows_of_a_managed_dataset_come_back_too(pair: Pair) -> None:
    pair.project({"datasets/ref": {"type": "managed"}})
    pair.fill("ref", n=[1, 2])
    pair.bundles.create("v1", content={"datasets": ["ref"]})
    pair.fill("ref", n=[3])
    pair.bundles.revert("v1")
    assert rows(pair.here, "ref", key=pair.key) == [{"n": 1}, {"n": 2}]


def test_files_of_a_folder_go_along_and_come_back(pair: Pair) -> None:
    pair.project()
    pair.here.projects.save(
        pair.key, {"flow/folders/docs.yaml": "id: Ab12Cd34\n"}, author="ann", message="Folder"
    )
    from penstock.runtime import folders

    source = pair.folder / "a.txt"
    source.write_text("one")
    folders.put(pair.here, pair.key, "docs", [source], under="deep")
    pair.bundles.create("v1", content={"folders": ["docs"]})
    source.write_text("two")
    folders.put(pair.here, pair.key, "docs", [source])
    pair.bundles.revert("v1")
    assert [f.path for f in folders.files(pair.here, pair.key, "docs")] == ["deep/a.txt"]


def test_evaluations_go_along_and_are_merged(pair: Pair) -> None:
    from penstock.runtime import evaluations

    pair.project()
    pair.here.projects.save(pair.key, {"flow/evaluations/mes.yaml": "{}\n"}, author="ann", message="Store")
    evaluations.push(pair.here, pair.key, "mes", {"auc": 0.8}, id="e1", name="First")
    pair.deploy("v1", content={"evaluation_stores": ["mes"]})
    evaluations.push(pair.there, pair.key, "mes", {"auc": 0.6}, id="own", name="Made there")
    evaluations.push(pair.here, pair.key, "mes", {"auc": 0.9}, id="e2")
    pair.deploy("v2")
    found = {e.id: e.metrics["custom:auc"] for e in pair.there.evaluations.list(pair.key, "mes")}
    assert found == {"e1": 0.8, "e2": 0.9, "own": 0.6}
