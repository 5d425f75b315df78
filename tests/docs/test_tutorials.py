"""Everything the tutorial and the how-tos tell people to write and type is written and typed here."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.app import open_home

from .page import DOCS, blocks, follow

HOWTOS = sorted(p.name for p in (DOCS / "howto").glob("*.md"))


@pytest.mark.slow
def test_a_stranger_gets_from_files_to_judged_evaluations_by_the_tutorial_alone(
    tutorial: tuple[Path, str],
) -> None:
    folder, said = tutorial
    project = open_home(folder / "home").project("HEALTH")
    tumours, patients = (
        project.evaluation_store(f"{name}_evaluations") for name in ("tumour", "progression")
    )
    assert {c.name: str(c.last.verdict) for c in tumours.checks()} == {
        "Good enough": "OK", "Data Drift < 0.7": "OK",
    }  # fmt: skip
    assert {c.name: str(c.last.verdict) for c in patients.checks()}["Data Drift < 0.7"] == "ERROR"
    assert "age" in patients.drift().report.univariate.drifted
    assert "drift detected" in said


@pytest.mark.slow
@pytest.mark.parametrize("page", HOWTOS)
def test_a_howto_works_as_it_stands(page: str, after_tutorial: Path) -> None:
    follow(f"howto/{page}")


def test_the_check_of_the_plugin_page_is_the_one_of_the_example() -> None:
    code = next(b.text for b in blocks("howto/plugins.md") if b.language == "python")
    example = DOCS.parent / "plugins/example/src/penstock_example/checks/even.py"
    assert code == example.read_text(encoding="utf-8")


def test_no_page_points_at_a_file_that_is_not_there() -> None:
    import re

    for page in (*DOCS.glob("*.md"), *DOCS.glob("tutorials/*.md"), *DOCS.glob("howto/*.md")):
        for target in re.findall(r"\]\(([^)#:]+)[)#]", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} points at {target}"
