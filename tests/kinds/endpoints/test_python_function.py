from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.errors import AnswerFailed, BadQuery, InvalidDefinition
from tests.kinds.endpoints.opened import opened


def function(folder: Path, code: str, **more: Any) -> Any:
    return opened(folder, {"type": "python_function", "name": "f", "code": code, **more})


@pytest.mark.requirement("D56")
def test_fields_are_arguments_by_name_and_the_result_is_the_response(tmp_path: Path) -> None:
    answers = function(
        tmp_path, "def risk(amount, country='FR'):\n    return {'high': amount > 500, 'in': country}"
    )
    said = answers.answer("run", {"amount": 900})
    assert said.body == {"response": {"high": True, "in": "FR"}}
    assert said.timing.keys() == {"execution", "functionInternal"}
    assert answers.blocking


@pytest.mark.requirement("D56")
def test_a_field_that_is_no_argument_is_refused_unless_any_is_taken(tmp_path: Path) -> None:
    with pytest.raises(BadQuery, match="'b'") as refused:
        function(tmp_path, "def f(a=1): return a").answer("run", {"b": 2})
    assert refused.value.http_status == 400
    assert function(tmp_path, "def f(a=1, **rest): return rest").answer("run", {"b": 2}).body == {
        "response": {"b": 2}
    }


@pytest.mark.requirement("D56")
def test_an_exception_is_500_with_its_message_and_no_trace(tmp_path: Path) -> None:
    with pytest.raises(AnswerFailed) as failed:
        function(tmp_path, "def f(): raise KeyError('lost')").answer("run", {})
    assert (failed.value.http_status, str(failed.value)) == (500, "KeyError: 'lost'")


@pytest.mark.requirement("D56")
def test_code_chooses_its_status(tmp_path: Path) -> None:
    code = (
        "from penstock.service import HttpError, HttpResponse\n"
        "def f(missing=False):\n"
        "    if missing: raise HttpError('Nobody is called that.', status=404)\n"
        "    return HttpResponse({'made': 1}, status=201, headers={'X-Made': 'yes'})\n"
    )
    answers = function(tmp_path, code)
    said = answers.answer("run", {})
    assert (said.status, said.headers, said.body) == (201, {"X-Made": "yes"}, {"response": {"made": 1}})
    with pytest.raises(AnswerFailed, match="Nobody") as failed:
        answers.answer("run", {"missing": True})
    assert failed.value.http_status == 404


def test_a_status_of_no_sense_counts_as_500(tmp_path: Path) -> None:
    code = "class Odd(Exception):\n    http_status = 200\ndef f(): raise Odd('hm')"
    with pytest.raises(AnswerFailed) as failed:
        function(tmp_path, code).answer("run", {})
    assert failed.value.http_status == 500


@pytest.mark.parametrize("result", ["object()", "float('nan')", "{1, 2}"])
def test_what_json_cannot_say_is_told(tmp_path: Path, result: str) -> None:
    with pytest.raises(AnswerFailed, match="JSON cannot say"):
        function(tmp_path, f"def f(): return {result}").answer("run", {})


def test_the_library_of_the_project_is_seen_and_code_that_fails_stops_the_opening(tmp_path: Path) -> None:
    library = tmp_path / "package" / "lib"
    library.mkdir(parents=True)
    (library / "penstock_test_prices.py").write_text("VAT = 0.2\n")
    code = "from penstock_test_prices import VAT\ndef f(net): return net * (1 + VAT)"
    assert function(tmp_path, code).answer("run", {"net": 10}).body == {"response": 12.0}
    with pytest.raises(AnswerFailed, match="endpoint f fails: ZeroDivisionError"):
        function(tmp_path, "1 / 0\ndef f(): return 1")


def test_of_several_functions_the_last_or_the_named_one_answers(tmp_path: Path) -> None:
    code = "def first(): return 1\ndef second(): return 2"
    assert function(tmp_path, code).answer("run", {}).body == {"response": 2}
    assert function(tmp_path, code, function="first").answer("run", {}).body == {"response": 1}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"code": "x = 1"}, "no function"),
        ({"code": "def f(:"}, "Line 1"),
        ({"code": "def f(): 1", "function": "g"}, "'g'"),
    ],
)
def test_code_without_its_function_is_refused_when_it_is_saved(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidDefinition, match=says):
        registry.parse("endpoints", {"type": "python_function", "name": "f", **fields})
