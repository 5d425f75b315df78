from __future__ import annotations

import pytest

from penstock.core.metric import DATA_DRIFT, MetricValue
from penstock.core.outcome import Verdict
from penstock.core.tile import Figure, History, Table
from penstock.runtime import checks, evaluations, metrics
from penstock.runtime.subject import key_of
from penstock.testing import KEY
from tests.kinds.tiles.shown import a_world, part, shown, told

DRIFT = {"type": "metric", "item": "mes", "metric": "Data Drift"}


@pytest.mark.requirement("M55")
def test_the_last_value_stands_with_its_verdict_and_the_small_curve(tmp_path):
    node = a_world(tmp_path)
    checks.run(node, KEY, "mes")
    figure = part(node, DRIFT)
    assert isinstance(figure, Figure)
    assert (figure.label, figure.value, figure.verdict) == ("Data Drift", "0.65", Verdict.WARNING)
    assert figure.course == (0.55, 0.65)
    assert shown(node, DRIFT).as_of is not None


@pytest.mark.requirement("M55")
def test_the_small_curve_ends_at_the_number_also_when_an_earlier_month_was_evaluated_last(tmp_path):
    node = a_world(tmp_path)
    for n, (month, drift) in enumerate((("2013-10", 0.773), ("2013-11", 0.727), ("2013-10", 0.6913))):
        given = {"labels_": {"model:name": f"v{1 + n // 2}"}, "name": month}
        evaluations.push(node, KEY, "mes", {DATA_DRIFT: drift}, **given)
    figure = part(node, DRIFT)
    assert figure.value == "0.6913"
    assert figure.course[-3:] == (0.773, 0.727, 0.6913)
    points = part(node, {**DRIFT, "show": "history"}).course.points
    assert [(p.name, p.version) for p in points][-3:] == [
        ("2013-10", "v1"),
        ("2013-11", "v1"),
        ("2013-10", "v2"),
    ]


@pytest.mark.requirement("M55")
def test_history_shows_the_curve_with_the_limits_of_the_check(tmp_path):
    node = a_world(tmp_path)
    history = part(node, {**DRIFT, "show": "history"})
    assert isinstance(history, History)
    assert [p.value for p in history.course.points] == [0.55, 0.65]
    assert [(limit.value, limit.verdict) for limit in history.course.limits] == [
        (0.6, "WARNING"),
        (0.7, "ERROR"),
    ]
    assert history.course.neutral == 0.5


def test_metrics_of_datasets_have_a_course_too(tmp_path):
    node = a_world(tmp_path)
    for _ in range(2):
        metrics.compute(node, KEY, "flights", probes=["records"])
    figure = part(node, {"type": "metric", "item": "flights", "metric": "Record count"})
    assert (figure.value, figure.course) == ("6", (6.0, 6.0))


def test_a_text_has_its_history_as_a_table(tmp_path):
    node = a_world(tmp_path)
    key = key_of(node.projects.load(KEY), "flights")
    node.metrics.add_values(
        [
            MetricValue(
                key=key,
                metric_id="python:mood",
                data_type="STRING",
                value="fine",
                computed_at=node.clock.now(),
            )
        ]
    )
    table = part(node, {"type": "metric", "item": "flights", "metric": "python:mood", "show": "history"})
    assert isinstance(table, Table)
    assert table.rows[0][1] == "fine"


def test_a_metric_that_was_never_computed_says_so_and_names_the_nearest(tmp_path):
    found = told(a_world(tmp_path), {**DRIFT, "metric": "Data Drfit"})
    assert "no value" in found.says
    assert "Did you mean Data Drift" in found.says
