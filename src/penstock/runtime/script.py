"""Script: a person's Python as a step. It runs in a child process and asks for what it wants over a socket.

Each thing it does through the scenario API is a part of its step, kept like a step. When a worker dies, the next one
runs the script again from its first line, and what the script did already is answered from the record: nothing
happens twice. So a script has to ask for the same things in the same order; what it prints or computes is free.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import registry
from penstock.core.errors import Aborted, Conflict, Invalid, PenstockError
from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult, StepRun
from penstock.runtime import environments
from penstock.runtime.contexts import Scratch
from penstock.runtime.run_record import Elsewhere
from penstock.runtime.step_access import Place, StepAccess, stopped_with

if TYPE_CHECKING:
    from penstock.runtime.run_record import Record

ADDRESS = "PENSTOCK_SCENARIO"
BY_SCRIPT = "Its script asked for it."


def run(ctx: StepAccess, code: str, code_environment: str = "") -> StepResult:
    """Run a script to its end. Raises ActivityFailed with the last line of its traceback, Aborted, Elsewhere."""
    python = environments.interpreter(ctx.node, ctx.project, code_environment)
    talk = Conversation(ctx)
    scratch = Scratch(ctx.node, f"script-{ctx.node.clock.new_id()}")
    try:
        file = scratch() / "script.py"
        file.write_text(code, encoding="utf-8")
        with listening(talk) as address:
            ctx.node.engines.run_python(
                code=file, environment=_environment(ctx, address), log=ctx.log.info,
                should_stop=lambda: ctx.should_stop() or talk.left.is_set(), work=scratch(),
                python=python,
            )  # fmt: skip
    except Aborted:
        if talk.left.is_set():
            raise Elsewhere from None
        raise
    finally:
        scratch.remove()
    if talk.left.is_set():
        raise Elsewhere
    return talk.result()


def _environment(ctx: StepAccess, address: str) -> dict[str, str]:
    library = [str(ctx.project.path / "lib"), os.environ.get("PYTHONPATH", "")]
    return {ADDRESS: address, "PYTHONPATH": os.pathsep.join(filter(None, library))}


@dataclass
class Conversation:
    """What a script asks for, and the answers."""

    ctx: StepAccess
    output: Any = None
    left: threading.Event = field(default_factory=threading.Event)
    """Set when this worker has nothing more to do with the run."""
    _done: list[StepRun] = field(default_factory=list)
    _asked: int = 0
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        here = self.ctx.place
        self._before = [
            row for row in self.record.parts(here.position) if row.settings.get("attempt") == here.attempt
        ]
        """What an earlier worker recorded of this very try."""

    @property
    def record(self) -> Record:
        return self.ctx.stepping.record

    def answer(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What to tell the script."""
        try:
            with self._turn:
                return {"answer": self._answered(asked)}
        except Elsewhere:
            self.left.set()
            return {"error": "The run goes on elsewhere."}
        except PenstockError as error:
            return {"error": error.message, "hint": error.hint, "code": error.code}

    def result(self) -> StepResult:
        """How the script counts: what it let pass although it did not go well is a WARNING."""
        bad = [row for row in self._done if row.outcome is not Outcome.SUCCESS]
        said = "; ".join(f"{row.label}: {row.outcome} {row.message}".rstrip() for row in bad)
        outcome = Outcome.WARNING if bad else Outcome.SUCCESS
        return StepResult(outcome, output=self.output, message=said, jobs=self._jobs())

    def _jobs(self) -> tuple[str, ...]:
        return tuple(job for row in self._done for job in row.jobs)

    def _answered(self, asked: Mapping[str, Any]) -> Any:
        match asked.get("verb"):
            case "step":
                return self._step(dict(asked["step"]))
            case "variables":
                return self._variables()
            case "steps":
                return [_told(row) for row in self._until_now() if row.state == "DONE"]
            case "output":
                self.output = asked.get("value")
                return None
        raise Invalid(f"A scenario cannot do '{asked.get('verb')}'.")

    def _variables(self) -> dict[str, Any]:
        until = (self.ctx.place.position, self._next_part())
        return self.ctx.stepping.variables(self.ctx.outcome, until=until)

    def _until_now(self) -> list[StepRun]:
        until = (self.ctx.place.position, self._next_part())
        return [row for row in self.record.steps() if (row.position, row.part) < until]

    def _step(self, definition: dict[str, Any]) -> dict[str, Any]:
        if definition.get("type") == "python":
            raise Invalid("A script does not run a Python step: call the code from the script itself.")
        step = registry.parse("steps", definition)
        assert isinstance(step, Step)
        row = self._known(step) or self._run(step)
        self._asked += 1
        self._done.append(row)
        return _told(row)

    def _known(self, step: Step) -> StepRun | None:
        """What an earlier worker recorded at this point of the script, if it finished it."""
        if self._asked >= len(self._before):
            return None
        row = self._before[self._asked]
        if row.settings != self._settings(step):
            raise Conflict(
                f"The script was begun by a worker that is gone, and now does something else than then: "
                f"{step.kind_name()} instead of {row.label}.",
                hint="A script must ask for the same things in the same order. Run the scenario again.",
            )
        return row if row.state == "DONE" else None

    def _run(self, step: Step) -> StepRun:
        if self.record.lease.ends():
            raise Elsewhere
        part = self._next_part()
        begun = self.record.step(self.ctx.place.position, part)
        label = begun.label if begun else self.record.free_label(step.name, step.caption)
        return self.ctx.stepping.run_step(
            Place(self.ctx.place.position, part, label), step, BY_SCRIPT, outcome=self.ctx.outcome,
            stopping=partial(stopped_with, self.ctx), settings=self._settings(step),
        )  # fmt: skip

    def _next_part(self) -> int:
        """The number of the next part: as an earlier worker counted, then on."""
        if self._asked < len(self._before):
            return self._before[self._asked].part
        return max((row.part for row in self.record.parts(self.ctx.place.position)), default=0) + 1

    def _settings(self, step: Step) -> dict[str, Any]:
        return {"attempt": self.ctx.place.attempt, "step": json.loads(json.dumps(step.to_mapping()))}


def _told(row: StepRun) -> dict[str, Any]:
    return {
        "name": row.label, "type": row.type, "outcome": str(row.outcome), "output": row.output,
        "message": row.message, "jobs": list(row.jobs),
    }  # fmt: skip


@contextmanager
def listening(talk: Conversation) -> Iterator[str]:
    """A socket only this user can reach, on which a script is answered; closed with all that came of it."""
    folder = Path(
        tempfile.mkdtemp(prefix="penstock-")
    )  # short: the path of a socket has a hundred characters
    server = socket.socket(socket.AF_UNIX)
    threads: list[threading.Thread] = []
    try:
        server.bind(str(folder / "s"))
        server.listen()
        accepting = threading.Thread(target=_accept, args=(server, talk, threads), daemon=True)
        accepting.start()
        yield str(folder / "s")
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        shutil.rmtree(folder, ignore_errors=True)
        accepting.join()
        for thread in threads:
            thread.join(talk.ctx.node.config.abort_grace)


def _accept(server: socket.socket, talk: Conversation, threads: list[threading.Thread]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        thread = threading.Thread(target=_serve, args=(connection, talk), daemon=True)
        threads.append(thread)
        thread.start()


def _serve(connection: socket.socket, talk: Conversation) -> None:
    """Answer one line after the other until the script is gone."""
    with suppress(OSError), connection, connection.makefile("rwb") as lines:
        for line in lines:
            lines.write(json.dumps(talk.answer(json.loads(line)), default=str).encode() + b"\n")
            lines.flush()
