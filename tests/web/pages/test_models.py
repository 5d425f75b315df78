"""Pages of models: versions, activation, the report screens of a version, the design, training."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest

from penstock.core.design import NumericHandling
from penstock.core.node import Node
from penstock.runtime import datasets, projects, training
from penstock.testing import a_node, a_project, fill
from tests.web.browser import Answer, a_browser
from tests.web.pages.modelled import a_bank, run
from tests.web.pages.test_evaluations import facts, specs

MODELS = "/projects/DEMO/models"
MODEL = f"{MODELS}/authorized"


def version(node: Node, model: str = "authorized") -> str:
    return training.versions(node, "DEMO", model)[0].id


def report(node: Node, screen: str = "", model: str = "authorized", **query: str) -> Answer:
    """One screen of the newest version."""
    words = "&".join(f"{k}={v}" for k, v in query.items())
    tail = f"/{screen}" if screen else ""
    return a_browser(node).get(f"{MODELS}/{model}/versions/{version(node, model)}{tail}?{words}")


def test_a_project_without_models_says_how_to_get_one(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    assert "No model yet" in a_browser(node).get(MODELS).text


def test_a_model_is_created_with_what_it_predicts(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    browser = a_browser(node)
    page = browser.follow(browser.post(f"{MODELS}/new", {"model_name": "late", "target": "is_late"}))
    assert "is_late" in page.html
    assert "Nothing trains this model yet" in browser.get(f"{MODELS}/late").text


def test_the_list_shows_the_active_version_and_its_score(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    page = a_browser(node).get(MODELS)
    auc = training.versioned(node, "DEMO", "authorized").metrics["auc"]
    assert f"{auc:.3f}" in page.text
    assert MODEL in page.links


def test_versions_show_who_is_active_and_their_metrics(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    page = a_browser(node).get(MODEL)
    assert "Active" in page.text
    assert "ROC AUC" in page.text
    assert f"{MODEL}/versions/{version(node)}" in page.links


@pytest.mark.requirement("M91")
def test_an_older_version_is_activated_again(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    first = version(node)
    run(node, "learn")
    assert training.active(node, "DEMO", "authorized") == version(node) != first
    browser = a_browser(node)
    assert f"{MODEL}/versions/{first}/activate" in browser.get(MODEL).html
    browser.post(f"{MODEL}/versions/{first}/activate")
    assert training.active(node, "DEMO", "authorized") == first


@pytest.mark.requirement("M93")
def test_a_version_is_promoted_only_when_it_is_better_and_the_page_says_why(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    first = node.models.versions("DEMO", "authorized")[0]
    browser = a_browser(node)
    assert "Promote if better" not in browser.get(MODEL).text
    run(node, "learn")
    newest = node.models.versions("DEMO", "authorized")[0]
    training.activate(node, "DEMO", "authorized", first.id, by="ann")
    page = browser.get(MODEL)
    assert "Promote if better" in page.text
    values = page.form_values("/promote")
    assert values["version"] == newest.id
    kept = browser.follow(browser.post(f"{MODEL}/promote", {**values, "margin": "0.5"}))
    assert "Not promoted: ROC AUC" in kept.text
    assert node.models.active("DEMO", "authorized") == first.id
    browser.post(f"{MODEL}/promote", {**values, "margin": "much"}, status=422)
    browser.post(f"{MODEL}/promote", {**values, "metric": "beauty"}, status=422)
    a_browser(node, rights=("read",)).post(f"{MODEL}/promote", values, status=403)


def test_the_active_version_cannot_be_deleted_and_others_can(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    first = version(node)
    run(node, "learn")
    browser = a_browser(node)
    browser.post(f"{MODEL}/chosen", {"ids": [version(node)], "what": "delete"}, status=403)
    browser.post(f"{MODEL}/versions/{first}/delete")
    assert [v.id for v in training.versions(node, "DEMO", "authorized")] == [version(node)]
    assert "removed since" in browser.get("/projects/DEMO/evaluations/mes/may").text


@pytest.mark.requirement("M94")
def test_the_report_of_a_binary_model_has_every_screen(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    base = f"{MODEL}/versions/{version(node)}"
    links = report(node).links
    drawn = (
        "decision",
        "lift",
        "calibration",
        "roc",
        "precision-recall",
        "density",
        "importance",
        "dependence",
        "explanations",
    )
    for screen in (
        *drawn,
        "confusion",
        "metrics",
        "subpopulations",
        "what-if",
        "fairness",
        "features",
        "algorithm",
        "training",
    ):
        assert f"{base}/{screen}" in links
        assert specs(report(node, screen)) or screen not in drawn


@pytest.mark.requirement("M94")
def test_subpopulations_show_each_value_beside_all_rows(tmp_path: Path) -> None:
    page = report(a_bank(tmp_path), "subpopulations", column="sector")
    for group in ("all rows", "food", "travel", "games"):
        assert group in page.text


@pytest.mark.requirement("M94")
def test_fairness_compares_groups_with_the_reference_group(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    assert "Choose a column" in report(node, "fairness").text
    page = report(node, "fairness", column="sector", reference="travel")
    assert "Demographic parity" in page.text
    assert "travel reference" in page.text


@pytest.mark.requirement("M94", "M95")
def test_what_if_starts_from_the_typical_row_and_follows_changes(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    start = training.what_if(node, "DEMO", "authorized")
    page = report(node, "what-if")
    assert page.form_values("what-if")["f.sector"] == start["row"]["sector"]
    assert f"{start['probabilities']['1']:.4f}" in page.text
    changed = training.what_if(node, "DEMO", "authorized", {"card_age": 120.0})
    fragment = a_browser(node).fragment(f"{MODEL}/versions/{version(node)}/what-if?f.card_age=120")
    assert f"{changed['probabilities']['1']:.4f}" in fragment.text
    assert "<html" not in fragment.html


def test_a_text_where_a_number_belongs_is_refused_in_words(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    page = a_browser(node).get(f"{MODEL}/versions/{version(node)}/what-if?f.card_age=old", status=422)
    assert "card_age" in page.text
    assert "not a number" in page.text


@pytest.mark.requirement("M40")
def test_the_threshold_of_a_version_moves_its_confusion(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    browser, base = a_browser(node), f"{MODEL}/versions/{version(node)}/confusion"
    low, high = (
        facts(browser.fragment(f"{base}?threshold=0.2")),
        facts(browser.fragment(f"{base}?threshold=0.8")),
    )
    assert float(low["Recall"]) > float(high["Recall"])
    assert low["ROC AUC"] == high["ROC AUC"]


def test_a_regression_has_no_threshold_and_no_fairness(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    links = report(node, model="fare").links
    base = f"{MODELS}/fare/versions/{version(node, 'fare')}"
    assert f"{base}/scatter" in links
    assert f"{base}/confusion" not in links
    assert f"{base}/fairness" not in links


def test_the_design_is_edited_as_a_form(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    browser = a_browser(node)
    before = node.projects.load("DEMO").model("authorized")
    values = browser.get(f"{MODEL}/design").form_values("edit")
    browser.post(f"{MODEL}/design", values, status=303)
    assert node.projects.load("DEMO").model("authorized") == before
    name = next(k for k in values if k.endswith("design.seed") or k == "design.seed")
    browser.post_from(f"{MODEL}/design", {name: "7"}, form="edit", status=303)
    changed = node.projects.load("DEMO").model("authorized")
    assert changed.design is not None
    assert changed.design.seed == 7


def test_a_flaw_of_the_design_is_shown_at_its_field(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    browser = a_browser(node)
    values = browser.get(f"{MODEL}/design").form_values("edit")
    page = browser.post(f"{MODEL}/design", {**values, "design.target": ""}, status=422)
    assert "wrong" in page.html


def test_the_features_are_a_table_with_one_row_for_every_column(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    browser = a_browser(node)
    page = browser.get(f"{MODEL}/design")
    values = page.form_values("edit")
    rows = {v: k.split(".")[1] for k, v in values.items() if re.fullmatch(r"features\.\d+\.column", k)}
    assert set(rows) == {c.name for c in datasets.columns(node, "DEMO", "history")}
    assert f"features.{rows['authorized_flag']}.role" not in values  # the target is no feature
    before = dict(node.projects.load("DEMO").model("authorized").design.features)  # type: ignore[union-attr]
    n = rows["card_age"]
    settings = browser.fragment(f"{MODEL}/handling?row={n}&features.{n}.type=numeric").html
    assert f'name="features.{n}.handling.missing"' in settings
    said = {"type": "numeric", "shown": "numeric", "handling.missing": "median"}
    told = {f"features.{n}.{word}": value for word, value in said.items()}
    told[f"features.{rows['sector']}.role"] = "reject"
    browser.post(f"{MODEL}/design", {**values, **told}, status=303)
    features = node.projects.load("DEMO").model("authorized").design.features  # type: ignore[union-attr]
    assert features["card_age"].handling == NumericHandling(type="numeric", missing="median")
    assert features["sector"].role == "reject"
    assert {k: v for k, v in features.items() if k not in ("card_age", "sector")} == {
        k: v for k, v in before.items() if k not in ("card_age", "sector")
    }
    again = browser.get(f"{MODEL}/design").form_values("edit")
    assert again[f"features.{n}.handling.missing"] == "median"


def test_a_column_the_design_names_and_the_data_lacks_is_told_before_any_job(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    browser = a_browser(node)
    values = browser.get(f"{MODEL}/design").form_values("edit")
    wrong = {"features.90.column": "card_agee", "features.90.role": "input"}
    answer = browser.post(f"{MODEL}/design", {**values, **wrong, "train": "yes"}, status=303)
    assert answer.location == f"{MODEL}/design"
    page = browser.follow(answer)
    assert "no column 'card_agee'" in page.text
    assert "not in history" in page.text
    named = next(k for k, v in page.form_values("edit").items() if v == "card_agee").split(".")[1]
    forgotten = {**page.form_values("edit"), f"features.{named}.role": ""}
    browser.post(f"{MODEL}/design", forgotten, status=303)
    assert "card_agee" not in browser.get(f"{MODEL}/design").text


def test_a_model_without_a_design_gets_one_when_its_target_is_said(tmp_path: Path) -> None:
    node = _loans(tmp_path)
    browser = a_browser(node)
    browser.post(f"{MODELS}/new", {"model_name": "bought"})
    values = browser.get(f"{MODELS}/bought/design").form_values("edit")
    browser.post(f"{MODELS}/bought/design", values, status=303)
    assert node.projects.load("DEMO").model("bought").design is None
    browser.post_from(f"{MODELS}/bought/design", {"design.target": "grade"}, form="edit", status=303)
    assert node.projects.load("DEMO").model("bought").design.target == "grade"  # type: ignore[union-attr]


def test_training_starts_a_job_of_the_model_alone(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    location = a_browser(node).post(f"{MODEL}/train").location
    job = location.rsplit("/", 1)[1]
    while not node.runs.job(job).state.final:
        pass
    assert node.runs.job(job).state == "DONE"
    assert len(training.versions(node, "DEMO", "authorized")) == 2


def test_a_training_that_failed_leads_to_the_design(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    only = {"target": "authorized_flag", "features": {}, "other_columns": "reject"}
    projects.define(node, "DEMO", "model", "authorized", {"design": only}, author="ann")
    location = a_browser(node).post(f"{MODEL}/train").location
    while not node.runs.job(location.rsplit("/", 1)[1]).state.final:
        pass
    assert f"{MODEL}/design" in a_browser(node).get(location).links


@pytest.mark.parametrize("page", ["models/authorized", "evaluations/mes", "datasets/april"])
def test_everything_that_can_be_shown_on_a_dashboard_has_the_button(page: str, tmp_path: Path) -> None:
    shown = a_browser(a_bank(tmp_path)).get(f"/projects/DEMO/{page}")
    assert "/projects/DEMO/publish?" in shown.html


def test_who_may_only_read_finds_no_button_that_changes(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    reader = a_browser(node, rights=("read",))
    html = reader.get(MODEL).html
    assert not re.search(r"/train|/activate|data-sure", html)
    reader.post(f"{MODEL}/train", status=403)


FIXTURES = Path(__file__).parents[2] / "fixtures/mlflow"


def a_zip(name: str) -> bytes:
    """A folder that MLflow saved, as a zip file with the folder in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(p for p in (FIXTURES / name).rglob("*") if p.is_file()):
            archive.write(path, f"saved/{path.relative_to(FIXTURES / name)}")
    return out.getvalue()


