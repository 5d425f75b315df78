"""Pages of evaluation stores and evaluations: tables, charts, screens, drift under other terms, removing."""

from __future__ import annotations

import html
import json
import re
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import insert

from penstock.core.evaluation import Evaluation
from penstock.core.metric import DATA_DRIFT
from penstock.core.node import Node
from penstock.runtime import evaluations, projects
from penstock.store.rows import to_json
from penstock.store.tables import evaluations as rows
from penstock.testing import a_node, a_project, fill
from tests.kinds.recipes.fraud import transactions
from tests.web.browser import Answer, a_browser
from tests.web.pages.modelled import a_bank, run

STORES = "/projects/DEMO/evaluations"
MES = f"{STORES}/mes"


def specs(page: Answer) -> list[dict[str, Any]]:
    """The charts of a page."""
    return [json.loads(html.unescape(text)) for text in re.findall(r"data-spec='([^']*)'", page.html)]


def marks(spec: dict[str, Any]) -> set[str]:
    return {layer["mark"]["type"] for layer in spec["layer"]}


def a_store(folder: Path, count: int) -> Node:
    """A store with evaluations that were pushed: e0, e1 …"""
    node = a_node(folder)
    a_project(node, {"evaluations/mes": {}})
    for n in range(count):
        metrics = {"performance:auc": 0.7 - n / 100, "performance:f1": n / 10, DATA_DRIFT: 0.5 + n / 20}
        evaluations.push(
            node, "DEMO", "mes", metrics, id=f"e{n}", name=f"run {n}", labels_={"region": f"r{n % 2}"}
        )
    return node


# stores


