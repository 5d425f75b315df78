"""Forecasts on rows that came after those a model learned."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from penstock.core.errors import Invalid
from penstock.ml import judged_rows, later_rows
from penstock.ml.time_steps import DAY
from tests.ml.shops import design, sales
from tests.ml.test_forecasts import trained


def test_only_whole_horizons_behind_what_was_learned_are_judged() -> None:
    found = later_rows.judged(trained().model, sales(130), where="later")
    assert found.rows == 2 * 10
    assert len(found.test.said) == 2 * 6, "ten new rows hold six whole horizons of five"
    assert (found.last - found.first) // DAY == 9
    assert found.doubts == ()


def test_it_says_what_the_recipe_would_have_said_there() -> None:
    found = later_rows.judged(trained().model, sales(125), where="later")
    rows = sales(125).to_pylist()
    for n, row in enumerate(rows):
        row["sales"] = row["sales"] if n % 125 < 120 else None
    for one, said in zip(trained().model.forecast(pa.Table.from_pylist(rows)), found.test.said, strict=True):
        assert one.points is not None
        np.testing.assert_allclose(one.points, said, rtol=1e-12)


def test_a_later_start_can_be_asked_for_but_no_earlier_one() -> None:
    model, rows = trained().model, sales(140)
    whole = later_rows.judged(model, rows, where="later")
    later = later_rows.judged(model, rows, where="later", since=whole.first + 10 * int(DAY))
    assert (later.first - whole.first) // DAY == 10
    assert later_rows.judged(model, rows, where="later", since=0).first == whole.first


def test_nothing_new_is_told_with_the_last_row_that_was_learned() -> None:
    with pytest.raises(Invalid, match="A has 4 rows after 2024-04-29, the last row that the model learned"):
        later_rows.judged(trained().model, sales(124), where="later")


def test_series_that_were_never_seen_are_told_and_left_out() -> None:
    rows = pa.concat_tables([sales(130, ("A",)), sales(130, ("Z",)), sales(121, ("B",))])
    found = later_rows.judged(trained().model, rows, where="later")
    assert [found.test.many[place].key for place in found.test.judged] == [("A",)]
    assert [d.message.split(":")[1] for d in found.doubts] == [
        " Series shop=Z is one.",
        " Series shop=B is one.",
    ]
    with pytest.raises(Invalid, match="None of the 1 series"):
        later_rows.judged(trained().model, sales(130, ("Z",)), where="later")


def test_every_step_has_its_measures() -> None:
    found = later_rows.judged(trained().model, sales(160), where="later").test
    assert [set(step) for step in found.steps] == [{"mase", "mape", "smape", "rmse", "mae", "inside"}] * 5
    mean = np.mean([step["mae"] for step in found.steps if step["mae"] is not None])
    assert found.metrics["mae"] == pytest.approx(float(mean))
    worst = max(one["mae"] for one in found.by_series if one["mae"] is not None)
    assert found.worst["mae"] == worst


def test_the_judged_rows_say_from_where_and_how_far_ahead() -> None:
    test = later_rows.judged(trained().model, sales(130), where="later").test
    rows = judged_rows.table(test, sales().schema, quantiles=True, errors=True).to_pylist()
    assert len(rows) == test.said.size
    assert all((row["day"] - row["origin"]).days == row["step"] for row in rows)
    assert all(row["error"] == row["forecast"] - row["sales"] for row in rows)
    plain = judged_rows.table(test, sales().schema, quantiles=False, errors=False)
    assert plain.column_names == ["shop", "day", "sales", "origin", "step", "forecast"]


def test_a_version_that_does_not_say_how_far_it_learned_is_judged_with_a_doubt() -> None:
    from dataclasses import replace

    old = replace(trained().model, known=dict.fromkeys(trained().model.known))
    found = later_rows.judged(old, sales(60), where="later")
    assert "does not say how far" in found.doubts[0].message
    assert design().window_steps * DAY <= found.first - int(found.test.many[0].times[0])
