"""Extract with a regular expression: named and numbered groups."""

from __future__ import annotations

import pytest

from penstock.core.errors import InvalidDefinition
from tests.kinds.processors.given import a_step, prepared


def test_named_groups_name_their_columns_and_others_are_numbered() -> None:
    step = a_step("extract_regex", column="t", pattern="(?P<letter>[a-z]+)-([0-9]+)", prefix="g", found="ok")
    found = prepared(step, t=["x ab-12 y", "", None, "12"], z=[1, 2, 3, 4])
    assert list(found) == ["t", "letter", "g2", "ok", "z"]
    assert found["letter"] == ["ab", None, None, None]
    assert found["g2"] == ["12", None, None, None]
    assert found["ok"] == [True, False, None, False]


def test_a_pattern_without_groups_gives_the_whole_match() -> None:
    assert prepared(a_step("extract_regex", column="t", pattern="[0-9]+"), t=["a12b3"])["t_0"] == ["12"]


def test_a_broken_pattern_is_refused_at_save() -> None:
    with pytest.raises(InvalidDefinition, match="not a regular expression"):
        a_step("extract_regex", column="t", pattern="(")
