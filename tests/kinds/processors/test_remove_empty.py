"""Remove rows with empty cells: null and the empty text alike."""

from __future__ import annotations

import pytest

from tests.kinds.processors.given import a_step, prepared


@pytest.mark.parametrize(
    ("settings", "ids"),
    [
        ({}, [1]),
        ({"when": "all"}, [1, 2, 4]),
        ({"keep": True}, [2, 3, 4]),
        ({"when": "all", "keep": True}, [3]),
    ],
)
def test_rows_with_empty_cells(settings: dict[str, object], ids: list[int]) -> None:
    step = a_step("remove_empty", columns=["a", "b"], **settings)
    assert prepared(step, id=[1, 2, 3, 4], a=["x", "", None, "y"], b=[1, 2, None, None])["id"] == ids
