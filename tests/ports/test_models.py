"""What every keeper of model versions keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import ActiveVersion, Conflict, NoActiveVersion, NotFound
from penstock.core.model import ModelVersion
from penstock.core.ports import Models
from penstock.store.blobs import DiskBlobs
from penstock.store.database import Database
from penstock.store.models import SqlModels

from .stores import at


@pytest.fixture
def models(database: Database, tmp_path: Path) -> Models:
    return SqlModels(database, DiskBlobs(tmp_path))


def a_version(id: str = "v1", **fields: Any) -> ModelVersion:
    usual: dict[str, Any] = {"project": "P", "model": "m", "name": f"Forest ({id})", "created_at": at(1)}
    usual |= {"prediction_type": "binary", "target": "y", "algorithm": "random_forest"}
    return ModelVersion(id=id, **{**usual, **fields})


def some_files(folder: Path, text: str = "weights") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "model.skops").write_text(text)
    return folder


def test_a_version_comes_back_as_it_was_with_its_files(models: Models, tmp_path: Path) -> None:
    version = a_version(classes=("0", "1"), threshold=0.25, metrics={"auc": 0.8}, labels={"a": "b"})
    models.add(version, some_files(tmp_path / "f"), activate=False)
    assert models.version("P", "m", "v1") == version
    assert (models.files("P", "m", "v1") / "model.skops").read_text() == "weights"


def test_versions_are_listed_newest_first_and_at_most_one_is_active(models: Models, tmp_path: Path) -> None:
    files = some_files(tmp_path / "f")
    with pytest.raises(NoActiveVersion):
        models.version("P", "m")
    for id in ("v1", "v2", "v3"):
        models.add(a_version(id), files, activate=id != "v3")
    assert [v.id for v in models.versions("P", "m")] == ["v3", "v2", "v1"]
    assert models.active("P", "m") == "v2"
    assert models.version("P", "m").id == "v2"
    models.activate("P", "m", "v1", by="eva")
    assert models.active("P", "m") == "v1"


def test_an_unknown_version_is_not_found_and_a_known_id_not_taken_twice(
    models: Models, tmp_path: Path
) -> None:
    models.add(a_version("autumn"), some_files(tmp_path / "f"), activate=True)
    with pytest.raises(NotFound, match="autumn"):
        models.version("P", "m", "autum")
    with pytest.raises(NotFound):
        models.activate("P", "m", "x", by="eva")
    with pytest.raises(Conflict):
        models.add(a_version("autumn"), some_files(tmp_path / "f"), activate=True)
    assert models.active("P", "other") == ""


def test_the_active_version_is_not_deleted_and_another_goes_with_its_files(
    models: Models, tmp_path: Path
) -> None:
    models.add(a_version("v1"), some_files(tmp_path / "a", "one"), activate=True)
    models.add(a_version("v2"), some_files(tmp_path / "b", "two"), activate=False)
    kept = models.files("P", "m", "v2")
    with pytest.raises(ActiveVersion):
        models.delete("P", "m", "v1")
    models.delete("P", "m", "v2")
    assert not kept.exists()
    assert [v.id for v in models.versions("P", "m")] == ["v1"]


def test_files_two_versions_share_stay_until_the_last_goes(models: Models, tmp_path: Path) -> None:
    for id in ("v1", "v2"):
        models.add(a_version(id), some_files(tmp_path / "f"), activate=False)
    models.delete("P", "m", "v1")
    assert models.files("P", "m", "v2").exists()


def test_versions_follow_a_renamed_model_and_go_with_their_project(models: Models, tmp_path: Path) -> None:
    models.add(a_version("v1"), some_files(tmp_path / "f"), activate=True)
    models.add(a_version("v1", project="Q"), some_files(tmp_path / "f"), activate=True)
    models.move("P", "m", "better")
    assert models.versions("P", "m") == []
    assert models.version("P", "better").full_id == "S-P-better-v1"
    models.delete_project("P")
    assert models.versions("P", "better") == []
    assert models.active("P", "better") == ""
    assert models.files("Q", "m", "v1").exists()
    kept = models.files("Q", "m", "v1")
    models.delete_project("Q")
    assert not kept.exists()
