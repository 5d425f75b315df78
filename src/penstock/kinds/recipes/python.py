"""Python: code of people, in a child process."""

from __future__ import annotations

import ast
import json
import keyword
import os
import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from penstock.core.environment import EnvironmentName
from penstock.core.errors import ActivityFailed
from penstock.core.names import InputItem, ItemType, Name, Points
from penstock.core.recipe import Recipe

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext

CLASSES: Mapping[ItemType, str] = {
    "dataset": "Dataset", "folder": "Folder", "model": "Model", "evaluation_store": "EvaluationStore",
}  # fmt: skip
"""Sort of object → its class in `penstock`."""
OutputData = Annotated[Name, Points("output", ("dataset", "folder"))]


class Python(Recipe):
    """Runs Python code in a process of its own. It reads and writes through `penstock`, and sees the project's
    `lib/` on its path; what it prints goes to the log. An exception, a bad exit code, an output it did not write
    or a writer it did not close fails the activity, and nothing is replaced.

    The code stands in a file beside the recipe's, `<name>.py`:
    `from penstock import Dataset; Dataset("routes").write(Dataset("flights").arrow().slice(0, 10))`.

    Example:
        type: python
        inputs: [flights]
        outputs: [routes]
    """

    BODY: ClassVar[str] = ".py"
    CATEGORY: ClassVar[str] = "code"

    inputs: tuple[InputItem, ...] = Field(default=(), description="Datasets, folders and models it may read.")
    outputs: tuple[OutputData, ...] = Field(
        min_length=1, description="Managed datasets and folders it writes; it must write every dataset."
    )
    environment: dict[str, str] = Field(
        default_factory=dict, description="Environment variables for the process; may use `${variables}`."
    )
    code_environment: EnvironmentName = Field(
        default="",
        description="Code environment it runs in; the project's when empty, `builtin` for the node's own Python.",
    )
    body: str = Field(default="", description="The code.")

    def flaws(self) -> list[str]:
        return list(_syntax(self.body))

    def starter(self, types: Mapping[str, ItemType]) -> str:
        used = sorted({CLASSES[types[n]] for n in (*self.reads, *self.writes)} | {"Dataset"})
        reading = [_opened(name, types[name]) for name in self.reads]
        first = next((_variable(n) for n in self.reads if types[n] == "dataset"), "")
        writing = [
            f'{CLASSES[types[n]]}("{n}").write({first})'
            if types[n] == "dataset" and first
            else _unwritten(n, types[n])
            for n in self.writes
        ]
        return "\n".join([f"from penstock import {', '.join(used)}", "", *reading, "", *writing, ""])

    def run(self, ctx: RecipeContext) -> None:
        handshake = ctx.work / "handshake.json"
        handshake.write_text(json.dumps(self._told(ctx), default=str), encoding="utf-8")
        code = ctx.work / f"{ctx.recipe_name}.py"
        code.write_text(self.body, encoding="utf-8")
        library = [str(ctx.project.path / "lib"), os.environ.get("PYTHONPATH", "")]
        ctx.run_python(
            code,
            {
                **{name: ctx.expand(value) for name, value in self.environment.items()},
                "PENSTOCK_HANDSHAKE": str(handshake),
                "PYTHONPATH": os.pathsep.join(filter(None, library)),
            },
            self.code_environment,
        )
        for name in self.outputs:
            if name in ctx.project.datasets:
                self._take(name, ctx.work / "outputs" / name, ctx)

    def _told(self, ctx: RecipeContext) -> dict[str, Any]:
        """What the child is told: where its inputs lie, and where its outputs go."""
        return {
            "format": 1,
            "project": ctx.project.key,
            "recipe": ctx.recipe_name,
            "job": ctx.job,
            "variables": dict(ctx.variables),
            "inputs": {name: self._input(name, ctx) for name in self.inputs},
            "outputs": {name: self._output(name, ctx) for name in self.outputs},
        }

    def _input(self, name: str, ctx: RecipeContext) -> dict[str, Any]:
        match ctx.project.item_type(name):
            case "dataset":
                return {"type": "dataset", "files": [str(f) for f in ctx.parquet(name)]}
            case "folder":
                return {"type": "folder", "path": str(ctx.folder(name))}
            case "model":
                version = ctx.models().version(*ctx.project.home_of(name))
                files = ctx.models().files(version.project, version.model, version.id)
                return {"type": "model", "version": version.id, "path": str(files)}
        return {"type": "evaluation_store", "evaluations": _headers(name, ctx)}

    def _output(self, name: str, ctx: RecipeContext) -> dict[str, Any]:
        if ctx.project.item_type(name) == "folder":
            return {"type": "folder", "path": str(ctx.change_folder(name))}
        return {"type": "dataset", "folder": str(ctx.work / "outputs" / name)}

    def _take(self, name: str, folder: Path, ctx: RecipeContext) -> None:
        """Make what the child wrote the output. Raises ActivityFailed when it is not whole."""
        if not folder.exists():
            raise ActivityFailed(
                f"The code ended without writing its output {name}.",
                hint=f'Write it with Dataset("{name}").write(…), or take it off the outputs.',
            )
        done = folder / "_done.json"
        if not done.exists():
            raise ActivityFailed(
                f"The code left the writer of {name} open, so its rows are not complete.",
                hint="Use `with Dataset(…).writer() as writer:`, or call its close().",
            )
        if json.loads(done.read_text(encoding="utf-8"))["append"]:
            import pyarrow.parquet as pq

            ctx.append(name, pq.read_table(folder))
        else:
            ctx.write(name, folder)


def _variable(name: str) -> str:
    return name if name.isidentifier() and not keyword.iskeyword(name) else "data"


def _opened(name: str, type: ItemType) -> str:
    call = f'{CLASSES[type]}("{name}")'
    return f"{_variable(name)} = {call}.dataframe()" if type == "dataset" else f"{_variable(name)} = {call}"


def _unwritten(name: str, type: ItemType) -> str:
    """A place to write an output that no input can fill as it is."""
    if type == "folder":
        return f'# Folder("{name}").write("a/path.txt", "text or bytes")'
    return f'Dataset("{name}").write([{{"column": "value"}}])'


@lru_cache(maxsize=256)
def _syntax(body: str) -> tuple[str, ...]:
    """What Python itself cannot read; nothing is run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(body)
    except SyntaxError as error:
        return (f"Line {error.lineno}, character {error.offset}: {error.msg}.",)
    except ValueError as error:
        return (f"This is no Python: {error}.",)
    return ()


def _headers(store: str, ctx: RecipeContext) -> list[dict[str, Any]]:
    found = ctx.evaluations().list(ctx.project.key, store)
    return [
        {
            "id": e.id, "name": e.name, "created_at": e.created_at.isoformat(), "model": e.model,
            "version": e.version, "dataset": e.dataset, "rows": e.rows, "labels": dict(e.labels),
            "metrics": dict(e.metrics),
        }
        for e in found
    ]  # fmt: skip
