"""What errors say."""

from __future__ import annotations

from penstock.core.errors import ColumnMissing, UndefinedVariable


def test_a_column_may_be_missing_in_rows_that_are_no_dataset() -> None:
    said = str(ColumnMissing("bpp", dataset="the test set", near=["bp"]))
    assert said == "The test set has no column 'bpp'. Did you mean bp?"
    assert str(ColumnMissing("x", dataset="may")).endswith("See its columns: penstock dataset columns may")


def test_advice_about_a_variable_without_a_value_can_be_followed() -> None:
    assert "`penstock variable set x=VALUE`, or write ${x|default:…}." in UndefinedVariable("x").hint
    assert UndefinedVariable("x", where="a formula").hint == 'Where it may be missing, write variables["x"].'
