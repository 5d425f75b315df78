from __future__ import annotations

from typing import Any

from penstock.core.metric import ObjectKey
from penstock.core.schema import Column
from tests.kinds.probes.given import Given, probe


def test_a_dataset_has_columns_files_and_bytes() -> None:
    ctx: Any = Given(columns=(Column(name="a"), Column(name="b")), sizes=[10, 5])
    assert probe(type="basic").measure(ctx) == {
        "basic:COUNT_COLUMNS": 2,
        "basic:COUNT_FILES": 2,
        "basic:SIZE": 15,
    }


def test_a_dataset_without_files_has_only_columns() -> None:
    ctx: Any = Given(columns=(Column(name="a"),))
    assert probe(type="basic").measure(ctx) == {"basic:COUNT_COLUMNS": 1}


def test_a_folder_has_files_and_bytes_even_when_empty() -> None:
    ctx: Any = Given(key=ObjectKey(project="FRAUD", type="folder", name="monthly"))
    assert probe(type="basic").measure(ctx) == {"basic:COUNT_FILES": 0, "basic:SIZE": 0}


def test_it_is_computed_on_build_unless_switched_off() -> None:
    assert probe(type="basic").on_build
    assert not probe(type="basic", on_build=False).on_build
