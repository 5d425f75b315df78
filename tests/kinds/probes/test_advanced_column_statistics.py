from __future__ import annotations

from tests.kinds.probes.given import measured


def test_the_mode_and_the_top_values_with_their_counts() -> None:
    cells = ["b", "b", "a", "a", "c", None, "", "", ""]
    found = measured({"x": cells}, type="advanced_column_statistics", columns=["x"], top=2)
    assert found == {
        "adv_col_stats:MODE:x": "a",
        "adv_col_stats:TOP2:x": [{"value": "a", "count": 2}, {"value": "b", "count": 2}],
    }


def test_a_missing_column_says_so() -> None:
    found = measured({"x": [1]}, type="advanced_column_statistics", columns=["y"], top=0)
    assert found == {"adv_col_stats:MODE:y": "there is no column 'y'."}
