"""UnusedDatasets: every dataset is there for something."""

from __future__ import annotations

from tests.kinds.standards.given import facts, found


def test_a_dataset_that_nobody_touches_is_named() -> None:
    given = facts(
        datasets={name: {"type": "managed"} for name in ("a", "b", "alone", "given")},
        recipes={"copy": {"type": "sync", "input": "a", "output": "b"}},
        settings={"shared": [{"name": "given", "projects": ["OTHER"]}]},
    )
    assert found("unused_datasets", given) == ["No recipe reads or writes dataset alone."]
