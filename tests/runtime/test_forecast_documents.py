"""Documents of a model that continues series in time: its own chapter, true to the file of the version."""

from __future__ import annotations

import io
import json
from typing import Any

import docx
import pytest

from penstock.core.document import Picture, Table, plain
from penstock.core.node import Node
from penstock.runtime import model_documents, project_wiki, wiki
from penstock.runtime.model_document.names import names
from penstock.runtime.model_document.subject import subject
from penstock.testing import KEY
from tests.web.pages.shopping import shops

HEADINGS = {
    "Executive Summary", "Methodology", "Horizon, Series and Seasons", "Tested Algorithms", "Alternative Models",
    "Metrics", "Forecasts Beside What Came", "How Far Ahead", "Series by Series", "Quantiles", "Diagnostics",
    "Deployment and Monitoring",
}  # fmt: skip


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    return shops(tmp_path_factory.mktemp("shops"))


@pytest.fixture(scope="module")
def kept(node: Node) -> dict[str, Any]:
    """The report of the version, as its file says it."""
    place = node.models.files(KEY, "demand", node.models.active(KEY, "demand"))
    report: dict[str, Any] = json.loads((place / "report.json").read_text(encoding="utf-8"))
    return report


def _rows(node: Node, name: str) -> list[list[str]]:
    said = names(subject(node, KEY, "demand")).said(name)
    assert isinstance(said, Table)
    return [[plain(cell) for cell in row] for row in said.rows]


@pytest.mark.slow
@pytest.mark.requirement("D84")
def test_a_forecast_has_a_chapter_of_its_own_and_nothing_of_models_that_predict_rows(node: Node) -> None:
    made = docx.Document(io.BytesIO(model_documents.export(node, KEY, "demand").document.content))
    told = [p.text for p in made.paragraphs]
    assert set(told) >= HEADINGS
    assert not {"Weighting Strategy", "Calibration", "Confusion Matrix", "Feature Importance"} & set(told)
    assert len(made.inline_shapes) >= 3
    whole = "\n".join([*told, *(c.text for grid in made.tables for row in grid.rows for c in row.cells)])
    assert "it says the next 5 days, with the quantiles 0.1, 0.5 and 0.9" in whole
    assert "holiday, known in advance" in whole
    assert "{{" not in whole


@pytest.mark.requirement("D84")
def test_its_figures_are_those_of_the_file(node: Node, kept: dict[str, Any]) -> None:
    found = kept["forecast"]
    steps = _rows(node, "forecast.steps.table")
    assert [row[0] for row in steps] == ["1", "2", "3", "4", "5"]
    assert [float(row[1]) for row in steps] == pytest.approx([s["mase"] for s in found["steps"]], rel=1e-3)
    assert [row[-1] for row in steps] == [f"{s['inside']:.0%}" for s in found["steps"]]
    by_shop = {one["key"][0]: one["mase"] for one in found["by_series"]}
    listed = [(row[0], float(row[1])) for row in _rows(node, "forecast.series.table")]
    assert dict(listed) == pytest.approx(by_shop, rel=1e-3)
    assert [value for _, value in listed] == sorted((value for _, value in listed), reverse=True)
    quantiles = [(f"{c['quantile']:g}", f"{c['below']:.1%}") for c in found["coverage"]]
    assert [(row[0], row[2]) for row in _rows(node, "forecast.quantiles.table")] == quantiles
    tried = {row[0]: float(row[2]) for row in _rows(node, "forecast.algorithms.table")}
    assert tried == pytest.approx({one["algorithm"]: one["score"] for one in kept["trials"]}, rel=1e-3)


@pytest.mark.requirement("D84")
def test_its_design_is_told_with_what_was_left_to_us(node: Node) -> None:
    design = dict(_rows(node, "forecast.design.table"))
    assert (design["Horizon"], design["Time"]) == ("5 days", "day, one row a day")
    assert design["Season"] == "a pattern comes again after 7 days"
    assert design["Lags"].startswith("the last 14 values")
    assert design["Held back"] == "3 horizons at the end of every series"


@pytest.mark.requirement("D85")
def test_a_template_may_ask_for_its_tables_and_pictures(node: Node) -> None:
    template, out = docx.Document(), io.BytesIO()
    for said in (
        "{{forecast.status}} {{forecast.horizon.value}}",
        "{{forecast.steps.plot}}",
        "{{forecast.quantiles.table}}",
    ):
        template.add_paragraph(said)
    template.save(out)
    made = model_documents.export(node, KEY, "demand", template=out.getvalue())
    filled = docx.Document(io.BytesIO(made.document.content))
    assert made.warnings == ()
    assert "Yes 5 days" in [p.text for p in filled.paragraphs]
    assert (len(filled.tables), len(filled.inline_shapes)) == (1, 1)
    assert isinstance(names(subject(node, KEY, "demand")).said("forecast.steps.plot"), Picture)


@pytest.mark.slow
@pytest.mark.requirement("D82")
def test_the_project_wiki_tells_design_and_measures_of_a_forecast(node: Node, kept: dict[str, Any]) -> None:
    project_wiki.generate(node, KEY, author="ann")
    text = wiki.show(node, KEY, "model-demand").text
    for said in (
        "| Horizon | 5 days |",
        "a pattern comes again after 7 days",
        "| Target | sales |",
        "How far ahead",
    ):
        assert said in text
    for step in kept["forecast"]["steps"]:
        assert f"{step['mase']:.4g}" in text
    assert not project_wiki.check(node, KEY).wrong
