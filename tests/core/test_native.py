"""Arrow and Ibis types have a storage type each, and the way back."""

from __future__ import annotations

import ibis
import pyarrow as pa

from penstock.core.native import IBIS, columns_of


def test_every_storage_type_survives_the_way_through_ibis_and_arrow() -> None:
    there = ibis.schema(IBIS).to_pyarrow()
    assert {c.name: c.type for c in columns_of(there)} == {kind: kind for kind in IBIS}


def test_columns_keep_names_and_order() -> None:
    found = columns_of(pa.schema({"b": pa.int8(), "a": pa.list_(pa.string())}))
    assert [(c.name, c.type) for c in found] == [("b", "tinyint"), ("a", "array")]
