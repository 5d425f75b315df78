from __future__ import annotations

from penstock.core.tile import Table
from tests.kinds.tiles.shown import a_world, part, shown, told

TABLE = {"type": "table", "dataset": "flights"}


def test_rows_are_sorted_cut_and_counted(tmp_path):
    node = a_world(tmp_path)
    tile = {
        **TABLE,
        "columns": ["carrier", "distance"],
        "sort": [{"column": "distance", "descending": True}],
        "rows": 2,
    }
    table = part(node, tile)
    assert isinstance(table, Table)
    assert table.rows == ((None, "600"), ("AA", "500"))
    assert table.total == 6
    assert table.columns[1].align == "right"
    assert shown(node, tile).as_of is not None


def test_a_sample_is_told_and_a_filter_holds(tmp_path):
    node = a_world(tmp_path)
    rules = [{"column": "carrier", "operator": "==", "value": "UA"}]
    found = shown(node, {**TABLE, "filter": {"rules": rules}, "sampling": {"type": "first", "n": 2}})
    assert len(found.parts[0].rows) == 2
    assert "sample" in found.badge


def test_a_dataset_that_was_never_built_and_a_column_there_is_not_are_told(tmp_path):
    node = a_world(tmp_path)
    assert "bare" in told(node, {"type": "table", "dataset": "bare"}).says
    assert "Did you mean carrier" in told(node, {**TABLE, "columns": ["carrie"]}).says
