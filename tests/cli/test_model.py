"""Models from the command line."""

from __future__ import annotations

from .bank import Bank


def versions(bank: Bank) -> list[dict[str, object]]:
    found: list[dict[str, object]] = bank.ok("model", "versions", "authorized", "--json").json
    return found


def test_a_retrained_model_has_a_new_active_version_and_the_old_one_may_come_back(own: Bank) -> None:
    [first] = versions(own)
    own.ok("model", "train", "authorized")
    newest, oldest = versions(own)
    assert (newest["active"], oldest["active"]) == (True, False)
    own.ok("model", "activate", "authorized", str(first["id"]))
    assert own.run("model", "delete", "authorized", str(first["id"])).code == 5
    own.ok("model", "delete", "authorized", str(newest["id"]))
    assert [v["id"] for v in versions(own)] == [first["id"]]


def test_a_version_shows_its_scores_and_diagnostics(bank: Bank) -> None:
    said = bank.ok("model", "show", "authorized")
    assert "ROC AUC" in said.out
    assert "train_set_too_small" in said.out
    assert bank.run("model", "show", "authorized", "--version", "nobody").code == 3


def test_the_strongest_feature_stands_first_and_moves_the_prediction(bank: Bank) -> None:
    assert bank.ok("model", "explain", "authorized", "--json").json[0]["feature"] == "age"
    curve = bank.ok("model", "explain", "authorized", "age", "--json").json
    assert curve[0]["influence"][0] < curve[-1]["influence"][0]
    assert "amount" in bank.run("model", "explain", "authorized", "amont").err


def test_what_if_answers_for_the_changed_row(bank: Bank) -> None:
    young, old = (bank.ok("model", "what-if", "authorized", f"age={age}", "--json").json for age in (20, 80))
    assert young["probabilities"]["1"] < old["probabilities"]["1"]
    assert young["row"]["age"] == 20
