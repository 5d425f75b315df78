"""Evaluations from the command line."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from .bank import Bank


def newest(bank: Bank) -> str:
    return str(bank.ok("evaluation", "list", "mes", "--json").json[0]["id"])


@pytest.mark.requirement("M34")
def test_a_row_says_name_date_dataset_model_metrics_and_data_drift_and_opening_it_shows_the_detail(
    bank: Bank,
) -> None:
    [row] = bank.ok("evaluation", "list", "mes", "--json").json
    assert (row["dataset"], row["model"], row["rows"]) == ("may", "authorized", 300)
    assert row["name"]
    assert row["created_at"] > "2020"
    assert {"performance:auc", "drift:DATA_DRIFT"} <= set(row["metrics"])
    detail = bank.ok("evaluation", "show", "mes", row["id"], "--json").json["detail"]
    assert {"performance", "drift", "settings", "model"} <= set(detail)


def test_the_list_shows_performance_drift_with_its_interval_and_drifted_columns_on_a_narrow_screen(
    bank: Bank,
) -> None:
    heading, _, row, *_ = bank.ok("evaluation", "list", "mes").out.splitlines()
    assert heading.split("  ")[0] == "id"
    for word in ("name", "rows", "ROC AUC", "Data Drift", "drifted"):
        assert word in heading
    assert "[" in row


def test_show_leaves_columns_to_drift_and_puts_the_reference_beside(bank: Bank) -> None:
    out = bank.ok("evaluation", "show", "mes").out
    assert "KS p-value of age" not in out
    assert "reference" in out
    assert "evaluation:date" in out


def test_drift_lists_the_worst_column_first_and_explains_its_numbers(bank: Bank) -> None:
    out = bank.ok("evaluation", "drift", "mes").out
    said = " ".join(out.split())
    assert "Compared with the test set of authorized" in said
    assert "interval" in said
    assert "at 0.5 it guesses" in said
    assert "look significant by chance alone" in said
    heading, first, second = (
        next(x for x in out.splitlines() if x.startswith(w)) for w in ("column", "age", "amount")
    )
    for word in ("verdict", "p", "corrected", "PSI", "effect", "because"):
        assert word in heading
    assert "drift" in first
    assert out.index(first) < out.index(second)


def test_drift_against_another_reference_is_worked_out_and_not_kept(bank: Bank) -> None:
    itself = bank.ok("evaluation", "drift", "mes", "--reference", f"mes/{newest(bank)}", "--json").json
    assert itself["stored"] is False
    said = bank.run("evaluation", "drift", "mes", "--reference", "foo")
    assert said.code == 2
    assert "STORE/ID" in said.err
    assert bank.run("evaluation", "compare", "foo").code == 2
    assert [c["column"] for c in itself["report"]["univariate"]["columns"] if c["verdict"] == "drift"] == []
    assert bank.ok("evaluation", "drift", "mes", "--json").json["stored"] is True


def test_an_evaluation_beside_the_version_it_judges(bank: Bank) -> None:
    version = bank.ok("model", "list", "--json").json[0]["active"]
    words = ("evaluation", "compare", f"mes/{newest(bank)}", f"authorized/{version}")
    found = bank.ok(*words, "--champion", f"authorized/{version}", "--json").json
    assert [i["id"][:2] for i in found["items"]] == ["ME", "S-"]
    assert found["champion"].startswith("S-")
    out = bank.ok(*words).out
    assert "ROC AUC" in out
    assert "* the best value." in out
    assert "* differs from authorized/" in bank.ok(*words, "--champion", f"authorized/{version}").out


def test_evaluations_are_named_labelled_and_deleted(own: Bank) -> None:
    id = newest(own)
    own.ok("evaluation", "rename", "mes", id, "May")
    own.ok("evaluation", "label", "mes", id, "month", "5")
    [row] = own.ok("evaluation", "list", "mes", "--json").json
    assert (row["name"], row["labels"]["month"]) == ("May", "5")
    own.ok("evaluation", "label", "mes", id, "month")
    assert "month" not in own.ok("evaluation", "list", "mes", "--json").json[0]["labels"]
    assert own.ok("evaluation", "delete", "mes", id).out == "1 evaluation removed.\n"
    assert own.run("evaluation", "delete", "mes", id).code == 3
    assert own.ok("evaluation", "list", "mes").out.startswith("No evaluation yet")


@pytest.mark.requirement("M42")
def test_the_sample_of_an_evaluation_is_exported(bank: Bank, tmp_path: Path) -> None:
    bank.ok("evaluation", "export-sample", "mes", newest(bank), str(tmp_path / "sample.parquet"))
    assert pq.read_table(tmp_path / "sample.parquet").num_rows == 300
    assert bank.run("evaluation", "export-sample", "mes", newest(bank)).code == 2


@pytest.mark.requirement("M42")
def test_the_sample_of_an_evaluation_becomes_a_dataset(own: Bank) -> None:
    own.ok("evaluation", "export-sample", "mes", newest(own), "--dataset", "kept_rows")
    assert own.ok("dataset", "count", "kept_rows").out == "300\n"


def test_another_cut_off_gives_another_confusion(bank: Bank) -> None:
    words = ("evaluation", "threshold", "mes", newest(bank))
    low, high = (bank.ok(*words, cut, "--json").json for cut in ("0.1", "0.9"))
    assert low["recall"] > high["recall"]


@pytest.mark.requirement("M44")
def test_an_evaluation_made_elsewhere_is_pushed_and_checked(own: Bank) -> None:
    said = own.ok("evaluation", "push", "mes", "revenue=12.5", "drift:DATA_DRIFT=0.55", "--name", "Elsewhere")
    assert said.out.startswith("ME-BANK-mes-")
    row = own.ok("evaluation", "list", "mes", "--json").json[0]
    assert row["metrics"] == {"custom:revenue": 12.5, "drift:DATA_DRIFT": 0.55}
    assert own.ok("check", "run", "mes", "--json").json[0]["verdict"] == "OK"
    assert own.run("evaluation", "push", "mes", "revenue=much").code == 2
    assert own.run("evaluation", "drift", "mes").code == 6
