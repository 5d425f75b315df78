from __future__ import annotations

from tests.kinds.probes.given import measured


def test_percentiles_are_interpolated_over_the_filled_cells() -> None:
    cells = [1, 2, 3, 4, None]
    found = measured({"x": cells}, type="percentiles", columns=["x"], percentiles=[0, 25, 50])
    assert found == {
        "percentile_stats:p0:x": 1.0,
        "percentile_stats:p25:x": 1.75,
        "percentile_stats:p50:x": 2.5,
        "percentile_stats:IQR:x": 1.5,
    }


def test_a_text_column_says_so() -> None:
    found = measured({"x": ["a"]}, type="percentiles", columns=["x"], percentiles=[50])
    assert set(found.values()) == {"column 'x' is string, not a number."}
    assert set(found) == {"percentile_stats:p50:x", "percentile_stats:IQR:x"}