def test_a_project_without_stores_says_what_one_is_for(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    assert "No evaluation store yet" in a_browser(node).get(STORES).text


def test_a_store_is_created_and_says_what_fills_it(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    browser = a_browser(node)
    page = browser.follow(browser.post(f"{STORES}/new", {"store_name": "mes"}))
    assert "Nothing writes here yet" in page.text


def test_the_list_says_how_each_store_went_lately(tmp_path: Path) -> None:
    page = a_browser(a_store(tmp_path, 3)).get(STORES)
    assert MES in page.links
    assert "run 2" in page.text
    assert "0.600" in page.text


@pytest.mark.requirement("M36")
@pytest.mark.parametrize(("count", "drawn"), [(1, "bar"), (2, "bar"), (3, "line")])
def test_one_or_two_evaluations_are_bars_and_three_are_lines(tmp_path: Path, count: int, drawn: str) -> None:
    charts = specs(a_browser(a_store(tmp_path, count)).get(MES))
    assert charts
    assert all(drawn in marks(spec) for spec in charts)
    assert all(("line" in marks(spec)) == (drawn == "line") for spec in charts)


@pytest.mark.requirement("M36")
def test_months_stand_in_their_order_with_a_line_for_each_model_version(tmp_path: Path) -> None:
    node = a_store(tmp_path, 0)
    seen = (("2013-09", "v1", 0.73), ("2013-12", "v1", 0.71), ("2013-10", "v1", 0.70), ("2013-10", "v1", 0.773),
            ("2013-10", "v2", 0.69))  # fmt: skip
    for n, (month, version, drift) in enumerate(seen):
        given = {"labels_": {"model:name": version}, "id": f"e{n}"}
        evaluations.push(node, "DEMO", "mes", {DATA_DRIFT: drift}, name=month, **given)
    page = a_browser(node).get(MES)
    (spec,) = specs(page)
    line = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")
    drawn = [(row["n"], row["x"], row["series"], row["value"]) for row in line["data"]["values"]]
    assert drawn == [
        (0, "2013-09", "v1", 0.73), (1, "2013-10", "v1", 0.773), (1, "2013-10", "v2", 0.69), (2, "2013-12", "v1", 0.71),
    ]  # fmt: skip
    assert "of 1 evaluation that were repeated" in page.text


@pytest.mark.requirement("M36")
def test_the_choice_of_metrics_is_kept(tmp_path: Path) -> None:
    node = a_store(tmp_path, 3)
    browser = a_browser(node)
    browser.post(f"{MES}/show", {"metrics": ["performance:f1"]})
    for page in (browser.get(MES), a_browser(node, login="bob", rights=("read",)).get(MES)):
        assert [spec["description"].split(":")[0] for spec in specs(page)] == ["F1"]


def test_a_reader_looks_at_other_metrics_without_changing_anything(tmp_path: Path) -> None:
    node = a_store(tmp_path, 3)
    reader = a_browser(node, rights=("read",))
    page = reader.get(f"{MES}?metrics=performance:f1&x=region&colour=region")
    assert [spec["description"].split(":")[0] for spec in specs(page)] == ["F1"]
    assert "r0" in json.dumps(specs(page))
    reader.post(f"{MES}/show", {"metrics": ["performance:f1"]}, status=403)
    assert len(specs(reader.get(MES))) == 2


@pytest.mark.requirement("M34")
def test_each_row_leads_to_its_evaluation_and_data_drift_to_the_drift(tmp_path: Path) -> None:
    page = a_browser(a_bank(tmp_path)).get(MES)
    assert f"{MES}/may" in page.links
    assert f"{MES}/may/input-drift" in page.links
    heads = re.findall(r"<th[^>]*>.*?</th>", page.html)
    assert "Data Drift" in heads[-1]
    assert page.text.index("May") < page.text.index("April")


@pytest.mark.requirement("M35")
def test_a_store_without_truth_shows_no_performance_but_what_is_expected(tmp_path: Path) -> None:
    page = a_browser(a_bank(tmp_path)).get(f"{STORES}/blind")
    assert "performance:" not in page.html
    assert page.text.count("ROC AUC") == page.text.count("ROC AUC (estimated)") > 0
    assert re.search(r'<td class="num muted" title="Estimated: [\d.]+ to [\d.]+">≈ 0\.\d+</td>', page.html)
    assert "Data Drift" in page.text


def test_an_evaluation_without_truth_says_what_it_expects_and_what_that_rests_on(tmp_path: Path) -> None:
    page = a_browser(a_bank(tmp_path)).get(f"{STORES}/blind/may")
    assert "Performance was skipped in this evaluation." in page.text
    assert re.search(
        r"Estimated performance CBPE ≈ 0\.\d+ ROC AUC, expected of 400 rows without looking", page.text
    )
    assert "with 95 % confidence" in page.text
    assert "of the reference" in page.text
    assert "only ground truth tells" in page.text
    assert "Measured" not in page.text


def test_what_was_expected_stands_beside_what_was_measured(tmp_path: Path) -> None:
    browser = a_browser(a_bank(tmp_path))
    page = browser.get(f"{MES}/april")
    assert re.search(r"ROC AUC ≈ 0\.\d+ 0\.\d+ to 0\.\d+ 0\.\d+ (within|outside)", page.text)
    store = browser.get(MES)
    assert re.search(
        r"Measured ROC AUC lay within the band of its estimate in \d of 2 evaluations\.", store.text
    )
    assert "ROC AUC (estimated)" in store.text
    assert "F1 (estimated)" not in re.sub(r"<form.*?</form>", "", store.html.split("<thead>")[1])
    series = {
        row["series"]
        for spec in specs(store)
        for layer in spec["layer"]
        for row in layer["data"]["values"]
        if "series" in row
    }
    assert {"estimated", "measured"} <= series


def test_a_regression_expects_its_errors(tmp_path: Path) -> None:
    page = a_browser(a_bank(tmp_path)).get(f"{STORES}/fares/rides")
    assert re.search(r"Estimated performance DLE ≈ [\d.]+ MAE", page.text)
    assert "A second model learned" in page.text


def test_the_table_is_searched_and_sorted_over_the_whole_store(tmp_path: Path) -> None:
    browser = a_browser(a_store(tmp_path, 4))
    assert re.findall(r"run \d", browser.get(f"{MES}?text=RUN+2").text) == ["run 2"]
    assert re.findall(r"run \d", browser.get(f"{MES}?text=r1&by=name&way=up").text) == ["run 1", "run 3"]
    sorted_ = browser.get(f"{MES}?by=performance:auc&way=up")
    assert re.findall(r"run \d", sorted_.text) == ["run 3", "run 2", "run 1", "run 0"]
    assert "No evaluation has" in browser.get(f"{MES}?text=nothing").text


@pytest.mark.requirement("M37")
def test_removing_all_empties_the_store(tmp_path: Path) -> None:
    node = a_store(tmp_path, 3)
    browser = a_browser(node)
    browser.post(f"{MES}/remove", {"ids": ["e0", "e2"], "what": "remove"})
    assert [e.id for e in evaluations.page(node, "DEMO", "mes").evaluations] == ["e1"]
    browser.post(f"{MES}/remove", {"ids": ["e1"], "what": "remove"})
    assert evaluations.page(node, "DEMO", "mes").total == 0


def test_the_chosen_evaluations_are_compared(tmp_path: Path) -> None:
    answer = a_browser(a_store(tmp_path, 3)).post(f"{MES}/remove", {"ids": ["e0", "e2"], "what": "compare"})
    assert answer.location == "/projects/DEMO/compare?items=mes%2Fe0%2Cmes%2Fe2"


def test_what_somebody_typed_is_shown_escaped(tmp_path: Path) -> None:
    node = a_store(tmp_path, 1)
    evaluations.rename(node, "DEMO", "mes", "e0", "<b>x</b>")
    for page in (MES, f"{MES}/e0"):
        assert "<b>x</b>" not in a_browser(node).get(page).html


def test_settings_are_saved(tmp_path: Path) -> None:
    node = a_store(tmp_path, 1)
    a_browser(node).post_from(f"{MES}/settings", {"short_description": "Every month"}, form="settings")
    assert node.projects.load("DEMO").evaluation_store("mes").short_description == "Every month"


def test_a_hundred_thousand_evaluations_are_shown_at_once(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"evaluations/mes": {}})
    now = node.clock.now()
    fact = to_json(Evaluation(
        project="DEMO", store="mes", id="e", name="run", created_at=now - timedelta(days=1), prediction_type="binary",
        metrics={"performance:auc": 0.7, DATA_DRIFT: 0.6}, main_metric="performance:auc",
    ))  # fmt: skip
    with node.evaluations.database.write() as connection:  # type: ignore[attr-defined]
        for start in range(0, 100_000, 10_000):
            connection.execute(
                insert(rows),
                [
                    {
                        "project": "DEMO",
                        "store": "mes",
                        "id": f"e{n}",
                        "facts": {**fact, "id": f"e{n}"},
                        "detail": "",
                        "sample": "",
                        "created_at": now - timedelta(days=1),
                    }
                    for n in range(start, start + 10_000)
                ],
            )
    browser = a_browser(node)
    assert "100,000" in browser.get(MES).text
    took = []
    for _ in range(3):
        start_at = time.process_time()  # what others do on this machine counts for nothing
        browser.get(MES)
        took.append(time.process_time() - start_at)
    assert min(took) < 0.2


# one evaluation


@pytest.mark.requirement("M39")
def test_a_binary_evaluation_with_truth_offers_every_screen(tmp_path: Path) -> None:
    browser = a_browser(a_bank(tmp_path))
    page = browser.get(f"{MES}/may")
    for screen in (
        "confusion",
        "decision",
        "lift",
        "calibration",
        "roc",
        "precision-recall",
        "density",
        "metrics",
    ):
        assert f"{MES}/may/{screen}" in page.links
        shown = browser.get(f"{MES}/may/{screen}")
        assert screen in ("confusion", "metrics") or specs(shown)


@pytest.mark.requirement("M39")
def test_a_regression_offers_scatter_and_error_distribution(tmp_path: Path) -> None:
    browser = a_browser(a_bank(tmp_path))
    assert f"{STORES}/fares/rides/confusion" not in browser.get(f"{STORES}/fares/rides").links
    for screen in ("scatter", "errors"):
        assert specs(browser.get(f"{STORES}/fares/rides/{screen}"))


def test_a_screen_that_has_nothing_to_show_is_not_there(tmp_path: Path) -> None:
    page = a_browser(a_bank(tmp_path)).get(f"{STORES}/blind/may/roc", status=404)
    assert "roc" in page.text


def facts(page: Answer) -> dict[str, str]:
    found = re.findall(r"<dt[^>]*>([^<]*)</dt><dd[^>]*>([^<]*)</dd>", page.html)
    return dict(found)


@pytest.mark.requirement("M40")
def test_moving_the_threshold_moves_the_confusion_and_its_scores_but_no_score_of_probabilities(
    tmp_path: Path,
) -> None:
    browser = a_browser(a_bank(tmp_path))
    low = browser.fragment(f"{MES}/may/confusion?threshold=0.2&tp=1&fp=-1&tn=0&fn=0")
    high = browser.fragment(f"{MES}/may/confusion?threshold=0.8&tp=1&fp=-1&tn=0&fn=0")
    assert '<div id="cut"' in low.html
    assert "<html" not in low.html
    before, after = facts(low), facts(high)
    for moved in ("Accuracy", "Precision", "Recall", "F1", "Total gain", "Average gain"):
        assert before[moved] != after[moved]
    for fixed in ("ROC AUC", "Log loss"):
        assert before[fixed] == after[fixed] != ""


@pytest.mark.requirement("M40")
def test_other_gains_change_the_gain_alone(tmp_path: Path) -> None:
    browser = a_browser(a_bank(tmp_path))
    one = facts(browser.fragment(f"{MES}/may/confusion?tp=1"))
    two = facts(browser.fragment(f"{MES}/may/confusion?tp=2"))
    assert one["Total gain"] != two["Total gain"]
    assert one["F1"] == two["F1"]


def test_names_and_labels_are_changed(tmp_path: Path) -> None:
    node = a_store(tmp_path, 1)
    browser = a_browser(node)
    browser.post(f"{MES}/e0/name", {"title": "December"})
    browser.post(f"{MES}/e0/label", {"key": "month", "value": "12"})
    browser.post(f"{MES}/e0/label", {"key": "region"})
    found = node.evaluations.get("DEMO", "mes", "e0")
    assert found.name == "December"
    assert found.labels["month"] == "12"
    assert "region" not in found.labels


def test_the_rows_kept_for_drift_are_downloaded(tmp_path: Path) -> None:
    answer = a_browser(a_bank(tmp_path)).get(f"{MES}/may/sample.parquet")
    assert answer.content[:4] == b"PAR1"


# drift


@pytest.mark.requirement("M56", "M65", "M75")
def test_input_drift_says_the_verdict_the_number_and_what_it_means(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    page = a_browser(node).get(f"{MES}/may/input-drift")
    score = node.evaluations.get("DEMO", "mes", "may").metrics[DATA_DRIFT]
    assert f"{score:.3f}" in page.html
    assert "0.5 no drift" in page.html
    assert f"in {round(100 * score)} of 100 cases" in page.text
    assert "Drift detected" in page.text
    assert "test set of authorized" in page.text
    assert page.html.index("card_age") < page.html.index(">amount<")
    assert specs(page)


@pytest.mark.requirement("M83")
def test_drift_is_worked_out_again_under_other_terms_and_nothing_is_kept(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    before = node.evaluations.get("DEMO", "mes", "may")
    terms = "compute=yes&reference=mes/april&confidence=0.99&as.card_age=off"
    page = a_browser(node).get(f"{MES}/may/input-drift?{terms}")
    assert "Worked out just now" in page.text
    assert "evaluation April of mes" in page.text
    assert "99 % interval" in page.text
    assert "Switched off" in page.html
    assert "Inconclusive" in page.text
    assert node.evaluations.get("DEMO", "mes", "may") == before


def test_terms_that_make_no_sense_are_refused_in_words(tmp_path: Path) -> None:
    page = a_browser(a_bank(tmp_path)).get(f"{MES}/may/input-drift?compute=yes&confidence=7", status=422)
    assert "Confidence lies between" in page.text


@pytest.mark.requirement("M77", "M78")
@pytest.mark.parametrize("store", ["mes", "blind"])
def test_prediction_drift_is_there_with_truth_and_without(tmp_path: Path, store: str) -> None:
    page = a_browser(a_bank(tmp_path)).get(f"{STORES}/{store}/may/prediction-drift")
    shares = [float(s) for s in re.findall(r'side-current-cell">([\d.]+) %', page.html)]
    assert sum(shares) == pytest.approx(100, abs=0.2)
    assert specs(page)


@pytest.mark.requirement("M81")
def test_performance_drift_lists_both_sides(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    page = a_browser(node).get(f"{MES}/may/performance-drift")
    version = node.models.versions("DEMO", "authorized")[0]
    assert f"{version.metrics['auc']:.4f}" in page.text
    assert f"{node.evaluations.get('DEMO', 'mes', 'may').metrics['performance:auc']:.4f}" in page.text
    assert {"reference", "current"} <= {v["series"] for v in specs(page)[0]["layer"][-1]["data"]["values"]}


def test_a_share_that_moved_is_told_beside_the_scores_that_follow_it(tmp_path: Path) -> None:
    page = a_browser(a_bank(tmp_path)).get(f"{MES}/may/performance-drift")
    assert "Read these scores with care" in page.text
    assert "chi-square p" in page.text
    assert "At the same share" in page.text
    assert ", share moved" in page.text


@pytest.mark.requirement("M82")
def test_performance_drift_without_truth_says_why_not(tmp_path: Path) -> None:
    page = a_browser(a_bank(tmp_path)).get(f"{STORES}/blind/may/performance-drift")
    assert "Performance was skipped in this evaluation" in page.text


def test_evaluating_new_data_starts_a_job(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    location = a_browser(node).post(f"{MES}/build", {"mode": "NON_RECURSIVE_FORCED_BUILD"}).location
    job = location.rsplit("/", 1)[1]
    assert node.runs.job(job).targets == ("mes",)
    while not node.runs.job(job).state.final:
        pass


def test_a_store_is_deleted_with_the_recipe_that_makes_it(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    browser = a_browser(node)
    page = browser.follow(browser.post(f"{STORES}/blind/delete"))
    assert "with recipe look_at_may" in page.text
    assert "blind" not in node.projects.load("DEMO").evaluation_stores
    assert node.evaluations.count("DEMO", "blind") == 0


def test_a_column_left_out_on_the_page_can_be_kept_for_the_recipe_and_its_checks(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    browser = a_browser(node)
    page = f"{MES}/may/input-drift"
    assert "on this page only" not in browser.get(page).text
    tried = browser.get(f"{page}?compute=yes&as.card_age=off")
    assert "card_age is left out" in tried.text
    assert "Keep it in judge" in tried.text
    answer = browser.post(f"{MES}/may/keep-drift", tried.form_values("/keep-drift"))
    assert answer.location.startswith("/projects/DEMO/recipes/judge")
    kept = projects.show(node, "DEMO").recipe("judge").feature_handling
    assert not kept["card_age"].enabled
    run(node, "judge")
    told = browser.get(page)
    assert "Switched off in the drift settings" in told.text
    browser.post(f"{MES}/may/keep-drift", {"recipe": "judge", "as.card_age": "auto"})
    assert "card_age" not in projects.show(node, "DEMO").recipe("judge").feature_handling


def test_a_column_that_names_the_day_is_left_out_by_one_click_beside_the_warning(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    for name, count, month in (("history", 1500, 1), ("may", 400, 5)):
        days = [date(2026, month, n % 28 + 1) for n in range(count)]
        fill(node, name, transactions(count).append_column("day", pa.array(days)))
    for name in ("learn", "judge"):
        run(node, name)
    page = a_browser(node).get(f"{MES}/may/input-drift")
    [link] = [link for link in page.links if "as.day=off" in link]
    without = a_browser(node).get(link)
    assert "day is left out on this page only" in without.text
    summary = a_browser(node).get(f"{MES}/may")
    assert f"{MES}/may/input-drift#leave-out" in summary.links
