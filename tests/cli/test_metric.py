"""Metrics from the command line."""

from __future__ import annotations

from .bank import Bank


def test_metrics_are_computed_listed_and_have_a_history(own: Bank) -> None:
    own.ok("metric", "compute", "may")
    own.ok("metric", "compute", "may", "--probe", "records")
    values = own.ok("metric", "history", "may", "Record count", "--json").json
    assert [v["value"] for v in values] == [300, 300]
    assert own.run("metric", "compute", "may", "--probe", "record").code == 3
    assert own.run("metric", "history", "may", "nothing").code == 3


def test_chosen_metrics_are_shown_first(own: Bank) -> None:
    own.ok("metric", "display", "mes", "Data Drift", "performance:auc")
    first, second, *_ = own.ok("metric", "list", "mes", "--json").json
    assert (first["id"], second["id"]) == ("drift:DATA_DRIFT", "performance:auc")


def test_the_history_becomes_a_live_dataset(own: Bank) -> None:
    own.ok("metric", "dataset", "scored", "--name", "numbers", "--last-only")
    before = int(own.ok("dataset", "count", "numbers").out)
    own.ok("metric", "compute", "scored", "--probe", "records")
    assert int(own.ok("dataset", "count", "numbers").out) == before + 1
    assert own.run("metric", "dataset", "scored", "--name", "numbers").code == 4
