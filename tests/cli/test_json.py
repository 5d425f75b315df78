"""Every list and show speaks JSON, and nothing else on stdout."""

from __future__ import annotations

import pytest

from .bank import Bank

LISTS = [
    "project list", "project history", "dataset list", "dataset list-files monthly", "dataset columns scored",
    "dataset infer monthly", "folder list", "folder files inbox", "recipe list", "flow zone list", "job list",
    "model list", "model versions authorized", "model explain authorized", "model explain authorized age",
    "evaluation stores", "evaluation list mes", "check list may", "check history mes", "metric list scored",
    "metric history scored basic:SIZE", "variable list",
]  # fmt: skip
OBJECTS = [
    "project show", "project status", "dataset show scored", "dataset show history", "dataset head scored",
    "recipe show score_it", "flow show", "flow preview mes", "model show authorized", "model report authorized",
    "model what-if authorized age=20", "model subpopulations authorized sector",
    "model fairness authorized sector --reference food", "evaluation show mes", "evaluation drift mes",
]  # fmt: skip


@pytest.mark.parametrize("command", LISTS)
def test_a_list_is_a_json_list_of_objects(command: str, bank: Bank) -> None:
    found = bank.ok(*command.split(), "--json").json
    assert isinstance(found, list)
    assert all(isinstance(row, dict) for row in found)
    assert found or command in ("check history mes",)


@pytest.mark.parametrize("command", OBJECTS)
def test_an_object_is_a_json_object(command: str, bank: Bank) -> None:
    json = [] if command.startswith("model report") else ["--json"]
    assert isinstance(bank.ok(*command.split(), *json).json, dict)


@pytest.mark.parametrize("command", [*LISTS, *OBJECTS])
def test_the_same_for_people_fits_their_screen(command: str, bank: Bank) -> None:
    said = bank.ok(*command.split())
    assert said.out.strip()
    if not command.startswith("model report"):
        assert max(map(len, said.out.splitlines())) <= 80


def test_keys_of_rows_are_words_without_spaces(bank: Bank) -> None:
    for command in LISTS:
        for row in bank.ok(*command.split(), "--json").json:
            assert all(" " not in key for key in row), command
