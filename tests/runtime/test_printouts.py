"""Printouts: dashboards as files, in folders by scenario and in mails."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import Invalid
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.runtime import dashboards, folders, people, printouts, scenarios, users
from penstock.testing import KEY
from tests.kinds.tiles.shown import a_world

CHART = {"type": "chart", "id": "c", "dataset": "flights", "by": "carrier"}
DRIFT = {"type": "metric", "id": "m", "item": "mes", "metric": "Data Drift", "show": "history"}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_world(tmp_path)
    pages = [{"title": "One", "tiles": [CHART]}, {"tiles": [DRIFT]}, {"visible": False}]
    dashboards.save(made, KEY, "d", {"title": "All of ${projectKey}", "pages": pages}, author="ann")
    return made


def test_a_dashboard_becomes_one_pdf_and_one_picture_a_page(node: Node) -> None:
    pdf = printouts.export(node, KEY, "d")
    assert (pdf.name, pdf.mime, pdf.content[:4]) == ("d.pdf", "application/pdf", b"%PDF")
    pictures = printouts.export(node, KEY, "d", form="png", paper="600x400")
    with zipfile.ZipFile(io.BytesIO(pictures.content)) as archive:
        assert archive.namelist() == ["d-1.png", "d-2.png"]
    one = printouts.export(node, KEY, "d", form="png", paper="600x400", pages=[2])
    assert one.content.startswith(b"\x89PNG")
    photo = printouts.export(node, KEY, "d", form="jpg", paper="600x400", pages=[2])
    assert (photo.name, photo.mime, photo.content[:2]) == ("d.jpg", "image/jpeg", b"\xff\xd8")


def test_the_title_has_its_variables_and_hidden_pages_stay_hidden(node: Node) -> None:
    made = printouts.printout(node, KEY, "d")
    assert made.title == "All of DEMO"
    assert [page.title for page in made.pages] == ["One", ""]


def test_filters_hold_on_paper_too(node: Node) -> None:
    panel = {"type": "filters", "dataset": "flights", "columns": ["carrier"]}
    dashboards.save(node, KEY, "f", {"pages": [{"tiles": [CHART, panel]}]}, author="ann")
    (page,) = printouts.printout(node, KEY, "f", filters='carrier:in("UA")').pages
    plot: Any = page.tiles[0].content.parts[0]
    assert [(row["x"], row["y"]) for row in plot.rows] == [("UA", 3)]
    assert page.filters == 'carrier:in("UA")'


def test_what_somebody_may_not_see_is_not_on_their_paper_either(node: Node) -> None:
    users.add(node, "bob")
    people.grant(node, KEY, ["read dashboards"], user="bob", by="ann")
    made = printouts.printout(node, KEY, "d", who=users.identity(node, "bob"))
    assert "not authorised" in str(made.pages[0].tiles[0].content)


def test_several_dashboards_come_as_one_zip(node: Node) -> None:
    dashboards.create(node, KEY, "Other", author="ann")
    made = printouts.export_several(node, KEY, ["d", "other"])
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert archive.namelist() == ["d.pdf", "other.pdf"]


def test_unknown_forms_papers_and_file_names_are_refused(node: Node) -> None:
    with pytest.raises(Invalid, match="pdf, png or jpg"):
        printouts.export(node, KEY, "d", form="gif")
    with pytest.raises(Invalid, match="no paper"):
        printouts.export(node, KEY, "d", paper="A12")
    with pytest.raises(Invalid, match="no name"):
        printouts.export_to_folder(node, KEY, "d", "pictures", file="..")


@pytest.mark.requirement("A97")
def test_a_step_puts_the_filtered_dashboard_into_the_folder(node: Node) -> None:
    step = {
        "type": "export_dashboard", "dashboard": "d", "folder": "pictures", "file": "reports/${projectKey}.pdf",
        "filters": 'carrier:in("UA")',
    }  # fmt: skip
    scenarios.save(node, KEY, "report", {"steps": [step]}, author="ann")
    run = scenarios.run_and_wait(node, KEY, "report")
    assert run.outcome is Outcome.SUCCESS
    (file,) = folders.files(node, KEY, "pictures")
    assert file.path == "reports/DEMO.pdf"
    with folders.open_file(node, KEY, "pictures", file.path) as opened:
        assert opened.read(4) == b"%PDF"


def test_a_step_cannot_write_out_of_the_folder(node: Node) -> None:
    step = {"type": "export_dashboard", "dashboard": "d", "folder": "pictures", "file": "../../evil.pdf"}
    scenarios.save(node, KEY, "report", {"steps": [step]}, author="ann")
    run = scenarios.run_and_wait(node, KEY, "report", fail_on="")
    assert run.outcome is Outcome.FAILED
    assert "leads out" in run.message
