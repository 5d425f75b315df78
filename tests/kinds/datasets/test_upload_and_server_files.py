"""Uploaded files, and files of the server under its allowed roots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core.dataset import check_clearable, format_for
from penstock.core.errors import ExternalData, Invalid, Refused, SourceNotReady

from .given import Surroundings, dataset


@pytest.fixture
def at(place: Any, tmp_path: Path) -> Surroundings:
    for folder in ("uploads", "data"):
        (tmp_path / folder).mkdir()
    return Surroundings(place, tmp_path)


@pytest.mark.requirement("A05")
def test_an_uploaded_file_is_read_with_what_detection_found_and_every_column_is_text(
    at: Surroundings,
) -> None:
    file = at.base / "uploads" / "a.csv"
    file.write_text("id;name\n1;é\n")
    found = dataset(type="upload", format=format_for(str(file)))
    assert found.format.separator == ";"
    assert at.rows(found) == [{"id": "1", "name": "é"}]


def test_the_format_comes_from_the_ending_even_behind_a_compression(at: Surroundings) -> None:
    file = at.base / "a.JSON.GZ"
    file.write_bytes(b"")
    assert format_for(str(file)).kind_name() == "jsonl"
    with pytest.raises(Invalid, match=r"\.parquet"):
        format_for("a.doc")


def test_nothing_uploaded_is_not_ready(at: Surroundings) -> None:
    with pytest.raises(SourceNotReady, match="its uploaded files"):
        dataset(type="upload", format="csv").check_ready(at)


@pytest.mark.parametrize("path", ["data", "data/a.csv", "data/a*.csv", "d?ta/*.csv"])
def test_a_file_a_folder_or_a_pattern_of_the_server(at: Surroundings, path: str) -> None:
    (at.base / "data" / "a.csv").write_text("n\n1\n")
    (at.base / "data" / "notes.txt" if path != "data" else at.base / "data" / "_notes").write_text("x")
    assert at.rows(dataset(type="server_files", path=f"{at.base}/{path}", format="csv")) == [{"n": "1"}]


def test_a_path_outside_the_roots_is_refused_also_through_a_link(at: Surroundings) -> None:
    with pytest.raises(Refused):
        dataset(type="server_files", path="/etc/hostname", format="csv").read(at)
    (at.base / "data" / "a.csv").symlink_to("/etc/hostname")
    with pytest.raises(Refused):
        dataset(type="server_files", path=f"{at.base}/data", format="csv").read(at)


@pytest.mark.requirement("A21")
@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"type": "server_files", "path": "/data/x", "format": "csv"}, "the server's /data/x"),
        ({"type": "files", "folder": "monthly", "format": "csv"}, "folder monthly"),
        ({"type": "inline", "rows": [{"a": 1}]}, "its own definition"),
        ({"type": "metrics", "scope": "project"}, "history of metrics"),
    ],
)
def test_clearing_data_that_no_recipe_wrote_is_refused_and_says_where_it_lives(
    fields: dict[str, Any], where: str
) -> None:
    with pytest.raises(ExternalData, match=rf"Dataset flights .*{where}"):
        check_clearable("flights", dataset(**fields))


@pytest.mark.requirement("A21")
def test_a_managed_dataset_may_be_cleared() -> None:
    check_clearable("flights", dataset(type="managed"))
