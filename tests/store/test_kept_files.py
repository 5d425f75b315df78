"""Files of a version that somebody changed on disk are refused by name, whichever they are."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from penstock.core.errors import UntrustedModel
from penstock.core.model import ModelVersion
from penstock.store.blobs import DiskBlobs
from penstock.store.database import Database
from penstock.store.models import SqlModels
from tests.ports.stores import at

FILES = {"model.txt": b"trees", "test.parquet": b"rows", "report.json": b"{}"}


@pytest.fixture
def models(tmp_path: Path) -> SqlModels:
    kept = SqlModels(Database(tmp_path), DiskBlobs(tmp_path))
    folder = tmp_path / "version"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    sums = {name: sha256(content).hexdigest() for name, content in FILES.items()}
    told = {"checksums": {"model.txt": sums.pop("model.txt")}, "kept": sums}
    (folder / "manifest.json").write_text(json.dumps(told))
    version = ModelVersion(
        project="P", model="fraud", id="v1", name="Trees", created_at=at(1), prediction_type="binary",
        target="y", algorithm="lightgbm",
    )  # fmt: skip
    kept.add(version, folder, activate=True)
    return kept


def written(file: Path, content: bytes) -> None:
    """As somebody does who means no good: the size and the time stay."""
    seen = file.stat()
    file.chmod(0o644)
    file.write_bytes(content)
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))


@pytest.mark.parametrize(
    ("name", "content"),
    [("model.txt", b"seert"), ("test.parquet", b"sowr"), ("report.json", b"[]"), ("manifest.json", b"\xff{")],
)
def test_a_changed_file_is_named_with_its_model_and_version(
    models: SqlModels, name: str, content: bytes
) -> None:
    folder = models.files("P", "fraud", "v1")
    written(folder / name, content)
    with pytest.raises(UntrustedModel) as refused:
        models.files("P", "fraud", "v1")
    assert f"{name} of model fraud, version 'v1', is not the file that was saved." in str(refused.value)
    assert "Restore blobs/" in str(refused.value)
    assert "train a new version" in str(refused.value)


def test_a_manifest_whose_numbers_were_changed_is_refused_too(models: SqlModels) -> None:
    manifest = models.files("P", "fraud", "v1") / "manifest.json"
    written(manifest, manifest.read_bytes() + b" ")
    with pytest.raises(UntrustedModel, match=r"manifest\.json of model fraud"):
        models.files("P", "fraud", "v1")


def test_files_that_went_missing_or_were_added_are_named(models: SqlModels) -> None:
    folder = models.files("P", "fraud", "v1")
    (folder / "extra").touch()
    with pytest.raises(UntrustedModel, match="extra of model fraud"):
        models.files("P", "fraud", "v1")
    (folder / "extra").unlink()
    assert models.files("P", "fraud", "v1") == folder
    (folder / "test.parquet").unlink()
    with pytest.raises(UntrustedModel, match=r"test\.parquet of model fraud"):
        models.files("P", "fraud", "v1")


def test_a_version_whose_files_are_gone_says_so_and_can_be_removed(models: SqlModels) -> None:
    folder = models.files("P", "fraud", "v1")
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(UntrustedModel, match="files of model fraud, version 'v1', are gone"):
        models.files("P", "fraud", "v1")


def test_files_are_read_once_while_nothing_changes(
    models: SqlModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    models.files("P", "fraud", "v1")
    monkeypatch.setattr("penstock.store.kept_files.folder_hash", lambda folder: "read again")
    assert models.files("P", "fraud", "v1")
