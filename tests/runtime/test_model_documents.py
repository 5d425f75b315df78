"""Model documents: true, whole, from the version's own snapshot, in our outline or in a template of a user."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import docx
import numpy as np
import pyarrow as pa
import pytest
from pypdf import PdfReader

from penstock.core import document as documents
from penstock.core import registry
from penstock.core.analysis import ImportSettings
from penstock.core.design import CategoryHandling, DatetimeHandling, NumericHandling
from penstock.core.errors import Invalid, NotFound
from penstock.core.node import Node
from penstock.core.scenario import Scenario
from penstock.runtime import checks, folders, metrics, model_documents, projects, training
from penstock.runtime.model_document import around_names, design_names
from penstock.runtime.model_document.names import names
from penstock.runtime.model_document.subject import subject
from penstock.testing import KEY, a_project, build, fill
from tests.kinds.recipes.fraud import DESIGN, transactions
from tests.web.pages.modelled import a_bank

MLFLOW = Path(__file__).parent.parent / "fixtures/mlflow"
S1 = (
    "Executive Summary", "Methodology", "Results", "Problem Definition", "Data Ingestion", "Model and Feature Tuning",
    "Pre-processings", "Tested Algorithms", "Selected Model", "Alternative Models", "Hyperparameter Search",
    "Weighting Strategy", "Evaluation and Selection", "Experiment Results", "Selected Model Results", "Metrics",
    "Performance Charts", "Deployment and Monitoring",
)  # fmt: skip
"""What the seed lists of a model document."""
GROUPS = {"column": "region", "reference": "north"}
MODELS: dict[str, Any] = {
    "datasets/people": {"type": "managed"},
    "folders/reports": {},
    "models/fair": {
        "title": "Authorisation of payments",
        "design": {**DESIGN, "features": {"transaction_id": "reject", "region": "reject"}, "fairness": GROUPS},
        "checks": [
            {"type": "numeric_range", "name": "Fair", "metric": "fairness:demographic_parity", "maximum": 1.0},
            {"type": "numeric_range", "name": "Unfair", "metric": "fairness:equalised_odds", "maximum": 0.0},
        ],
    },
    "models/sector": {"design": {"target": "sector", "algorithms": ["decision_tree"], "importance": "off"}},
    "recipes/learn_fair": {"type": "train", "input": "people", "model": "fair"},
    "recipes/learn_sector": {"type": "train", "input": "people", "model": "sector"},
}  # fmt: skip


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """Models of every sort: `fair` and `authorized` of two classes, `sector` of three, `fare` a number."""
    node = a_bank(tmp_path_factory.mktemp("bank"))
    a_project(node, MODELS)
    rows = transactions(600, seed=5)
    where = np.random.default_rng(5).choice(["north", "south", "islands"], size=600, p=[0.55, 0.4, 0.05])
    fill(node, "people", rows.append_column("region", pa.array(where)))
    build(node, "fair", mode="only")
    build(node, "sector", mode="only")
    return node


@pytest.fixture(scope="module")
def fair(node: Node) -> bytes:
    """The usual document of `fair`."""
    return model_documents.export(node, KEY, "fair").document.content


def _word(content: bytes) -> Any:
    return docx.Document(io.BytesIO(content))


def _everything(made: Any) -> str:
    cells = [c.text for grid in made.tables for row in grid.rows for c in row.cells]
    return "\n".join([*(p.text for p in made.paragraphs), *cells])


def _template(*lines: str) -> bytes:
    made, out = docx.Document(), io.BytesIO()
    for line in lines:
        made.add_paragraph(line)
    made.save(out)
    return out.getvalue()


@pytest.mark.requirement("D84")
@pytest.mark.parametrize("model", ["authorized", "sector", "fare"])
def test_the_usual_document_has_the_outline_the_figures_and_the_true_scores(node: Node, model: str) -> None:
    made = _word(model_documents.export(node, KEY, model).document.content)
    headings = {p.text for p in made.paragraphs if p.style.name.startswith("Heading")}
    assert set(S1) <= headings
    text = _everything(made)
    version = node.models.version(KEY, model)
    assert "{{" not in text
    assert version.target in text
    assert version.algorithm in text
    for value in version.metrics.values():
        assert documents.number(value) in text
    assert len(made.inline_shapes) >= 3


def test_pdf_and_markdown_say_the_same(node: Node) -> None:
    value = documents.number(node.models.version(KEY, "fare").metrics["r2"])
    pdf = PdfReader(io.BytesIO(model_documents.export(node, KEY, "fare", form="pdf").document.content))
    assert any(value in page.extract_text() for page in pdf.pages)
    zipped = model_documents.export(node, KEY, "fare", form="md").document
    assert zipped.name.endswith(".zip")
    assert zipped.content.startswith(b"PK")


def test_an_unknown_form_is_told(node: Node) -> None:
    with pytest.raises(Invalid, match=r"Did you mean docx"):
        model_documents.export(node, KEY, "fare", form="doc")


@pytest.mark.requirement("D85")
def test_a_template_of_a_user_is_filled_and_what_it_asks_in_vain_is_told(node: Node) -> None:
    template = _template(
        "Target {{design.target.name}}, {{result.chosen_algorithm.name}}", "{{result.roc_curve.plot}}",
        "{{if design.training_and_validation_strategy.policy.value != }}", "split known",
        "{{endif design.training_and_validation_strategy.policy.value}}",
        "{{if design.prediction_type.name == Regression}}", "a number", "{{endif design.prediction_type.name}}",
        "{{result.feature_dependence.plot/card_age}}", "{{result.feature_dependence.plot/nothing}}",
        "{{design.tarket.name}}",
    )  # fmt: skip
    found = model_documents.export(node, KEY, "authorized", template=template)
    made = _word(found.document.content)
    assert "Target authorized_flag, Logistic regression" in _everything(made)
    assert "split known" in _everything(made)
    assert "a number" not in _everything(made)
    assert "{{" not in _everything(made)
    assert len(made.inline_shapes) == 2
    assert [w.partition(" ")[0] for w in found.warnings] == [
        "{{result.feature_dependence.plot/nothing}}", "{{design.tarket.name}}",
    ]  # fmt: skip


@pytest.mark.requirement("D85")
@pytest.mark.parametrize("model", ["fair", "fare"])
def test_the_sample_template_asks_for_nothing_that_is_not_there(node: Node, model: str) -> None:
    sample = model_documents.template(node).content
    found = model_documents.export(node, KEY, model, template=sample)
    text = _everything(_word(found.document.content))
    assert found.warnings == ()
    assert "{{" not in text
    assert f"predicts {node.models.version(KEY, model).target}" in text


@pytest.mark.parametrize("model", ["fair", "sector", "fare"])
def test_every_name_says_something_or_nothing_but_never_fails(node: Node, model: str) -> None:
    said = names(subject(node, KEY, model))
    for name in model_documents.offered(node, KEY, model).names:
        if name not in ASKS:
            said.said(name)


ASKS = ("result.diagnostics.table", "result.feature_dependence.plot", "result.metric.value")
"""Names that take an argument."""


@pytest.mark.requirement("D86")
def test_a_version_is_described_as_it_was_designed_not_as_the_model_is_now(node: Node) -> None:
    before = model_documents.card(node, KEY, "fair", form="json").content
    changed = {"target": "amount", "algorithms": ["ridge"], "features": {"region": "input"}}
    projects.define(node, KEY, "model", "fair", {"design": changed, "title": "Changed"}, author="ann")
    try:
        lines = [f"{{{{{name}}}}}" for name in ("design.target.name", "design.prediction_type.name",
                 "design.input_feature.table", "result.chosen_algorithm.name")]  # fmt: skip
        made = model_documents.export(node, KEY, "fair", template=_template(*lines)).document
        text = _everything(_word(made.content))
        assert "authorized_flag" in text
        assert "Two-class classification" in text
        assert "Logistic regression" in text
        assert "region" not in text
        after = model_documents.card(node, KEY, "fair", form="json").content
        assert json.loads(after)["design"] == json.loads(before)["design"]
    finally:
        projects.define(node, KEY, "model", "fair", MODELS["models/fair"], author="ann")


def test_figures_of_production_say_of_which_version_they_are(tmp_path: Path) -> None:
    """A retrain changes the version; what was evaluated before it was another one, and is never passed off as this."""
    node = a_bank(tmp_path)
    first = node.models.active(KEY, "authorized")
    before = subject(node, KEY, "authorized")
    table = around_names.last_evaluation(before)
    assert table is not None
    assert table.caption.startswith("Expected on the test set")
    weekly = {"title": "Weekly", "active": False, "triggers": [{"type": "time", "every": "1 week"}]}
    steps = [{"type": "build", "items": ["mes"]}]
    node.projects.save(KEY, {
        "scenarios/weekly.yaml": registry.validate(Scenario, {**weekly, "steps": steps}),
        "scenarios/by_hand.yaml": registry.validate(Scenario, {"title": "By hand", "steps": steps}),
    }, author="ann", message="Scenarios")  # fmt: skip
    build(node, "authorized", mode="NON_RECURSIVE_FORCED_BUILD")
    after = subject(node, KEY, "authorized")
    assert after.version.id != first
    told = around_names.last_evaluation(after)
    assert told is not None
    old = before.version.name
    assert told.caption.startswith(f"No evaluation knows the truth about this version yet; of {old}")
    auc = next(row for row in told.rows if documents.plain(row[0]) == "ROC AUC")
    assert documents.plain(auc[1]) == documents.number(before.version.metrics["auc"])
    watched = around_names.stores(after)
    assert watched is not None
    assert {documents.plain(row[3]) for row in watched.rows} == {old}
    said = around_names.schedule(after) or ""
    assert "Weekly has a trigger that is off here: every week." in said
    assert "By hand is started by hand." in said


def test_every_recipe_behind_the_train_dataset_is_told_from_the_source_on(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    a_project(node, {
        "datasets/raw": {"type": "managed"}, "datasets/clean": {"type": "managed"},
        "recipes/copy_raw": {"type": "sync", "input": "raw", "output": "clean"},
        "recipes/tidy": {
            "type": "prepare", "input": "clean", "output": "history",
            "steps": [{"type": "rename", "columns": {"a": "b"}, "comment": "its old name"}],
        },
    })  # fmt: skip
    chain = design_names.prepare_steps(subject(node, KEY, "authorized"))
    assert chain is not None
    assert [documents.plain(row[0]) for row in chain.rows] == ["copy_raw", "tidy", ""]
    assert documents.plain(chain.rows[2][2]) == "Renames a to b – its old name"


def test_what_becomes_of_a_feature_is_told_with_its_defaults_and_they_are_those_of_the_design() -> None:
    usual = design_names._USUAL
    assert design_names._handling({"handling": {"type": "numeric", "rescale": "none"}}, "numeric") == (
        "empty cells get the mean of the train rows; rescale: none"
    )
    number, category = NumericHandling(type="numeric"), CategoryHandling(type="category")
    assert (number.missing, number.rescale) == ("mean", "standard")
    assert (category.encode, category.missing) == ("one_hot", "category")
    assert f"the {category.most} most" in usual["category"]["most"]
    assert set(usual["numeric"]) | set(usual["category"]) <= {
        *type(number).model_fields,
        *type(category).model_fields,
    }
    parts = DatetimeHandling(type="datetime").parts
    assert all(part in usual["datetime"]["parts"] for part in parts)


def test_an_imported_version_says_in_plain_words_what_is_not_known(node: Node) -> None:
    a_project(node, {"models/taken": {}})
    training.import_mlflow(node, KEY, "taken", MLFLOW / "skops", ImportSettings(target="fate"))
    made = _word(model_documents.export(node, KEY, "taken").document.content)
    assert (
        "Not known: the version was imported, and what it was made of stayed where it was trained."
        in _everything(made)
    )
    assert "{{" not in _everything(made)


@pytest.mark.requirement("D89")
def test_fairness_stands_in_the_document_with_its_figures_and_its_small_groups(
    node: Node, fair: bytes
) -> None:
    found = training.fairness(node, KEY, "fair", "region", "north")
    text = _everything(_word(fair))
    for group in found["groups"]:
        for rate in group["rates"].values():
            assert documents.number(rate) in text
    assert f"{documents.number(found['disparity']['demographic_parity'], 3)}" in text
    assert "Fewer than 30 rows in islands" in text


@pytest.mark.requirement("D89")
def test_a_check_may_demand_fairness_of_a_model(node: Node) -> None:
    found = training.fairness(node, KEY, "fair", "region", "north")["disparity"]
    for measure, gap in found.items():
        (kept,) = metrics.history(node, KEY, "fair", f"fairness:{measure}")
        assert float(kept.value) == pytest.approx(gap)
    verdicts = {r.check_name: str(r.verdict) for r in checks.run(node, KEY, "fair")}
    assert verdicts == {"Fair": "OK", "Unfair": "ERROR"}


def test_a_card_is_for_people_and_for_programs(node: Node) -> None:
    version = node.models.version(KEY, "fair")
    told = json.loads(model_documents.card(node, KEY, "fair", form="json").content)
    assert told["model"]["full_id"] == version.full_id
    assert told["metrics"]["auc"]["value"] == version.metrics["auc"]
    assert told["fairness"]["too_small"] == ["islands"]
    text = model_documents.card(node, KEY, "fair").content.decode()
    assert "# Model card: Authorisation of payments" in text
    assert documents.number(version.metrics["auc"]) in text


def test_a_made_document_waits_to_be_fetched(node: Node, tmp_path: Path) -> None:
    template = tmp_path / "own.docx"
    template.write_bytes(_template("{{config.author.name}} asked for {{nothing}}"))
    made = model_documents.make(node, KEY, "fare", sources=[template], by="ann")
    assert made.warnings == ("{{nothing}} is unknown and was removed.",)
    assert model_documents.told_of(node, KEY, made.id) == made
    assert "ann asked for" in _everything(_word(model_documents.fetch(node, KEY, made.id).read_bytes()))
    with pytest.raises(NotFound):
        model_documents.fetch(node, KEY, "../../state")


def test_into_a_folder_with_a_template_from_there_and_the_time_in_its_name(
    node: Node, tmp_path: Path
) -> None:
    template = tmp_path / "own.docx"
    template.write_bytes(_template("{{design.target.name}}"))
    folders.put(node, KEY, "reports", [template])
    path, warnings = model_documents.to_folder(
        node, KEY, "fare", "reports", template="own.docx", file="said/fare.docx", timestamp=True
    )
    assert re.fullmatch(r"said/fare-\d{8}-\d{6}\.docx", path)
    assert warnings == ()
    with folders.open_file(node, KEY, "reports", path) as file:
        assert "fare" in _everything(_word(file.read()))


@pytest.mark.slow
@pytest.mark.requirement("D84")
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_an_office_opens_it_and_its_pages_hold_the_true_values(
    node: Node, fair: bytes, tmp_path: Path
) -> None:
    (tmp_path / "fair.docx").write_bytes(fair)
    office = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/office",
        "--headless",
        "--convert-to",
        "pdf",
    ]
    subprocess.run([*office, "fair.docx"], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    pages = [page.extract_text() for page in PdfReader(tmp_path / "fair.pdf").pages]
    text = "\n".join(pages)
    version = node.models.version(KEY, "fair")
    for code, value in version.metrics.items():
        assert documents.number(value) in text, code
    assert "Executive Summary" in pages[1]
    assert "{{" not in text
