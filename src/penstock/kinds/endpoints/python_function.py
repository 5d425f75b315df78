"""Python_function: code of people that answers."""

from __future__ import annotations

import ast
import inspect
import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, model_validator

from penstock.core.environment import BUILTIN, EnvironmentName
from penstock.core.errors import AnswerFailed, BadQuery, FlawAt, NotFound
from penstock.core.service import Answer, Answering, Endpoint, HttpResponse, Record
from penstock.kinds.endpoints._elsewhere import FunctionElsewhere

if TYPE_CHECKING:
    from penstock.core.package import EndpointContext

LEAST_STATUS, MOST_STATUS = 400, 599


class PythonFunction(Endpoint):
    """Calls a function with the fields of the question as its arguments, by name; what it returns is the answer.

    A field that is no argument is refused; `**rest` takes any. It sees the project's `lib/`. An exception answers 500
    with its message; `from penstock.service import HttpError, HttpResponse` chooses the status.

    Example:
        type: python_function
        name: risk
        code: |
          def risk(amount, country="FR"):
              return {"high": amount > 500}
    """

    VERBS: ClassVar[tuple[str, ...]] = ("run",)
    EVENT: ClassVar[str] = "function-query"
    MAIN: ClassVar[tuple[str, ...]] = ("name", "code", "function")

    code: str = Field(
        min_length=1,
        description="Python; run once when the version is loaded.",
        json_schema_extra={"widget": "code", "language": "python"},
    )
    code_environment: EnvironmentName = Field(
        default="",
        description="Code environment it runs in; the project's when empty, `builtin` for the node's own Python.",
    )
    function: str = Field(
        default="", description="Which function answers; the only one, or the last, when empty."
    )

    @model_validator(mode="after")
    def _has_function(self) -> PythonFunction:
        try:
            found = _functions(self.code)
        except SyntaxError as error:
            raise FlawAt(f"Line {error.lineno}: {error.msg}.", "code") from error
        if not found or (self.function and self.function not in found):
            raise FlawAt(
                f"There is no function '{self.function}' in it." if found else "There is no function in it.",
                "code",
            )
        return self

    @property
    def called(self) -> str:
        """The function that answers."""
        return self.function or _functions(self.code)[-1]

    def open(self, ctx: EndpointContext) -> Answering:
        if self.code_environment not in ("", BUILTIN):
            words = {"name": self.name, "code": self.code, "function": self.function}
            return FunctionElsewhere(ctx.interpreter(self.code_environment), words, ctx.library().absolute())
        library = str(ctx.library().absolute())
        if ctx.library().is_dir() and library not in sys.path:
            sys.path.insert(0, library)
        namespace: dict[str, Any] = {"__name__": f"penstock_endpoint_{self.name}"}
        try:
            exec(compile(self.code, f"<endpoint {self.name}>", "exec"), namespace)
        except Exception as error:
            raise AnswerFailed(f"The code of endpoint {self.name} fails: {_said(error)}") from error
        return FunctionAnswers(namespace[self.called])

    def operations(self, model: Mapping[str, Any] | None) -> dict[str, Any]:
        node = next(
            n for n in ast.parse(self.code).body if isinstance(n, ast.FunctionDef) and n.name == self.called
        )
        names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        needed = names[: len(node.args.args) - len(node.args.defaults)]
        request = {"type": "object", "properties": {name: {} for name in names}, "required": needed}
        return {"run": {"request": request, "answer": {"type": "object", "properties": {"response": {}}}}}


class FunctionAnswers:
    """An opened Python function."""

    blocking = True

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function, self._signature = function, inspect.signature(function)

    def answer(self, verb: str, query: Mapping[str, Any]) -> Answer:
        if verb != "run":
            raise NotFound("verb", verb, among=PythonFunction.VERBS)
        began = time.perf_counter_ns()
        self._check(query)
        called = time.perf_counter_ns()
        told = self._told(query)
        response = told if isinstance(told, HttpResponse) else HttpResponse(told)
        _check_json(response.body)
        ended = time.perf_counter_ns()
        timing = {"execution": (ended - began) // 1000, "functionInternal": (ended - called) // 1000}
        record = Record(dict(query), {"response": response.body})
        return Answer({"response": response.body}, [record], timing, response.status, response.headers)

    def close(self) -> None:
        """Nothing is held."""

    def _told(self, query: Mapping[str, Any]) -> Any:
        try:
            return self._function(**query)
        except AnswerFailed:
            raise
        except Exception as error:
            status = getattr(error, "http_status", 500)
            good = isinstance(status, int) and LEAST_STATUS <= status <= MOST_STATUS
            raise AnswerFailed(_said(error), status=status if good else 500) from error

    def _check(self, query: Mapping[str, Any]) -> None:
        try:
            self._signature.bind(**query)
        except TypeError as error:
            takes = ", ".join(self._signature.parameters) or "none"
            raise BadQuery(
                f"The function does not take these fields: {error}.", hint=f"It takes {takes}."
            ) from error


def _functions(code: str) -> list[str]:
    return [node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]


def _check_json(value: Any) -> None:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise AnswerFailed(f"The function returned what JSON cannot say: {error}.") from error


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
