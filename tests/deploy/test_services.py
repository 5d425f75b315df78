from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import (
    Conflict,
    Invalid,
    NoActiveVersion,
    NotFound,
    Refused,
    SaveConflict,
    UnsafeArchive,
)
from penstock.core.node import Node
from penstock.core.package import OpenedPackage
from penstock.core.service import hashed
from penstock.core.signing import open_signed
from penstock.deploy import services
from penstock.testing import KEY, a_node, a_project, fill
from tests.web.pages.modelled import a_bank, run

CARDS = {"dataset": "cards", "keys": [{"column": "id", "field": "card"}], "columns": [{"column": "card_age"}]}
BY_CARD = {"type": "prediction", "name": "by_card", "model": "authorized", "enrichment": [CARDS]}
ADD = {"type": "python_function", "name": "add", "code": "def add(a, b=1):\n    return a + b\n"}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_bank(tmp_path)
    a_project(node, {"datasets/cards": {"type": "managed"}})
    fill(node, "cards", id=[1, 2], card_age=[50.0, 10.0], secret=["x", "y"])
    services.create(node, KEY, "The bank", author="ann", name="bank", model="authorized")
    return node


def unpacked(node: Node, folder: Path, version: str) -> OpenedPackage:
    with open_signed(services.archive(node, KEY, "bank", version), node.node_keys.verify) as signed:
        signed.check()
        for name in signed.names():
            signed.archive.extract(name, folder / name, signed.members[name])
        (folder / "manifest.json").write_bytes(signed.archive.content("manifest.json"))
    return OpenedPackage.of(folder)


def test_a_service_is_a_file_of_the_project(node: Node) -> None:
    text = (node.projects.path(KEY) / "services" / "bank.yaml").read_text()
    assert "predict_authorized" in text
    (listed,) = services.listing(node, KEY)
    assert (listed.title, dict(listed.endpoints), listed.access) == (
        "The bank",
        {"predict_authorized": "prediction"},
        "public",
    )
    with pytest.raises(Conflict):
        services.create(node, KEY, "bank", author="ann")
    base = services.show(node, KEY, "bank").base
    services.set_access(node, KEY, "bank", "api_keys", author="bob")
    with pytest.raises(SaveConflict):
        services.save(node, KEY, "bank", {"title": "Mine"}, author="ann", base=base)
    services.delete(node, KEY, "bank", author="ann")
    assert services.listing(node, KEY) == []


@pytest.mark.requirement("D68")
def test_a_version_holds_all_that_answering_needs(node: Node, tmp_path: Path) -> None:
    services.save_endpoint(node, KEY, "bank", BY_CARD, author="ann")
    services.save_endpoint(node, KEY, "bank", ADD, author="ann")
    made = services.create_version(node, KEY, "bank", "v1", author="ann", release_notes="The *first*.")
    assert made.release_notes == "The *first*."
    assert made.endpoints == {
        "predict_authorized": "prediction",
        "by_card": "prediction",
        "add": "python_function",
    }
    package = unpacked(node, tmp_path / "package", "v1")
    manifest = package.manifest
    assert (manifest.version, manifest.project, manifest.created_by) == ("v1", KEY, "ann")
    assert manifest.environment.python
    assert any(line.startswith("scikit-learn==") for line in manifest.environment.requested)
    assert [c.name for c in manifest.lookups["cards:bundled"].columns] == ["id", "card_age"], (
        "only what is asked for"
    )
    answers = manifest.endpoint("by_card").open(package.context("by_card"))
    query = {"features": {"card": 1, "amount": 80.0, "sector": "food"}}
    assert answers.answer("predict", query).body["result"]["prediction"] in ("0", "1")
    assert manifest.endpoint("add").open(package.context("add")).answer("run", {"a": 2}).body == {
        "response": 3
    }


@pytest.mark.requirement("D48")
def test_a_version_keeps_the_model_that_was_active_then(node: Node) -> None:
    first = services.create_version(node, KEY, "bank", "v1", author="ann")
    run(node, "learn")
    newer = node.models.active(KEY, "authorized")
    assert first.models["predict_authorized"] != f"S-{KEY}-authorized-{newer}"
    assert services.version(node, KEY, "bank", "v1") == first
    second = services.create_version(node, KEY, "bank", "v2", author="ann")
    assert second.models["predict_authorized"] == f"S-{KEY}-authorized-{newer}"
    assert [v.version for v in services.versions(node, KEY, "bank")] == ["v2", "v1"]


@pytest.mark.requirement("D53")
def test_bundled_rows_are_as_old_as_their_version(node: Node, tmp_path: Path) -> None:
    find = {"type": "dataset_lookup", "name": "find", "datasets": [{**CARDS, "keys": [{"column": "id"}]}]}
    services.save_endpoint(node, KEY, "bank", find, author="ann")
    services.create_version(node, KEY, "bank", "v1", author="ann")
    fill(node, "cards", id=[1, 2], card_age=[51.5, 10.0], secret=["x", "y"])
    services.create_version(node, KEY, "bank", "v2", author="ann")
    for version, age in (("v1", 50.0), ("v2", 51.5)):
        package = unpacked(node, tmp_path / version, version)
        answers = package.manifest.endpoint("find").open(package.context("find"))
        said = answers.answer("lookup", {"data": {"id": 1}}).body["results"]
        answers.close()
        assert said == [{"data": {"card_age": age}}]


