"""Reporting: everything one reporter may ask and do while it tells of a run."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from penstock.core import variables
from penstock.core.connection import Connection
from penstock.core.errors import (
    InvalidExpression,
    NotFound,
    PenstockError,
    Refused,
    UndefinedVariable,
    nearest,
)
from penstock.core.formula import Formula
from penstock.core.outcome import Outcome
from penstock.core.report import (
    LINKS,
    NO_BASE_URL_HINT,
    Checked,
    Course,
    EvaluationView,
    Remark,
    run_url,
)
from penstock.runtime import datasets, delivering, drift, folders, observed, printouts, wiki_exports
from penstock.runtime.contexts import place_of, reading
from penstock.runtime.variables import resolve

if TYPE_CHECKING:
    from penstock.core.message import Message
    from penstock.core.node import Node
    from penstock.core.ports import Clock
    from penstock.core.project import Project
    from penstock.core.scenario import ScenarioRun, StepRun

TEMPLATES = "templates"
ADVICE = "Nothing was sent: an administrator corrects and tries channel {} under Administration, Connections."


@dataclass(kw_only=True)
class ReportAccess:
    """The ReportContext: one reporter, one run."""

    node: Node
    project: Project
    run: ScenarioRun
    steps: Sequence[StepRun]
    variables: Mapping[str, Any]
    timeout: float
    noted: dict[str, None] = field(default_factory=dict)
    granted: dict[str, Connection] = field(default_factory=dict)
    """Connections of the node that this reporter was given, by name; they may use any secret."""

    @property
    def clock(self) -> Clock:
        return self.node.clock

    @property
    def standing(self) -> Outcome | None:
        if self.run.outcome is not None or not any(step.outcome for step in self.steps):
            return self.run.outcome
        so_far = self.variables.get("outcome")
        return Outcome(so_far) if so_far in list(Outcome) else None

    @property
    def link(self) -> str:
        return run_url(self.node.config.base_url, self.run.project, self.run.scenario, self.run.id)

    # words ------------------------------------------------------------------------------------------------------

    def expand(
        self, text: str, *, escape: Callable[[str], str] = str, more: Mapping[str, str] | None = None
    ) -> str:
        names = variables.names_in(text)
        self.uses(names)
        values = {n: escape(variables.text_of(self._value_of(n))) for n in names if self._has(n, text, more)}
        return variables.expand_text(text, {**values, **(more or {})}, undefined="empty")

    def value(self, text: str) -> Any:
        names = variables.names_in(text)
        self.uses(names)
        if len(names) == 1 and text.strip() == f"${{{names[0]}}}" and names[0] in self.variables:
            return self.variables[names[0]]
        return self.expand(text)

    def uses(self, names: Iterable[str]) -> None:
        if not self.node.config.base_url and LINKS.intersection(names):
            self.note(NO_BASE_URL_HINT)

    def note(self, message: str) -> None:
        self.noted[self.node.secrets.mask(message)] = None

    def notes(self) -> Sequence[str]:
        return tuple(self.noted)

    def template(self, name: str) -> str:
        file = f"{TEMPLATES}/{name}"
        there = sorted(p.name for p in (self.project.path / TEMPLATES).glob("*") if p.is_file())
        if name not in there:
            raise NotFound(
                "template",
                name,
                among=there,
                where=f"project {self.project.key}",
                hint=f"Write {file} there.",
            )
        return self.node.projects.read(self.project.key, file)[0]

    def _has(self, name: str, text: str, more: Mapping[str, str] | None) -> bool:
        """Whether a value is to be filled in here: not when `more` has it or a default stands in the text."""
        return not (name in (more or {}) or (name not in self.variables and f"{name}|default:" in text))

    def _value_of(self, name: str) -> Any:
        """The value of a name, or of a formula over the variables; empty and noted when there is none."""
        if name in self.variables:
            return self.variables[name]
        try:
            return Formula(name).evaluate(self.variables, self.variables)
        except UndefinedVariable as error:
            missing = error.name
        except InvalidExpression:
            missing = name
        except PenstockError as error:
            self.note(f"'{name}' could not be worked out and was left empty: {error.message}")
            return ""
        self.note(f"'{missing}' has no value and was left empty.{_nearest(missing, self.variables)}")
        return ""

    # channels ---------------------------------------------------------------------------------------------------

    def channel(self, name: str, type: str) -> Connection:
        name = name or self._only(type)
        found = self.node.connections.get(name)
        if found.kind_name() != type:
            raise Refused(f"Channel {name} is of type {found.kind_name()}; this reporter needs {type}.")
        if not found.allows(self.run.run_as):
            raise Refused(
                f"{self.run.run_as or 'Nobody'}, whom this run acts as, may not use channel {name or type}.",
                hint=f"It is for {', '.join(found.allowed)}; an administrator may add to `allowed`.",
            )
        self.granted[name] = found
        return found

    def deliver(self, channel: Connection, messages: Sequence[Message]) -> str:
        name = next((name for name, granted in self.granted.items() if granted is channel), "")
        secret = self.node.secrets.get if name else self._secret_of_project
        try:
            return delivering.deliver(channel, messages, secret, timeout=self.timeout)
        except delivering.NotDelivered as error:
            if not name:
                raise
            raise delivering.NotDelivered(
                f"{_ended(error.message)} {error.hint}".strip(), hint=ADVICE.format(name)
            ) from error

    def _only(self, type: str) -> str:
        """The one connection of a type. Raises NotFound when there is none, or a choice."""
        there = [n for n in self.node.connections.names() if self.node.connections.get(n).kind_name() == type]
        if len(there) != 1:
            choice = f"there are {', '.join(there)}" if there else "there is none"
            raise NotFound(
                f"{type} channel to use by itself",
                "",
                hint=f"Name one as `channel`: {choice} on this node.",
            )
        return there[0]

    def _secret_of_project(self, name: str) -> str:
        """A secret that a reporter's own settings name: only those of its project, lest it send others away."""
        if not name.startswith(f"{self.project.key}."):
            raise Refused(
                f"Reporters of project {self.project.key} may not use the secret '{name}'.",
                hint=f"Secrets of this project are called {self.project.key}.<name>; others belong to channels.",
            )
        return self.node.secrets.get(name)

    # what happened ----------------------------------------------------------------------------------------------

    @cached_property
    def _checks(self) -> Sequence[Checked]:
        return tuple(observed.checks(self.node, self.project, self.steps))

    def checks(self) -> Sequence[Checked]:
        return self._checks

    def remarks(self) -> Sequence[Remark]:
        return tuple(observed.remarks(self.node, self.steps, self._checks))

    def courses(self) -> Sequence[Course]:
        return tuple(observed.courses(self.node, self.project, self.run, self.steps))

    def log(self) -> str:
        path = self.node.scenario_runs.log_path(self.run.id)
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        return self.node.secrets.mask(text)

    # data -------------------------------------------------------------------------------------------------------

    def rows(self, dataset: str, limit: int) -> tuple[Sequence[str], Sequence[Mapping[str, Any]]]:
        found = datasets.head(self.node, self.project.key, dataset, limit)
        return [c.name for c in found.columns], found.rows

    def export(self, dataset: str, ending: str, limit: int | None = None) -> bytes:
        place = place_of(self.node, self.project, dataset)
        with reading(self.node, self.project, resolve(self.node, self.project), place=place) as opened:
            table = opened.table(dataset)
            target = opened.scratch() / f"{dataset}.{ending}"
            opened.session.export(table if limit is None else table.limit(limit), target)
            return target.read_bytes()

    def files(self, folder: str, pattern: str) -> Mapping[str, bytes]:
        there = [f.path for f in folders.files(self.node, self.project.key, folder)]
        wanted = [path for path in there if path == pattern or fnmatch.fnmatchcase(path, pattern)]
        if not wanted:
            raise NotFound("file", pattern, among=there, where=f"folder {folder}")
        return {path: self._file(folder, path) for path in wanted}

    def dashboard(self, name: str, form: str, paper: str, filters: str) -> tuple[str, bytes]:
        made = printouts.export(self.node, self.project.key, name, form=form, paper=paper, filters=filters)
        return made.name, made.content

    def wiki(self, article: str, form: str, paper: str, *, attachments: bool) -> tuple[str, bytes]:
        made = wiki_exports.export(
            self.node, self.project.key, article, form=form, paper=paper, attachments=attachments
        )
        return made.name, made.content

    def evaluation(self, store: str, id: str = "") -> EvaluationView:
        view = drift.show(self.node, self.project.key, store, id)
        return EvaluationView(
            evaluation=view.evaluation, compared_with=view.reference, drift=view.report, no_drift=view.reason,
            differences=view.performance,
            course=observed.course(self.node, self.project, store, up_to=view.evaluation.id),
        )  # fmt: skip

    def append(self, dataset: str, row: Mapping[str, Any]) -> None:
        datasets.append(self.node, self.project.key, dataset, [row])

    def _file(self, folder: str, path: str) -> bytes:
        with folders.open_file(self.node, self.project.key, folder, path) as file:
            return file.read()


def _nearest(name: str, among: Mapping[str, Any]) -> str:
    near = nearest(name, among, most=1)
    return f" Did you mean {near[0]}?" if near else ""


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."
