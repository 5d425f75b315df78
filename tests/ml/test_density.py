"""Densities equal the direct sum, integrate to one, and exist for every odd side."""

from __future__ import annotations

import numpy as np
import pytest

from penstock.ml.density import bandwidth, density, kernel_density


def direct(values: np.ndarray, points: np.ndarray) -> np.ndarray:
    h = bandwidth(values)
    reach = (points[:, None] - values[None, :]) / h
    return np.exp(-0.5 * reach * reach).sum(axis=1) / (len(values) * h * np.sqrt(2 * np.pi))


@pytest.mark.parametrize("name", ["normal", "uniform", "two humps", "at the edges"])
def test_it_equals_the_direct_sum(name: str) -> None:
    random = np.random.default_rng(0)
    values = {
        "normal": random.normal(size=3_000),
        "uniform": random.random(3_000),
        "two humps": np.concatenate([random.beta(2, 20, 2_000), random.beta(30, 3, 1_000)]),
        "at the edges": np.concatenate([np.zeros(1_000), np.ones(500)]),
    }[name]
    points = np.linspace(values.min() - 0.5, values.max() + 0.5, 500)
    expected = direct(values, points)
    np.testing.assert_allclose(kernel_density(values, points), expected, atol=2e-3 * expected.max())


def test_a_density_integrates_to_one() -> None:
    values = np.random.default_rng(0).normal(size=50_000)
    found = density("prediction", values, values + 1)
    step = found.points[1] - found.points[0]
    assert len(found.points) == 500
    assert sum(found.reference) * step == pytest.approx(1, abs=0.01)
    assert sum(found.current) * step == pytest.approx(1, abs=0.01)


def test_the_bandwidth_is_silvermans() -> None:
    values = np.random.default_rng(0).normal(0, 3, 1_000)
    assert bandwidth(values) == pytest.approx(1.06 * values.std() * 1_000**-0.2)


def test_values_all_alike_use_the_fallback_bandwidth() -> None:
    alike = np.full(10, 0.3)
    assert bandwidth(alike) == 0.06
    found = density("proba_1", alike, alike, span=(0.0, 1.0))
    peak = found.points[int(np.argmax(found.reference))]
    assert peak == pytest.approx(0.3, abs=0.002)
    assert max(found.reference) == pytest.approx(1 / (0.06 * np.sqrt(2 * np.pi)), rel=1e-3)


def test_a_side_without_values_is_drawn_as_zero() -> None:
    found = density("prediction", np.array([1.0, 2.0]), np.array([np.nan]))
    assert set(found.current) == {0.0}
    assert max(found.reference) > 0


def test_a_far_outlier_does_not_flatten_the_picture() -> None:
    values = np.append(np.random.default_rng(0).normal(size=5_000), 1e9)
    found = density("prediction", values[:-1], values)
    assert found.points[-1] < 1e9
