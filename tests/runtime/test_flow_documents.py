"""Flow documents: a section for every object, true figures, templates with loops; a broken template still gives one."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from pypdf import PdfReader

from penstock.core.errors import Invalid
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.deploy import bundles
from penstock.runtime import flow_documents, folders, model_documents, scenarios
from penstock.testing import KEY, a_project
from tests.web.pages.modelled import a_bank

DRIFTED = {"type": "numeric_range", "name": "Drifted", "metric": "drift:DATA_DRIFT", "maximum": 0.75}
COLUMNS = [{"name": "amount", "type": "double", "description": "What was paid, in euro."}]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    node = a_bank(tmp_path_factory.mktemp("bank"))
    a_project(node, {
        "evaluations/mes": {"checks": [DRIFTED]},
        "folders/reports": {"short_description": "Where documents go."},
        "datasets/paid": {"type": "managed", "columns": COLUMNS},
        "datasets/kept": {"type": "managed"},
        "recipes/keep": {
            "type": "prepare", "input": "paid", "output": "kept", "description": "Only what is real.",
            "steps": [
                {"type": "formula", "column": "double", "formula": "amount * 2", "comment": "Twice."},
                {"type": "round", "columns": ["amount"]},
            ],
        },
        "recipes/code": {"type": "python", "inputs": ["kept"], "outputs": ["reports"], "body": "print('hi')"},
    })  # fmt: skip
    return node


def filled(node: Node, *lines: str) -> tuple[list[str], tuple[str, ...]]:
    """The paragraphs of a template after it was filled, and the warnings."""
    made = docx.Document()
    for line in lines:
        made.add_paragraph(line)
    held = io.BytesIO()
    made.save(held)
    written = flow_documents.export(node, KEY, template=held.getvalue())
    found = docx.Document(io.BytesIO(written.document.content))
    return [p.text for p in found.paragraphs if p.text], written.warnings


@pytest.mark.requirement("D87")
def test_every_object_has_a_section_and_columns_say_what_they_are(node: Node) -> None:
    written = flow_documents.export(node, KEY)
    found = docx.Document(io.BytesIO(written.document.content))
    headings = [
        p.text for p in found.paragraphs if p.style is not None and p.style.name.startswith("Heading")
    ]
    project = node.projects.load(KEY)
    said = "\n".join(headings)
    for name in (*project.own_items, *project.recipes):
        assert name in said
    cells = [cell.text for table in found.tables for row in table.rows for cell in row.cells]
    assert "What was paid, in euro." in cells
    words = "\n".join(p.text for p in found.paragraphs)
    assert "Only what is real." in words
    assert "print('hi')" in words
    assert "{{" not in words
    assert len(found.inline_shapes) >= 1


@pytest.mark.requirement("D87")
def test_a_store_says_what_its_checks_ask_for_and_its_last_evaluation_with_figures(node: Node) -> None:
    found = docx.Document(io.BytesIO(flow_documents.export(node, KEY).document.content))
    rows = {row.cells[0].text: [c.text for c in row.cells[1:]] for t in found.tables for row in t.rows}
    assert rows["Drifted"] == ["Data Drift fails above 0.75", "never judged"]
    last = node.evaluations.latest(KEY, "mes")
    assert last is not None
    assert last.version in {
        v.id for v in node.models.versions(KEY, "authorized") if v.name == rows["Version"][0]
    }
    assert float(rows["ROC AUC"][0]) == pytest.approx(last.metrics["performance:auc"], rel=1e-3)
    assert float(rows["Data Drift"][0]) == pytest.approx(last.metrics["drift:DATA_DRIFT"], rel=1e-3)
    words = [p.text for p in found.paragraphs]
    assert any("double = amount * 2 – Twice." in text for text in words)


def test_the_pdf_and_the_markdown_say_the_same(node: Node) -> None:
    pdf = PdfReader(io.BytesIO(flow_documents.export(node, KEY, form="pdf").document.content))
    text = "\n".join(page.extract_text() for page in pdf.pages)
    with zipfile.ZipFile(io.BytesIO(flow_documents.export(node, KEY, form="md").document.content)) as made:
        (markdown,) = [made.read(n).decode() for n in made.namelist() if n.endswith(".md")]
    for said in (text, markdown):
        assert "What was paid, in euro." in said
        assert "Only what is real." in said


@pytest.mark.requirement("D87")
def test_loops_stand_in_loops_and_lists_are_counted(node: Node) -> None:
    said, warnings = filled(
        node, "{{flow.datasets.count}} datasets", "{{foreach $r in flow.recipes}}", "{{if $r.type == prepare}}",
        "{{$r.name}}: {{$r.long_desc}}", "{{foreach $s in $r.prepare.steps}}", "- {{$s.type}} {{$s.comment}}",
        "{{endforeach $s}}", "{{endif $r.type}}", "{{endforeach $r}}", "{{foreach $d in flow.datasets}}",
        "{{if $d.name == paid}}", "{{foreach $c in $d.schema.columns}}", "{{$d.$type}} {{$c.name}} {{$c.description}}",
        "{{endforeach $c}}", "{{endif $d.name}}", "{{endforeach $d}}",
    )  # fmt: skip
    assert warnings == ()
    assert said == [
        f"{len(node.projects.load(KEY).datasets)} datasets", "keep: Only what is real.", "- formula Twice.", "- round ",
        "dataset amount What was paid, in euro.",
    ]  # fmt: skip


@pytest.mark.requirement("D87")
def test_a_broken_template_still_gives_a_document_and_a_warning(node: Node) -> None:
    said, warnings = filled(
        node, "a {{project.nam}} b", "{{foreach $d in flow.datasts}}", "{{$d.name}}", "{{endforeach $d}}"
    )
    assert said[0] == "a  b"
    assert any("project.nam" in warning for warning in warnings)
    assert any("flow.datasts" in warning for warning in warnings)


@pytest.mark.requirement("D88")
def test_scenarios_bundles_services_dashboards_and_variables_are_lists_too(node: Node) -> None:
    scenarios.save(node, KEY, "nightly", {"triggers": [{"type": "time", "every": "1 day"}]}, author="ann")
    bundles.create(node, KEY, "v7", by="ann", notes="First.")
    said, warnings = filled(
        node, "{{foreach $s in project.scenarios}}", "{{$s.name}} {{$s.active}}", "{{endforeach $s}}",
        "{{foreach $b in project.bundles}}", "{{$b.name}} {{$b.notes}}", "{{endforeach $b}}",
        "{{project.api_services.count}} {{project.dashboards.count}} {{project.variables.count}}",
    )  # fmt: skip
    assert warnings == ()
    assert "nightly No" in said
    assert "v7 First." in said


def test_it_lies_in_a_folder_after_its_step(node: Node) -> None:
    step = {
        "type": "create_flow_document",
        "name": "Describe",
        "folder": "reports",
        "file": "flow.pdf",
        "form": "pdf",
    }
    scenarios.save(node, KEY, "describe", {"steps": [step]}, author="ann")
    assert scenarios.run_and_wait(node, KEY, "describe", by="ann").outcome is Outcome.SUCCESS
    with folders.open_file(node, KEY, "reports", "flow.pdf") as file:
        assert file.read(4) == b"%PDF"


def test_one_that_was_made_waits_to_be_fetched(node: Node, tmp_path: Path) -> None:
    made = flow_documents.make(node, KEY)
    assert model_documents.fetch(node, KEY, made.id).read_bytes()[:2] == b"PK"
    assert flow_documents.write(node, KEY, tmp_path / "flow.docx").stat().st_size > 1000
    with pytest.raises(Invalid, match=r"docx, pdf or md"):
        flow_documents.export(node, KEY, form="odt")
