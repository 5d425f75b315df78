"""One update while it runs: its phases, its log, whether somebody stopped it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from penstock.core.deployment import AnyDeployment, Hook, Infrastructure
from penstock.core.errors import Aborted, Failed, PenstockError
from penstock.core.update import Told, Update, UpdateState, state_of
from penstock.deploy import hooks
from penstock.runtime import keys
from penstock.runtime.logs import JobLog

if TYPE_CHECKING:
    from penstock.core.node import Node

Phase = tuple[str, Callable[["Updating"], Sequence[Told]]]


@dataclass(kw_only=True)
class Updating:
    """An update in progress. Phases read it and say things; only `run` ends it."""

    node: Node
    update: Update
    deployment: AnyDeployment
    infrastructure: Infrastructure
    log: JobLog
    ignore_warnings: bool = False
    full: bool = False
    first: bool = False
    """Nothing was deployed by it before."""
    messages: list[Told] = field(default_factory=list)
    clients: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """What hooks reach: word → address and key."""

    def say(self, text: str) -> None:
        self.log.info(text)

    def should_stop(self) -> bool:
        return self.node.deployer.abort_requested(self.update.id)

    def check_stop(self) -> None:
        """Raise Aborted once somebody stopped the update."""
        if self.should_stop():
            raise Aborted("The update was aborted.")

    def run(self, phases: Sequence[Phase]) -> Update:
        """Every phase in order; the first one that fails ends it. Whatever happens, the update has an end."""
        try:
            for name, act in phases:
                self.check_stop()
                self._enter(name)
                self._told(act(self))
            return self._end(state_of(self.messages))
        except Aborted as stopped:
            return self._end(UpdateState.ABORTED, str(stopped))
        except PenstockError as error:
            return self._end(UpdateState.FAILED, str(error))
        except Exception as error:
            self.log.error(f"{type(error).__name__}: {error}")
            self._end(UpdateState.FAILED, f"Penstock itself failed: {type(error).__name__}: {error}")
            raise

    def hooks(self, when: Literal["before", "after"]) -> list[Told]:
        """Run the hooks of a moment. An error before the update stops it: raises Failed."""
        found = [self._hook(hook, when) for hook in self.infrastructure.hooks if hook.when == when]
        broken = next((told for told in found if told.severity == "ERROR"), None)
        if broken is not None and when == "before":
            raise Failed(f"{broken.text}. Nothing was deployed.")
        return found

    def _hook(self, hook: Hook, when: str) -> Told:
        report: dict[str, Any] = {
            "state": str(self.update.state), "package": self.update.package,
            "messages": [{"severity": m.severity, "code": m.code, "text": m.text} for m in self.messages],
        }  # fmt: skip
        given = {
            "requesting_user": self.update.requested_by, "deploying_user": self.node.config.user,
            "deployment_id": self.update.deployment, "deployment_report": report,
            "deployed_project_key": getattr(self.deployment, "target", ""),
        }  # fmt: skip
        clients: dict[str, Mapping[str, str]] = {"automation_client": {}, **self.clients}
        self.say(f"Hook {hook.name} …")
        try:
            with self._own_key(hook) as own:
                clients["deployer_client"] = own
                return hooks.run(
                    self.node, hook, given, clients=clients, say=self.say, should_stop=self.should_stop
                )
        except Failed as error:
            if when == "before":
                raise
            return Told(severity="ERROR", code="HOOK", text=str(error))

    @contextmanager
    def _own_key(self, hook: Hook) -> Iterator[Mapping[str, str]]:
        """How the hook reaches this deployer: with a key of its own, good until it ends. Nothing while nobody said
        under which address people reach it."""
        url = self.node.config.base_url
        if not url:
            yield {}
            return
        with keys.for_a_while(self.node, f"hook {hook.name} of {self.update.deployment}") as secret:
            yield {"url": url, "key": secret}

    def _enter(self, name: str) -> None:
        self.say(f"── {name}")
        self.update = replace(self.update, phase=name)
        self.node.deployer.save_update(self.update)

    def _told(self, found: Sequence[Told]) -> None:
        for message in found:
            self.log.line({"WARNING": "WARN"}.get(message.severity, message.severity), message.text)
        self.messages += found

    def _end(self, state: UpdateState, error: str = "") -> Update:
        if error:
            self.log.error(error)
        self.say(f"{self.update.kind.capitalize()} of {self.update.deployment} ended {state}.")
        self.update = replace(
            self.update, state=state, error=self.node.secrets.mask(error), messages=tuple(self.messages),
            ended_at=self.node.clock.now(),
        )  # fmt: skip
        self.node.deployer.save_update(self.update)
        self.log.close()
        return self.update
