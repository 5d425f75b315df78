"""The letter: the mail that is sent when nobody wrote one – what happened, why, and how far from its limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core.message import Attachment
from penstock.core.outcome import Outcome
from penstock.kinds.reporters import _bars, _chart, _facts, _moved, _texts

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext
    from penstock.core.report import Course
    from penstock.core.scenario import StepRun

GREEN, AMBER, RED, GREY = "#1c8a53", "#b45309", "#c62f2f", "#6b7280"
COLOURS = {
    "SUCCESS": GREEN, "WARNING": AMBER, "FAILED": RED, "ABORTED": GREY, "OK": GREEN, "ERROR": RED, "EMPTY": GREY,
}  # fmt: skip
SIGNS = {Outcome.SUCCESS: "✓", Outcome.WARNING: "!", Outcome.FAILED: "✕", Outcome.ABORTED: "■"}
DRAWING_TROUBLE = (ValueError, RuntimeError, OSError, ImportError)


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart inside a letter."""

    cid: str
    title: str
    words: str
    image: Attachment
    bars: tuple[str, ...] = ()
    """The same as lines of letters."""
    foot: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A whole letter: HTML, the same in words, the pictures it shows."""

    html: str
    text: str
    images: tuple[Attachment, ...] = ()


def letter(ctx: ReportContext, tables: Sequence[Any] = ()) -> Letter:
    """What is sent when the reporter has no body of its own."""
    ctx.uses(["scenarioRunURL"])
    drawn = pictures(ctx)
    values = _values(ctx) | {"pictures": drawn, "moved": _moved.moved(ctx), "tables": tables}
    values["remarks"] = _remarks(ctx)
    return Letter(
        html=_texts.own("_letter.html", values), text=_texts.own("_letter.txt", values).strip() + "\n",
        images=tuple(p.image for p in drawn),
    )  # fmt: skip


def pictures(ctx: ReportContext) -> list[Picture]:
    """A chart for each metric of the run; one that cannot be drawn is noted and left out."""
    found = []
    for number, course in enumerate(ctx.courses(), 1):
        try:
            found.append(_picture(course, number))
        except DRAWING_TROUBLE as error:
            ctx.note(f"The chart of {course.label} could not be drawn: {error}")
    return found


def _picture(course: Course, number: int) -> Picture:
    cid = f"chart-{number}"
    image = Attachment(name=f"{cid}.png", mime="image/png", content=_chart.png(course), content_id=cid)
    last = "one evaluation" if len(course.points) == 1 else f"{len(course.points)} evaluations"
    title = f"{course.label} of {course.item}, {last}"
    return Picture(
        cid, title, _chart.words(course), image, bars=tuple(_bars.course(course)), foot=_bars.foot(course)
    )


def _values(ctx: ReportContext) -> dict[str, Any]:
    run = ctx.run
    outcome = _facts.outcome(ctx)
    return {
        "run": run, "project": ctx.project.settings.title or run.project, "title": _facts.title(run),
        "headline": _facts.headline(ctx), "outcome": outcome, "colour": COLOURS.get(outcome, GREY), "colours": COLOURS,
        "inks": COLOURS, "when": _when(ctx), "lead": _facts.lead(ctx), "link": ctx.link, "checks": ctx.checks(),
        "steps": _steps(ctx),
    }  # fmt: skip


def _when(ctx: ReportContext) -> str:
    run = ctx.run
    if run.ended_at is None:
        return f"began {_facts.moment(run.started_at)} · started by {_facts.trigger(run)}"
    took = _facts.duration(_facts.seconds(run))
    return f"{_facts.moment(run.ended_at)} · took {took} · started by {_facts.trigger(run)}"


def _steps(ctx: ReportContext) -> list[dict[str, Any]]:
    """The steps; one whose checks are shown above need not repeat what they said."""
    shown = {check.step for check in ctx.checks()}
    return [_step(s) | ({"message": ""} if s.label in shown else {}) for s in _ran(ctx)]


def _ran(ctx: ReportContext) -> list[StepRun]:
    """The steps but not their parts, nor the one that is writing this very letter."""
    return [
        s
        for s in ctx.steps
        if s.part == 0 and not (s.type == "send_message" and s.outcome is None and s.state != "SKIPPED")
    ]


def _step(step: StepRun) -> dict[str, Any]:
    skipped, outcome = step.state == "SKIPPED", step.outcome
    took = (step.ended_at - step.started_at).total_seconds() if step.started_at and step.ended_at else None
    return {
        "label": step.label, "why": step.why, "message": "" if outcome is Outcome.SUCCESS else step.message,
        "skipped": skipped, "word": "skipped" if skipped else (outcome.value if outcome else step.state),
        "sign": SIGNS.get(outcome, "–") if outcome else "–", "ink": COLOURS.get(outcome or "", GREY),
        "took": "skipped" if skipped else _facts.duration(took),
        "tries": f"{step.attempts} tries" if step.attempts > 1 else "",
    }  # fmt: skip


def _remarks(ctx: ReportContext) -> list[str]:
    """Warnings that no check and no step's message shows already, and what was noted while this was written."""
    shown = {f"{c.name} on {c.item}: {c.message or c.verdict}" for c in ctx.checks()}
    shown |= {s.message for s in ctx.steps} | {f"ended {s.outcome}" for s in ctx.steps}
    told = [f"{r.step}: {r.text}" for r in ctx.remarks() if r.text not in shown]
    return [*told, *(note for note in ctx.notes() if "base_url" not in note)]
