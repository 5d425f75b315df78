"""Group: steps that belong together."""

from __future__ import annotations

from tests.kinds.processors.given import a_step, prepared


def test_its_steps_follow_each_other_and_disabled_ones_are_skipped() -> None:
    step = a_step(
        "group",
        title="Texts",
        steps=[
            {"type": "string_transform", "columns": "t", "do": ["trim"]},
            {"type": "remove_empty", "columns": "t"},
            {"type": "delete_columns", "columns": "t", "disabled": True},
        ],
    )
    assert prepared(step, t=[" a", "  ", None]) == {"t": ["a"]}
    assert step.translatable()
