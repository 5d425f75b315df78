from __future__ import annotations

import pytest

from tests.kinds.probes.given import measured, probe


@pytest.mark.requirement("A47")
def test_rows_are_counted_and_not_on_build_by_default() -> None:
    assert measured({"a": [1, None, 3]}, type="records") == {"records:COUNT_RECORDS": 3}
    assert not probe(type="records").on_build
