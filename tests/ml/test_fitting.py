"""What a preparation learns, it learns from the train rows alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from pydantic import TypeAdapter

from penstock.core.design import Handling
from penstock.ml import fitting

ADAPTER: TypeAdapter[Handling] = TypeAdapter(Handling)


def fit(column: object, means: list[float] | None = None, **handling: object) -> fitting.Fitted:
    table = pa.table({"x": column})
    target = np.array(means if means is not None else [0.0] * table.num_rows)[:, None]
    return fitting.fit({"x": ADAPTER.validate_python(handling)}, table, target, seed=1)


@pytest.mark.parametrize(("missing", "fill"), [("mean", 3.0), ("median", 2.0), ("constant", 7.0)])
def test_numbers_are_filled_from_the_train_rows(missing: str, fill: float) -> None:
    found = fit([1.0, 2.0, 6.0, None], type="numeric", missing=missing, constant=7.0, rescale="none")
    assert found.matrix[:, 0].tolist() == [1.0, 2.0, 6.0, fill]


def test_dropped_rows_are_marked() -> None:
    assert fit([1.0, None], type="numeric", missing="drop").kept.tolist() == [True, False]


def test_standard_rescaling_gives_mean_zero_and_deviation_one() -> None:
    found = fit([1.0, 2.0, 3.0, 4.0], type="numeric").matrix[:, 0]
    assert found.mean() == pytest.approx(0)
    assert found.std() == pytest.approx(1)
    assert np.ptp(fit([1.0, 2.0, 5.0], type="numeric", rescale="min_max").matrix) == 1


def test_a_constant_is_not_divided_by_zero() -> None:
    assert np.isfinite(fit([0.1] * 7, type="numeric").matrix).all()


def test_only_the_most_frequent_words_have_a_column() -> None:
    found = fit(["a"] * 3 + ["b"] * 2 + ["c"], type="category", most=2)
    assert found.preparation.columns == ("x = a", "x = b", "x is rare", "x is empty")
    assert found.matrix[-1].tolist() == [0, 0, 1, 0]


def test_ordinal_ranks_by_frequency_and_frequency_is_a_share() -> None:
    column = ["b", "a", "b", None]
    assert fit(column, type="category", encode="ordinal").matrix[:, 0].tolist() == [0, 1, 0, 3]
    assert fit(column, type="category", encode="frequency").matrix[:, 0].tolist() == [0.5, 0.25, 0.5, 0.25]
    assert fit(column, type="category", encode="flag").matrix[:, 0].tolist() == [1, 1, 1, 0]


def test_a_target_mean_is_smoothed_towards_the_overall_mean() -> None:
    found = fit(
        ["a"] * 10 + ["b"] * 10, [1.0] * 10 + [0.0] * 10, type="category", encode="target", smoothing=10
    )
    assert found.preparation.features[0].table[:3] == ((0.75,), (0.25,), (0.5,))  # type: ignore[union-attr]


def test_a_train_row_never_sees_its_own_target() -> None:
    """With every category unique, the encoding of a train row knows nothing: it is the others' mean."""
    column = [f"only {i}" for i in range(50)]
    means = [float(i % 2) for i in range(50)]
    found = fit(column, means, type="category", encode="target", smoothing=0.0, most=1000)
    assert abs(np.corrcoef(found.matrix[:, 0], means)[0, 1]) < 0.5
    again, _ = found.preparation.matrix(pa.table({"x": column}))
    assert again[:, 0].tolist() == means


def test_cyclical_parts_are_points_on_a_circle() -> None:
    column = pa.array(np.array(["2024-01-01T00", "2024-07-01T06"], dtype="datetime64[s]"))
    found = fit(column, type="datetime", parts=["month", "hour"], cyclical=True, rescale="none")
    assert found.preparation.columns == ("x month sine", "x month cosine", "x hour sine", "x hour cosine")
    np.testing.assert_allclose(found.matrix[:, 0] ** 2 + found.matrix[:, 1] ** 2, 1)


def test_quantiles_make_equal_bins() -> None:
    found = fit(np.arange(100.0), type="numeric", form="quantise", bins=4)
    assert found.matrix.sum(axis=0).tolist() == [25, 25, 25, 25]
