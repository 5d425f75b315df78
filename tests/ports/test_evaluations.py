"""What every keeper of evaluations keeps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import NotFound
from penstock.core.evaluation import Evaluation
from penstock.core.ports import Evaluations
from penstock.store.blobs import DiskBlobs
from penstock.store.database import Database
from penstock.store.evaluations import SqlEvaluations
from penstock.store.models import SqlModels

from .stores import at
from .test_models import a_version, some_files


@pytest.fixture
def evaluations(database: Database, tmp_path: Path) -> Evaluations:
    return SqlEvaluations(database, DiskBlobs(tmp_path))


def an_evaluation(id: str = "e1", **fields: Any) -> Evaluation:
    usual: dict[str, Any] = {"project": "P", "store": "s", "name": id, "prediction_type": "binary"}
    return Evaluation(id=id, **{**usual, "created_at": at(1), **fields})


def save(evaluations: Evaluations, *ids: str, **fields: Any) -> list[Evaluation]:
    return [
        evaluations.save(an_evaluation(id, **fields), detail={"of": id}, sample=None) for id in ids
    ]  # fmt: skip


def ids(found: list[Evaluation]) -> list[str]:
    return [evaluation.id for evaluation in found]


def test_an_evaluation_comes_back_as_it_was_with_detail_and_sample(
    evaluations: Evaluations, tmp_path: Path
) -> None:
    (tmp_path / "sample").write_bytes(b"rows")
    fresh = an_evaluation(
        labels={"a": "b"}, metrics={"auc": 0.7}, diagnostics=({"type": "t", "message": "m"},)
    )
    kept = evaluations.save(fresh, detail={"curve": [[0, 1]], "é": None}, sample=tmp_path / "sample")
    assert replace(kept, detail="", sample="") == fresh
    assert evaluations.get("P", "s", "e1") == kept
    assert evaluations.detail(kept) == {"curve": [[0, 1]], "é": None}
    sample = evaluations.sample(kept)
    assert sample is not None
    assert sample.read_bytes() == b"rows"


def test_lists_are_in_order_of_creation_or_newest_first_by_page(evaluations: Evaluations) -> None:
    save(evaluations, "c", "a", "b")
    save(evaluations, "elsewhere", store="other")
    assert ids(evaluations.list("P", "s")) == ["c", "a", "b"]
    assert ids(evaluations.list("P", "s", newest_first=True)) == ["b", "a", "c"]
    assert ids(evaluations.list("P", "s", limit=1, offset=1)) == ["a"]
    assert evaluations.count("P", "s") == 3
    latest = evaluations.latest("P", "s")
    assert latest is not None
    assert latest.id == "b"


def test_one_with_the_same_id_replaces_the_other_in_its_place(evaluations: Evaluations) -> None:
    first, _ = save(evaluations, "a", "b")
    evaluations.save(an_evaluation("a", name="again"), detail={"new": 1}, sample=None)
    assert [(e.id, e.name) for e in evaluations.list("P", "s")] == [("a", "again"), ("b", "b")]
    with pytest.raises(NotFound):
        evaluations.detail(first)


def test_the_latest_is_the_one_that_was_made_last_also_when_it_replaced_an_older_one(
    evaluations: Evaluations,
) -> None:
    save(evaluations, "a", created_at=at(1))
    save(evaluations, "b", created_at=at(2))
    save(evaluations, "a", created_at=at(3))
    latest = evaluations.latest("P", "s")
    assert latest is not None
    assert latest.id == "a"
    assert ids(evaluations.list("P", "s")) == ["a", "b"], "in lists it keeps its place"


def test_an_unknown_one_is_not_found_with_the_nearest(evaluations: Evaluations) -> None:
    save(evaluations, "august")
    with pytest.raises(NotFound, match="Did you mean august"):
        evaluations.get("P", "s", "agust")
    with pytest.raises(NotFound):
        evaluations.rename("P", "s", "x", "y")
    assert evaluations.latest("P", "empty") is None


def test_name_and_labels_can_change(evaluations: Evaluations) -> None:
    save(evaluations, "a")
    evaluations.rename("P", "s", "a", "April")
    evaluations.set_labels("P", "s", "a", {"month": "4"})
    changed = evaluations.get("P", "s", "a")
    assert (changed.name, changed.labels) == ("April", {"month": "4"})
    assert evaluations.detail(changed) == {"of": "a"}


@pytest.mark.requirement("M37")
def test_select_all_and_remove_empties_the_store_and_frees_the_bytes(
    evaluations: Evaluations, tmp_path: Path
) -> None:
    (tmp_path / "sample").write_bytes(b"rows")
    kept = evaluations.save(an_evaluation("a"), detail={}, sample=tmp_path / "sample")
    save(evaluations, "b", "c")
    assert evaluations.delete("P", "s", ["a", "b", "c", "never_there"]) == 3
    assert evaluations.list("P", "s") == []
    assert evaluations.count("P", "s") == 0
    with pytest.raises(NotFound):
        evaluations.sample(kept)


def test_bytes_that_another_evaluation_refers_to_stay(evaluations: Evaluations) -> None:
    for id in ("a", "b"):
        evaluations.save(an_evaluation(id), detail={"same": 1}, sample=None)
    evaluations.delete("P", "s", ["a"])
    assert evaluations.detail(evaluations.get("P", "s", "b")) == {"same": 1}


@pytest.mark.requirement("M43")
def test_an_evaluation_stays_readable_when_its_model_version_is_deleted(
    database: Database, tmp_path: Path
) -> None:
    blobs = DiskBlobs(tmp_path)
    models, evaluations = SqlModels(database, blobs), SqlEvaluations(database, blobs)
    models.add(a_version("v1"), some_files(tmp_path / "f"), activate=False)
    save(evaluations, "a", model="m", version="v1")
    models.delete("P", "m", "v1")
    found = evaluations.get("P", "s", "a")
    assert (found.model, found.version) == ("m", "v1")
    assert evaluations.detail(found) == {"of": "a"}


def test_evaluations_follow_a_renamed_store_and_go_with_their_project(evaluations: Evaluations) -> None:
    save(evaluations, "a", "b")
    save(evaluations, "a", project="Q")
    evaluations.move("P", "s", "better")
    assert evaluations.list("P", "s") == []
    found = evaluations.list("P", "better")
    assert [e.full_id for e in found] == ["ME-P-better-a", "ME-P-better-b"]
    evaluations.delete_project("P")
    assert evaluations.count("P", "better") == 0
    with pytest.raises(NotFound):
        evaluations.detail(found[1])
    assert evaluations.detail(evaluations.get("Q", "s", "a")) == {"of": "a"}


def test_they_are_sorted_by_any_metric_whatever_it_is_called(evaluations: Evaluations) -> None:
    for name, value in {"low": 0.1, "high": 0.9, "middle": 0.5}.items():
        save(evaluations, name, metrics={"performance:auc": value, "odd, {x}": value})
    save(evaluations, "none")
    for metric in ("performance:auc", "odd, {x}"):
        assert ids(list(evaluations.search("P", "s", by=metric)[0])) == ["high", "middle", "low", "none"]
    assert evaluations.search("P", "s", by="'\"><img src=x onerror=alert(1)>[a](b)}")[1] == 4
