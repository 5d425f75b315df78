"""A model as bytes: the same predictor on the other side, opened once there."""

from __future__ import annotations

import pickle
from pathlib import Path

import pyarrow as pa

from penstock.core.node import Node
from penstock.ml import model_file
from penstock.ml.scoring import ScoreOptions, score_table
from penstock.ml.shipping import Scoring, Shipment
from penstock.runtime import training
from tests.kinds.recipes.fraud import trained, transactions


def folder(node: Node) -> Path:
    return node.models.files("P", "authorized", training.active(node, "P", "authorized") or "")


def test_sent_and_opened_again_it_scores_as_here(tmp_path: Path) -> None:
    saved = folder(trained(tmp_path))
    rows = transactions(5_000)
    work = pickle.loads(pickle.dumps(Scoring(Shipment.of(saved), ScoreOptions())))
    found = pa.Table.from_batches(work(iter(rows.to_batches(max_chunksize=700))))
    assert found.equals(score_table(model_file.load(saved), rows))


def test_a_process_opens_a_model_once(tmp_path: Path) -> None:
    saved = folder(trained(tmp_path))
    assert Shipment.of(saved).predictor() is Shipment.of(saved).predictor()


def test_a_part_without_rows_gives_none(tmp_path: Path) -> None:
    work = Scoring(Shipment.of(folder(trained(tmp_path))), ScoreOptions())
    assert list(work(iter([]))) == []