def test_an_id_is_used_once_and_can_be_numbered(node: Node) -> None:
    made = services.create_version(node, KEY, "bank", "v", author="ann")
    bytes_before = services.archive(node, KEY, "bank", "v").read_bytes()
    with pytest.raises(Conflict, match="never change"):
        services.create_version(node, KEY, "bank", "v", author="bob")
    assert services.archive(node, KEY, "bank", "v").read_bytes() == bytes_before
    assert services.create_version(node, KEY, "bank", "v", author="ann", unique=True).version == "v1"
    assert made.version == "v"
    assert services.next_version(node, KEY, "bank") == "v2"
    services.delete_version(node, KEY, "bank", "v")
    with pytest.raises(NotFound, match="v1"):
        services.archive(node, KEY, "bank", "v")


def test_what_was_changed_in_a_package_is_noticed(node: Node, tmp_path: Path) -> None:
    services.create_version(node, KEY, "bank", "v1", author="ann")
    changed = tmp_path / "changed.zip"
    with (
        zipfile.ZipFile(services.archive(node, KEY, "bank", "v1")) as old,
        zipfile.ZipFile(changed, "w") as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            new.writestr(
                name, content.replace(b'"public"', b'"PUBLIC"') if name == "manifest.json" else content
            )
    with pytest.raises(UnsafeArchive, match="signature"):
        open_signed(changed, node.node_keys.verify)


def test_no_secret_gets_into_a_package(node: Node) -> None:
    node.secrets.put("bank_password", "correct-horse-battery")
    leaking = {**ADD, "code": "PASSWORD = 'correct-horse-battery'\ndef add(a): return a\n"}
    services.save_endpoint(node, KEY, "bank", leaking, author="ann")
    with pytest.raises(Refused, match="A secret"):
        services.create_version(node, KEY, "bank", "v1", author="ann")
    services.save_endpoint(node, KEY, "bank", ADD, author="ann", was="add")
    library = node.projects.path(KEY) / "lib"
    library.mkdir()
    (library / "settings.py").write_text("TOKEN = 'correct-horse-battery'\n")
    with pytest.raises(Refused, match=r"lib/settings\.py"):
        services.create_version(node, KEY, "bank", "v1", author="ann")
    assert services.versions(node, KEY, "bank") == []


def test_what_cannot_be_served_is_told(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"models/m": {}, "datasets/d": {"type": "managed"}})
    services.create(node, KEY, "empty", author="ann")
    with pytest.raises(Invalid, match="no endpoint"):
        services.create_version(node, KEY, "empty", "v1", author="ann")
    services.create(node, KEY, "untrained", author="ann", model="m")
    with pytest.raises(NoActiveVersion):
        services.create_version(node, KEY, "untrained", "v1", author="ann")
    lookup = {"dataset": "d", "mode": "referenced", "keys": [{"column": "id"}]}
    fill(node, "d", id=[1])
    services.save_endpoint(
        node, KEY, "empty", {"type": "dataset_lookup", "name": "l", "datasets": [lookup]}, author="ann"
    )
    with pytest.raises(Refused, match="lies in no database"):
        services.create_version(node, KEY, "empty", "v1", author="ann")


@pytest.mark.requirement("D46")
def test_the_secret_of_a_key_is_shown_once_and_never_kept(node: Node) -> None:
    first = services.create_key(node, KEY, "bank", author="ann", label="shop")
    second = services.create_key(node, KEY, "bank", author="ann", days=7)
    text = (node.projects.path(KEY) / "services" / "bank.yaml").read_text()
    assert first.secret not in text
    assert hashed(first.secret) in text
    assert second.expires_at
    services.revoke_key(node, KEY, "bank", first.id, author="ann")
    access = services.show(node, KEY, "bank").service.access
    assert (access.method, [k.id for k in access.keys]) == ("api_keys", [second.id])
    assert access.key_of(first.secret, node.clock.now()) is None
    assert access.key_of(second.secret, node.clock.now()) is not None
    with pytest.raises(NotFound):
        services.revoke_key(node, KEY, "bank", first.id, author="ann")


@pytest.mark.requirement("D59")
def test_the_document_lists_every_endpoint_with_its_features_and_keys(node: Node) -> None:
    services.save_endpoint(node, KEY, "bank", ADD, author="ann")
    services.create_key(node, KEY, "bank", author="ann")
    found: dict[str, Any] = services.document(node, KEY, "bank")
    assert found["swagger"] == "2.0"
    assert set(found["paths"]) == {
        "/predict_authorized/predict", "/predict_authorized/predict-multi", "/predict_authorized/predict-simple",
        "/add/run",
    }  # fmt: skip
    body = found["paths"]["/predict_authorized/predict"]["post"]["parameters"][0]["schema"]
    assert body["properties"]["features"]["properties"]["amount"] == {"type": "number"}
    assert found["paths"]["/predict_authorized/predict-simple"]["get"]["parameters"][0]["in"] == "query"
    assert found["paths"]["/add/run"]["post"]["parameters"][0]["schema"]["required"] == ["a"]
    assert found["security"] == [{"key": []}]
    json.dumps(found)
    defined = services.show(node, KEY, "bank").service
    services.save(node, KEY, "bank", defined.changed(openapi=True), author="ann")
    services.create_version(node, KEY, "bank", "v1", author="ann")
    with zipfile.ZipFile(services.archive(node, KEY, "bank", "v1")) as package:
        kept = json.loads(package.read("openapi.json"))
    assert kept["info"]["version"] == "v1"


def test_samples_are_code_that_parses(node: Node) -> None:
    services.create_key(node, KEY, "bank", author="ann")
    found = services.samples(node, KEY, "bank", "predict_authorized", address="http://node:12000/")
    compile(found["python"], "sample", "exec")
    assert "http://node:12000/public/api/v1/bank/predict_authorized/predict" in found["curl"]
    assert "$API_KEY" in found["curl"]
