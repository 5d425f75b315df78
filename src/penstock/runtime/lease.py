"""Lease: one claim of a run by a worker, and what whoever executes the run asks of it.

execute(node, run, lease)   does the run step by step, and
  begins no step            when `lease.ends()`: returns at once and leaves the run as it is, to be handed back;
  ends the current step     when `lease.should_stop()`;
  brings the run to its end as ABORTED when `lease.aborted` is set and `lease.gone()` is not;
  writes nothing more       when `lease.gone()`, or when `save` or `save_step` say False.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from penstock.core.scenario import LEASE
from penstock.runtime import recovery

if TYPE_CHECKING:
    from penstock.core.node import Node

BEATS = 4
"""Signs of life in the length of a lease: one may be late, or two."""


def token(node: Node) -> str:
    """`host:pid:start/x7k2p9`: this process, and one claim. New for every claim."""
    return f"{recovery.owner()}/{node.clock.new_id(6)}"


def process_of(owner: str) -> str:
    """The process behind the owner of a run: `host:pid:start`."""
    return owner.partition("/")[0]


@dataclass(kw_only=True)
class Lease:
    """One claim of a run. Time is the machine's own: wall clocks jump, this one does not."""

    node: Node
    run: str
    owner: str
    length: timedelta = LEASE
    aborted: threading.Event = field(default_factory=threading.Event)
    """Somebody asked the run to stop."""
    leaving: threading.Event = field(default_factory=threading.Event)
    """The worker shuts down: the step that runs may end, the next one is another worker's."""
    lost: threading.Event = field(default_factory=threading.Event)
    beaten: float = field(default_factory=time.monotonic)
    """When the last sign of life that arrived was begun."""

    def gone(self) -> bool:
        """Whether somebody else has the run, or might: nothing was heard of us for the length of the lease."""
        return self.lost.is_set() or time.monotonic() - self.beaten >= self.length.total_seconds()

    def should_stop(self) -> bool:
        """Whether the step that runs now should end early."""
        return self.aborted.is_set() or self.gone()

    def ends(self) -> bool:
        """Whether the run goes on elsewhere: no further step is begun here."""
        return self.leaving.is_set() or self.gone()

    def tend(self) -> None:
        """Look for a request to stop, and give a sign of life when it is time for one."""
        if self.node.scenario_runs.abort_requested(self.run):
            self.aborted.set()
        begun = time.monotonic()
        if begun - self.beaten >= self.length.total_seconds() / BEATS:
            until = self.node.clock.now() + self.length
            if self.node.scenario_runs.heartbeat(self.run, self.owner, until):
                self.beaten = begun
            else:
                self.lost.set()
