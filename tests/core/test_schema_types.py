"""Arrow types by their text → storage types."""

from __future__ import annotations

import pyarrow as pa
import pytest

from penstock.core.schema import column_type

TYPES = {
    "tinyint": [pa.int8()], "smallint": [pa.int16(), pa.uint8()], "int": [pa.int32(), pa.uint16()],
    "bigint": [pa.int64(), pa.uint32(), pa.uint64()], "float": [pa.float16(), pa.float32()],
    "double": [pa.float64(), pa.decimal128(10, 2), pa.decimal256(50, 2)], "boolean": [pa.bool_()],
    "date": [pa.date32(), pa.date64()], "datetime": [pa.timestamp("us"), pa.timestamp("s")],
    "datetime_tz": [pa.timestamp("ns", tz="UTC"), pa.timestamp("ms", tz="+02:00")],
    "array": [pa.list_(pa.int64()), pa.large_list(pa.string()), pa.list_(pa.int8(), 3), pa.list_view(pa.int8())],
    "map": [pa.map_(pa.string(), pa.int64())], "object": [pa.struct([("a", pa.int64())])],
    "string": [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.null(), pa.time64("us"),
               pa.duration("s"), pa.dictionary(pa.int32(), pa.string())],
}  # fmt: skip


@pytest.mark.parametrize("expected", TYPES)
def test_every_arrow_type_has_a_storage_type(expected: str) -> None:
    assert [column_type(str(arrow)) for arrow in TYPES[expected]] == [expected] * len(TYPES[expected])


def test_a_dictionary_is_of_the_type_of_its_values() -> None:
    assert column_type(str(pa.dictionary(pa.int8(), pa.timestamp("us", tz="UTC")))) == "datetime_tz"
