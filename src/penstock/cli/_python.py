"""The reference page of the Python interface, written from the classes of `sdk` themselves."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from typing import Any

from penstock.api.remote import connect
from penstock.app import open_home
from penstock.core.check import CheckResult
from penstock.core.dataset import Snapshot, SourceFile
from penstock.core.evaluation import Evaluation
from penstock.core.job import Activity, Job
from penstock.core.metric import MetricValue
from penstock.core.model import ModelVersion
from penstock.sdk import channels, client, dashboards, items, scenarios, wiki, zones

INTRO = """# Python

Written from the code by `make docs`; do not edit. Run it with the `python` of the environment Penstock is installed
in. Inside a recipe there are other, smaller classes of the same names: see
[write a recipe in Python](../howto/write-a-python-recipe.md).

```text
import penstock

project = penstock.open().project("FLIGHTS")
project.build("mes", mode="required")
project.evaluation_store("mes").latest().metrics["performance:auc"]
project.dataset("scored").dataframe()
project.model("late_arrival").predict(rows)
```

What goes wrong is raised as an error of `penstock.core.errors`: `NotFound`, `Invalid`, `Conflict`, `Refused`,
`NotReady`, `Unsafe` and `Failed`, each with a sentence and a hint, all of them a `PenstockError`."""

CLASSES: tuple[type[Any], ...] = (
    client.Home, client.Project, items.Dataset, items.Folder, items.Model, items.EvaluationStore, items.Measured,
    zones.Zones, scenarios.Scenario, scenarios.Run, dashboards.Dashboard, wiki.Wiki, channels.Connections,
    channels.Channels, channels.Secrets,
)  # fmt: skip

FACTS: tuple[type[Any], ...] = (
    Job,
    Activity,
    Evaluation,
    ModelVersion,
    MetricValue,
    CheckResult,
    Snapshot,
    SourceFile,
)
"""What methods give back: values that never change, read by their fields."""


def python() -> str:
    """`penstock.open`, then every class with its methods: how each is called, and what it does."""
    opened = _called(open_home)
    parts = [INTRO, f"## penstock.open\n\n`penstock.open{opened}`\n\n{_prose(open_home)}"]
    parts.append(f"## penstock.connect\n\n`penstock.connect{_called(connect)}`\n\n{_prose(connect)}")
    parts.append(" · ".join(f"[{cls.__name__}](#{cls.__name__.lower()})" for cls in CLASSES))
    facts = "\n".join(["| fact | what it is | its fields |", "|---|---|---|", *map(_fact, FACTS)])
    told = "## Facts\n\nWhat methods give back. Facts never change; ask again for newer ones."
    return "\n\n".join([*parts, *(_class(cls) for cls in CLASSES), told, facts]) + "\n"


def _class(cls: type[Any]) -> str:
    rows = [f"| `{_cell(name + _called(member))}` | {_line(member)} |" for name, member in _members(cls)]
    table = "\n".join(["| call | what it does |", "|---|---|", *rows])
    parent = cls.__mro__[1]
    also = (
        f" Also everything of [{parent.__name__}](#{parent.__name__.lower()})." if parent in CLASSES else ""
    )
    return f"## {cls.__name__}\n\n{_prose(cls)}{also}\n\n{table}"


def _members(cls: type[Any]) -> Iterator[tuple[str, Any]]:
    """The public methods and properties that a class defines itself, in the order of its file."""
    for name, member in vars(cls).items():
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
            yield name, member


def _called(member: Any) -> str:
    """`(name: str) -> Dataset`, without `self`; a property only says what it is."""
    if isinstance(member, property):
        return f": {inspect.signature(member.fget).return_annotation}"  # type: ignore[arg-type]
    found = inspect.signature(member)
    own = [p for p in found.parameters.values() if p.name != "self"]
    told = str(found.replace(parameters=own))
    return re.sub(r"'([^']*)'", _bare, told)


def _bare(quoted: re.Match[str]) -> str:
    """An annotation as people write it; a default text keeps its quotes."""
    before = quoted.string[: quoted.start()]
    return quoted[1] if before.endswith((": ", "-> ")) else quoted[0]


def _fact(cls: type[Any]) -> str:
    fields = ", ".join(f"`{f.name}`" for f in dataclasses.fields(cls))
    return f"| {cls.__name__} | {_line(cls)} | {fields} |"


def _line(member: Any) -> str:
    return _cell(" ".join(_prose(member).split()))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _prose(member: Any) -> str:
    return inspect.getdoc(member) or ""
