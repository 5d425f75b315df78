"""Saved comparisons as their files say them."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core import registry
from penstock.core.errors import InvalidDefinition
from penstock.core.saved_comparison import SavedComparison


def parsed(**values: Any) -> SavedComparison:
    return registry.validate(SavedComparison, {"items": ["mes/a", "mes/b"], **values})


def test_hidden_items_are_kept_and_not_shown() -> None:
    assert parsed(hidden=["mes/a"]).shown == ("mes/b",)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"champion": "mes/c"}, "champion"),
        ({"hidden": ["mes/c"]}, "hidden.0"),
        ({"items": ["mes/a", "mes/a"]}, "items.1"),
        ({"items": []}, "items"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        parsed(**values)
    assert refused.value.field == field
