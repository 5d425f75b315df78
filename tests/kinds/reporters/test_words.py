"""The sentences of a report, and the page about an evaluation."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from penstock.core.outcome import Outcome
from penstock.core.scenario import StepRun
from penstock.kinds.reporters import _evaluation_page, _facts, _texts
from penstock.runtime.reporting import ReportAccess
from penstock.testing import KEY, a_node, a_project, build, fill

from . import telling


def ctx(folder: Path, *, outcome: Outcome | None = Outcome.WARNING, **changes: Any) -> ReportAccess:
    """A reporter's surroundings, changed as a test likes."""
    node = telling.a_node(folder)
    run, steps = telling.a_run(node, outcome=outcome)
    given = {"run": run, "steps": steps, **changes}
    return ReportAccess(
        node=node,
        project=node.projects.load(KEY),
        variables={"scenarioName": run.scenario},
        timeout=10,
        **given,
    )


def step(label: str, outcome: Outcome, message: str = "") -> StepRun:
    return StepRun(
        run="r", position=0, label=label, type="build", state="DONE", why="", outcome=outcome, message=message
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0.0402, "40 ms"),
        (1.44, "1.4 s"),
        (59.2, "59 s"),
        (151, "2 min 31 s"),
        (3900, "1 h 5 min"),
    ],
)
def test_durations_read_easily(seconds: float | None, words: str) -> None:
    assert _facts.duration(seconds) == words


def test_moments_read_easily() -> None:
    assert _facts.moment(datetime(2026, 3, 7, 9, 5, tzinfo=UTC)) == "7 Mar 2026, 09:05 UTC"


def test_the_lead_of_a_warning_names_the_check_and_the_value(tmp_path: Path) -> None:
    found = _facts.lead(ctx(tmp_path))
    assert found == 'Check "Data Drift < 0.6" of mes_for_input_drift (Aug 2026) warns: 0.592 (> 0.55).'


def test_the_lead_of_a_failure_is_the_message_of_the_step_that_failed(tmp_path: Path) -> None:
    access = ctx(tmp_path)
    access.run = replace(access.run, outcome=Outcome.FAILED)
    access.steps = [step("Build", Outcome.FAILED, "There is no column 'x'. Did you mean y?")]
    assert _facts.lead(access) == "Build: There is no column 'x'. Did you mean y?"


def test_the_lead_of_a_good_run_says_so(tmp_path: Path) -> None:
    access = ctx(tmp_path)
    access.run = replace(access.run, outcome=Outcome.SUCCESS)
    assert _facts.lead(access) == "2 steps ran and nothing went wrong. One step was not needed."


def test_the_lead_of_a_run_that_made_up_for_a_failure_names_it(tmp_path: Path) -> None:
    access = ctx(tmp_path)
    access.run = replace(access.run, outcome=Outcome.SUCCESS)
    access.steps = [step("Checks", Outcome.FAILED, "too far"), step("Retrain", Outcome.SUCCESS, "")]
    assert _facts.lead(access) == "2 steps ran. Checks failed, and the scenario made up for it."


def test_the_lead_of_a_run_that_begins_says_who_started_it(tmp_path: Path) -> None:
    assert _facts.lead(ctx(tmp_path, outcome=None)) == "Started by trigger Weekly."


def test_html_read_aloud_has_no_style_and_keeps_its_links() -> None:
    page = "<style>p {}</style><p>One &amp; two</p><ul><li>a</li><li>b</li></ul><a href='https://x.org'>there</a>"
    assert _texts.as_plain(page) == "One & two\n\na\n\nb\n\nthere (https://x.org)\n"


def test_the_page_of_an_evaluation_shows_metrics_the_drift_table_and_the_chart(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(
        node,
        {
            "datasets/then": {"type": "managed"}, "datasets/now": {"type": "managed"}, "evaluations/mes": {},
            "recipes/look": {
                "type": "standalone_evaluate", "input": "now", "reference": "then", "store": "mes", "has_model": False,
                "skip_performance": True,
            },
        },
    )  # fmt: skip
    dice = random.Random(1)
    fill(
        node,
        "then",
        age=[dice.gauss(40, 5) for _ in range(200)],
        state=[dice.choice("AB") for _ in range(200)],
    )
    fill(
        node,
        "now",
        age=[dice.gauss(60, 5) for _ in range(200)],
        state=[dice.choice("AB") for _ in range(200)],
    )
    build(node, "mes")
    access = ReportAccess(
        node=node, project=node.projects.load(KEY), run=telling.a_run(node, outcome=None)[0], steps=(), variables={},
        timeout=10,
    )  # fmt: skip
    page = _evaluation_page.page(access.evaluation("mes"), access)
    for said in ("Drift by column", "age", "&lt; 0.0001", "Data Drift is ", "1 of 2 columns drift", "<svg"):
        assert said in page
    assert "<script" not in page
    assert access.notes() == ()
