"""Problems as plain values."""

from __future__ import annotations

import json

import pytest
from pydantic import TypeAdapter

from penstock.core import errors, problem
from penstock.core.errors import InvalidDefinition, NotFound, SaveConflict


def _sent(error: errors.PenstockError) -> errors.PenstockError:
    return problem.from_mapping(json.loads(json.dumps(problem.to_mapping(error))))


def test_a_problem_says_what_it_is_and_what_to_do_next():
    told = problem.to_mapping(NotFound("dataset", "fligths", among=["flights"], hint="Look again."))
    assert told == {
        "type": "not-found", "title": "A name that leads nowhere", "status": 404,
        "detail": "There is no dataset 'fligths'. Did you mean flights?", "hint": "Look again.",
        "what": "dataset", "name": "fligths", "near": ("flights",),
    }  # fmt: skip


@pytest.mark.parametrize("code", sorted(problem.classes()))
def test_every_error_comes_back_as_the_class_it_was(code):
    cls = problem.classes()[code]
    error = cls.__new__(cls)
    errors.PenstockError.__init__(error, "Something is wrong.", hint="Mend it.")
    assert type(_sent(error)) is cls
    assert str(_sent(error)) == "Something is wrong. Mend it."


def test_what_an_error_knows_travels_with_it():
    back = _sent(SaveConflict("flow/x.yaml", "-a\n+b"))
    assert isinstance(back, SaveConflict)
    assert (back.file, back.diff) == ("flow/x.yaml", "-a\n+b")


def test_a_broken_definition_keeps_its_place_and_what_else_is_wrong():
    first = InvalidDefinition("no", file="a.yaml", line=3, field="x")
    first.also = (InvalidDefinition("nor that", file="a.yaml", line=4, field="y"),)
    back = _sent(first)
    assert isinstance(back, InvalidDefinition)
    assert (back.file, back.line, back.field, back.problem) == ("a.yaml", 3, "x", "no")
    assert [other.field for other in back.also] == ["y"]


def test_an_error_this_program_does_not_know_is_the_nearest_it_does():
    back = problem.from_mapping({"type": "brand-new", "status": 409, "detail": "Too late."})
    assert type(back) is errors.Conflict


def test_what_is_told_cannot_replace_what_an_error_does():
    back = problem.from_mapping(
        {"type": "not-found", "detail": "No.", "code": "x", "__class__": "y", "args": []}
    )
    assert back.code == "not-found"
    assert isinstance(back, NotFound)


def test_an_answer_that_holds_problems_tells_them_in_the_same_words():
    adapter = TypeAdapter(list[InvalidDefinition])
    sent = adapter.dump_json([InvalidDefinition("no", file="a.yaml", line=3)])
    assert adapter.validate_json(sent)[0].line == 3
    assert adapter.json_schema()["items"]["title"] == "Problem"