@pytest.mark.requirement("M96")
def test_a_model_that_mlflow_saved_is_taken_in_as_a_version(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"models/fate": {}})
    browser, words = a_browser(node), {"target": "fate", "activate": "yes"}
    answer = browser.post(f"{MODELS}/fate/import", words, files={"folder": ("saved.zip", a_zip("skops"))})
    made = training.versioned(node, "DEMO", "fate")
    assert answer.location.endswith(f"/versions/{made.id}")
    page = browser.follow(answer)
    assert "imported without rows" in page.text
    assert f"{MODELS}/fate/versions/{made.id}/what-if" not in page.links


def test_a_pickle_is_not_opened_from_the_studio(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"models/fate": {}})
    browser = a_browser(node)
    files = {"folder": ("saved.zip", a_zip("pickled"))}
    browser.post(f"{MODELS}/fate/import", {"target": "fate"}, files=files, status=422)
    browser.post(f"{MODELS}/fate/import", {"target": "fate"}, status=422)
    assert training.versions(node, "DEMO", "fate") == []


def test_a_model_is_deleted_with_the_recipes_that_need_it(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    browser = a_browser(node)
    page = browser.follow(browser.post(f"{MODELS}/fare/delete"))
    assert "learn_fare" in page.text
    assert list(node.projects.load("DEMO").models) == ["authorized"]


def _loans(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    rows = [{"amount": i * 1.5, "grade": "abc"[i % 3], "<b>bad</b>": i % 2 == 0} for i in range(30)]
    a_project(node, {"datasets/loans": {"type": "inline", "rows": rows}})
    return node


def test_the_column_to_predict_is_chosen_among_those_of_a_dataset_with_the_task_it_asks_for(
    tmp_path: Path,
) -> None:
    node = _loans(tmp_path)
    browser = a_browser(node)
    assert "Column to predict" not in browser.get(f"{MODELS}/new").text
    page = browser.get(f"{MODELS}/new?dataset=loans")
    assert "amount – a number (regression)" in page.text
    assert "grade – several classes (multiclass)" in page.text
    assert "<b>bad</b> – two classes (binary)" in page.text
    made = browser.post(f"{MODELS}/new", {"dataset": "loans", "target": "grade", "model_name": ""})
    assert made.location == f"{MODELS}/grade_model/design"
    loaded = node.projects.load("DEMO")
    assert loaded.recipe("train_grade_model").reads == ("loans",)
    assert loaded.producer("grade_model") == "train_grade_model"
    assert "waits for" not in browser.follow(made).text


@pytest.mark.parametrize(
    ("name", "target", "said"),
    [("loans", "grade", "already something called"), ("no name", "grade", "is not a name"),
     ("risk", "grad", "no column 'grad'")],
)  # fmt: skip
def test_a_model_that_is_refused_keeps_what_was_chosen(
    tmp_path: Path, name: str, target: str, said: str
) -> None:
    node = _loans(tmp_path)
    refused = a_browser(node).post(
        f"{MODELS}/new", {"dataset": "loans", "target": target, "model_name": name}, status=422
    )
    assert said in refused.text
    values = next(v for i in range(9) if "target" in (v := refused.form_values(i)))
    assert (values["dataset"], values["model_name"]) == ("loans", name)
    assert not node.projects.load("DEMO").models


def test_a_model_without_a_recipe_says_what_training_waits_for_and_makes_its_own(tmp_path: Path) -> None:
    node = _loans(tmp_path)
    browser = a_browser(node)
    browser.post(f"{MODELS}/new", {"target": "grade", "model_name": "late"})
    page = browser.get(f"{MODELS}/late/design")
    assert "Save and train waits for a Train recipe" in page.text
    link = next(one for one in page.links if "type=train" in one)
    values = browser.get(link).form_values("recipes/new")
    assert (values["model"], values["recipe_name"]) == ("late", "train_late")


def test_a_recipe_whose_model_has_no_version_is_not_up_to_date(tmp_path: Path) -> None:
    node = _loans(tmp_path)
    browser = a_browser(node)
    browser.post(f"{MODELS}/new", {"dataset": "loans", "target": "grade", "model_name": "risk"})
    page = browser.get("/projects/DEMO/recipes/train_risk")
    assert "Up to date" not in page.text
    assert "Model risk has no version yet" in page.text


def test_what_a_column_is_for_is_told_in_words(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    days = [date(2026, 1, 1 + i % 28) for i in range(60)]
    ids = [f"order {i}" for i in range(60)]
    fill(node, "raw", day=days, order=ids, number=list(range(60)), late=["yes", "no"] * 30)
    said = a_browser(node).get("/projects/DEMO/models/new?dataset=raw").text
    assert "day – no model predicts dates" in said
    assert "order – an id: each row has a value of its own" in said
    assert "number – a number (regression): looks like an id: it numbers the rows" in said
    assert "late – two classes (binary)" in said
    assert "date32" not in said


def test_no_two_fields_of_the_page_of_a_new_model_share_an_id(tmp_path: Path) -> None:
    page = a_browser(a_bank(tmp_path)).get("/projects/DEMO/models/new?dataset=history").html
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))


def test_the_target_is_picked_from_the_columns_and_the_open_prediction_type_says_what_it_means(
    tmp_path: Path,
) -> None:
    page = a_browser(a_bank(tmp_path)).get("/projects/DEMO/models/fare/design")
    picker = re.search(r'<select[^>]*name="design.target".*?</select>', page.html, re.S)
    assert picker is not None
    assert '<option value="fare" selected>' in picker[0]
    assert '<option value="distance">' in picker[0]
    assert "As the values of the target say" in page.text


def test_of_ja_and_nein_ja_is_asked_for_and_the_design_offers_both(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    fill(node, "raw", x=list(range(60)), back=["nein", "ja", "nein"] * 20, late=["yes", "no"] * 30)
    browser = a_browser(node)
    browser.post(f"{MODELS}/new", {"dataset": "raw", "target": "back", "model_name": "back"})
    browser.post(f"{MODELS}/new", {"dataset": "raw", "target": "late", "model_name": "late"})
    loaded = node.projects.load("DEMO")
    chosen = [design.positive for name in ("back", "late") if (design := loaded.model(name).design)]
    assert chosen == ["ja", ""]
    page = browser.get(f"{MODELS}/back/design").html
    assert re.search(r'<datalist id="offer-class">\s*<option value="ja">.*?<option value="nein">', page, re.S)
