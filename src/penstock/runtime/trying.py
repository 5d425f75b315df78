"""Trying: one try of a step, in a thread, so that time limits and aborts reach a step that does not listen."""

from __future__ import annotations

import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from penstock.core.errors import PenstockError
from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult
from penstock.runtime.run_record import Elsewhere
from penstock.runtime.stopping import LOOK, Stop, Stopping

if TYPE_CHECKING:
    from penstock.runtime.lease import Lease
    from penstock.runtime.run_log import StepLog
    from penstock.runtime.step_access import StepAccess


@dataclass(kw_only=True)
class Try:
    """One try of one step."""

    step: Step
    ctx: StepAccess
    log: StepLog
    lease: Lease
    stopping: Stopping
    """Why the run ends early, if it does."""
    grace: float
    _ended: threading.Event = field(default_factory=threading.Event)
    _result: StepResult | Elsewhere | None = None

    def run(self) -> StepResult:
        """What came of it; whatever the step raises is a FAILED outcome. Raises Elsewhere."""
        begun = time.monotonic()
        thread = threading.Thread(target=self._work, name=f"step {self.ctx.label}", daemon=True)
        thread.start()
        while not self._ended.wait(LOOK):
            if self.lease.gone():
                self._stop(thread)
                raise Elsewhere
            stop = self.stopping() or self._late(time.monotonic() - begun)
            if stop is not None:
                self._stop(thread)
                return StepResult(stop.outcome, message=stop.why, jobs=tuple(self.ctx.jobs))
        thread.join()
        return self._told()

    def _told(self) -> StepResult:
        if isinstance(self._result, Elsewhere):
            raise self._result
        assert self._result is not None
        if self.lease.gone() and self._result.outcome is not Outcome.SUCCESS:
            raise Elsewhere  # it may have ended so only because this worker lost the run
        jobs = tuple(dict.fromkeys([*self.ctx.jobs, *self._result.jobs]))
        stop = None if self._result.outcome is Outcome.SUCCESS else self.stopping()
        if stop is not None:  # it noticed before we did
            return StepResult(stop.outcome, message=stop.why, jobs=jobs)
        return StepResult(self._result.outcome, self._result.output, self._result.message, jobs)

    def _late(self, seconds: float) -> Stop | None:
        if self.step.timeout is None or seconds < self.step.timeout:
            return None
        return Stop(Outcome.FAILED, f"It timed out after {self.step.timeout:g} seconds.")

    def _stop(self, thread: threading.Thread) -> None:
        """Ask the step to end and give it some time; afterwards nothing it does has an effect."""
        self.ctx.stopped.set()
        thread.join(self.grace)
        if thread.is_alive():
            self.log.info("It did not stop by itself and was given up.")

    def _work(self) -> None:
        try:
            self._result = self.step.run(self.ctx)
        except Elsewhere as left:
            self._result = left
        except PenstockError as error:
            self.log.error(str(error))
            self._result = StepResult(Outcome.FAILED, message=str(error))
        except BaseException as error:  # noqa: BLE001  a step may be other people's code: what it raises is its end
            lines = traceback.format_exception(type(error), error, error.__traceback__)
            self.log.error("".join(lines).rstrip())
            said = f"{type(error).__name__}: {error}".rstrip(": ")
            self._result = StepResult(Outcome.FAILED, message=said)
        finally:
            self._ended.set()
