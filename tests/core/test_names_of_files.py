"""Texts that look like numbers, and names made from files."""

from __future__ import annotations

import pytest

from penstock.core.names import name_of_file
from penstock.core.schema import loses_zeros


@pytest.mark.parametrize(
    ("values", "loses"),
    [(["01067", "10115"], True), (["0", "7"], False), (["01", "a"], False), ([], False), ([None, "007", ""], True),
     ([7], False)],
)  # fmt: skip
def test_a_column_of_digits_loses_the_zeros_at_its_front(values, loses):
    assert loses_zeros(values) is loses


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("New flights (2).csv", "new_flights_2"),
        ("a/b.tar.gz", "b"),
        ("Größe.xlsx", "größe"),
        ("(1).csv", "1"),
    ],
)
def test_a_file_names_what_is_made_from_it(file, name):
    assert name_of_file(file) == name
