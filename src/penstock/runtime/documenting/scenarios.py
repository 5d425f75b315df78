"""Scenarios, metrics and checks: the Flow, what is measured and judged, what happens by itself, variables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from penstock.core.document import Block, Code, Heading, Paragraph, Picture, facts, line, table
from penstock.core.metric import label
from penstock.core.picture import Picture as FlowPicture
from penstock.core.reporter import Reporter
from penstock.core.scenario import Scenario
from penstock.core.scenario_words import condition, counts
from penstock.runtime import checks, flow
from penstock.runtime.documenting import plain
from penstock.runtime.documenting.material import Material, Page, ask, part, several, to

NAME = "scenarios-metrics-and-checks"
TITLE = "Scenarios, metrics and checks"
MOST = 20
"""Metrics of one object that are told."""
INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d[.\d]*(?:Z|\+00:00)$")
SECRET = re.compile(r"pass|secret|token|key|credential|pwd", re.IGNORECASE)


def pages(m: Material) -> list[Page]:
    """The section, the Flow, metrics and checks, an article for each scenario, variables."""
    rows = [
        [
            to("scenario", name),
            one.short_description,
            "on" if one.active else "off",
            "; ".join(t.words for t in one.triggers),
        ]
        for name, one in m.project.scenarios.items()
    ]
    shown = table(
        ["Scenario", "What it does", "Auto-triggers", "Triggers"],
        rows,
        empty="Nothing happens by itself: no scenario.",
    )
    return [
        Page(name=NAME, title=TITLE, blocks=(part("scenarios", shown, on=("names:scenario",)),)),
        _flow(m),
        _metrics(m),
        *(_scenario(m, name, one) for name, one in m.project.scenarios.items()),
        _variables(m),
    ]


def _flow(m: Material) -> Page:
    drawn = Picture(
        drawn=_plain(flow.show(m.node, m.key)), name="flow", caption=f"The Flow of {m.key}.",
        words=f"{len(m.project.items)} objects and {len(m.project.recipes)} recipes",
    )  # fmt: skip
    return Page(
        name="flow-diagram",
        title="Flow diagram",
        parent=NAME,
        blocks=(part("flow", drawn, on=("flow:", "zones:")),),
    )


def _plain(shown: FlowPicture) -> FlowPicture:
    """The Flow without how its last builds went: that is another thing every day."""
    return replace(
        shown,
        items=tuple(replace(item, state="source", why="") for item in shown.items),
        recipes=tuple(replace(recipe, state="source", why="") for recipe in shown.recipes),
    )


def _metrics(m: Material) -> Page:
    blocks: list[Block] = []
    for name in m.project.own_items:
        found = _measured(m, name)
        if found:
            blocks.append(part(f"of-{name}", *found, on=(f"values:{name}",)))
    empty = part("none", Paragraph("Nothing is measured beyond what every object has."))
    return Page(
        name="metrics-and-checks", title="Metrics and checks", parent=NAME, blocks=tuple(blocks) or (empty,)
    )


def _measured(m: Material, name: str) -> list[Block]:
    item = m.project.own_items[name]
    demands = checks.latest_of(m.node, m.project, name)
    sort = m.project.item_type(name)
    if not (item.probes or demands or item.displayed_metrics):
        return []
    blocks: list[Block] = [Heading(name, 1), Paragraph((*line("Of "), *to(sort, name), *line(":")))]
    last = m.node.metrics.last(m.object_key(name))
    if item.probes:
        rows = [[plain.kind(p), p.name, plain.words(_without(p.to_mapping()))] for p in item.probes]
        blocks.append(table(["Probe", "Name", "Settings"], rows))
    shown = _chosen(item.displayed_metrics, last)
    values = [[label(i), last[i].get_value() if i in last else None] for i in shown[:MOST]]
    if values:
        blocks.append(table(["Metric", "Last value"], [[n, _cell(v)] for n, v in values]))
    if len(shown) > MOST:
        blocks.append(Paragraph(f"It has {len(shown) - MOST} more; its page shows all of them."))
    judged = [
        [
            one.name,
            plain.demand(one.demand),
            one.last.observed if one.last else None,
            str(one.last.verdict) if one.last else "never judged",
        ]
        for one in demands
    ]
    if judged:
        blocks.append(table(["Check", "Demands", "Last value", "Last outcome"], judged))
    for probe in item.probes:
        sql = getattr(probe, "sql", "") or getattr(probe, "query", "")
        if sql:
            blocks.append(Code(str(sql), "sql"))
    return blocks


def _chosen(displayed: Sequence[str], last: Mapping[str, Any]) -> list[str]:
    """What somebody chose to see, what was measured, what drifted; estimates and bounds of intervals last."""
    found = sorted(
        last, key=lambda i: ("estimated" in i or "bound" in label(i), not i.startswith("performance:"), i)
    )
    return list(dict.fromkeys([*displayed, *found]))


def _without(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in values.items() if k not in ("name", "id", "sql", "query")}


def _cell(value: Any) -> Any:
    """A value of a metric; an instant as people write it."""
    if isinstance(value, str) and (instant := INSTANT.match(value)):
        return f"{instant[1]} {instant[2]} UTC"
    return value if isinstance(value, int | float | str | bool) or value is None else str(value)[:120]


def _scenario(m: Material, name: str, scenario: Scenario) -> Page:
    told = facts(
        [
            ("Scenario", to("scenario", name)),
            ("Title", scenario.title),
            ("What it does", scenario.short_description),
            ("Auto-triggers", "on" if scenario.active else "off"),
            ("Runs as", scenario.run_as or "whoever changed it last"),
            ("Asked for again while it runs", scenario.on_conflict),
            ("Longest run", f"{scenario.max_duration:g} s" if scenario.max_duration else "no limit"),
        ]
    )
    blocks: list[Block] = [
        part("settings", told),
        part("steps", Heading("Steps", 1), *_steps(m, scenario)),
        part("triggers", Heading("Triggers", 1), *_triggers(scenario), *_elsewhere(m, name), on=_deployed(m)),
    ]
    if not all(t.description for t in scenario.triggers) or not scenario.triggers:
        blocks.append(ask("Why does it run when it runs?", "The reason of its triggers, or why it has none."))
    blocks.append(part("reporters", Heading("Reporters", 1), *_reporters(scenario)))
    return Page(
        name=f"scenario-{name}",
        about=f"scenario:{name}",
        title=f"Scenario: {scenario.title or name}",
        parent=NAME,
        blocks=tuple(blocks),
    )


def _steps(m: Material, scenario: Scenario) -> list[Block]:
    if scenario.kind == "python":
        return [Code(scenario.body, "python")]
    hidden = {*_STEP_WORDS, "items", "type"}
    rows = []
    for position, step in enumerate(scenario.steps):
        values = {k: v for k, v in step.to_mapping().items() if k not in hidden}
        items = [_object(m, item) for item in getattr(step, "items", ())]
        rows.append(
            [
                str(position + 1),
                scenario.label(position),
                plain.kind(step),
                several(items),
                plain.words(values) or "",
                "; ".join(filter(None, (condition(step), counts(step)))),
            ]
        )
    return [
        table(
            ["", "Step", "Does", "With", "Settings", "When, and how it counts"],
            rows,
            empty="It does nothing yet.",
        )
    ]


_STEP_WORDS = (
    "name", "description", "run_if", "enabled", "reset_failure", "retries", "retry_delay", "proceed_on_failure",
    "warnings_as", "timeout",
)  # fmt: skip


def _object(m: Material, name: str) -> Any:
    if name in m.project.own_items:
        return to(m.project.item_type(name), name)
    return to("recipe", name) if name in m.project.recipes else line(f"`{name}`")


def _triggers(scenario: Scenario) -> list[Block]:
    rows = [
        [t.name or plain.kind(t), plain.kind(t), t.words, "on" if t.active else "off", t.description or ""]
        for t in scenario.triggers
    ]
    return [
        table(["Trigger", "Sort", "Starts it", "Here", "Why"], rows, empty="Nothing starts it by itself.")
    ]


def _deployed(m: Material) -> tuple[str, ...]:
    return ("deployments:", *(f"deployment:{id}" for id in m.deployments))


def _elsewhere(m: Material, name: str) -> list[Block]:
    """What becomes of its triggers where a bundle is activated."""
    rows = []
    for id, deployment in m.deployments.items():
        chosen = deployment.settings.scenarios.get(name)
        if not deployment.enabled or deployment.settings.triggers_off:
            said = "disabled"
        else:
            said = "left alone" if chosen is None else ("enabled" if chosen else "disabled")
        rows.append([id, deployment.infrastructure, said])
    return [table(["Deployment", "Infrastructure", "At activation its triggers are"], rows)] if rows else []


def _reporters(scenario: Scenario) -> list[Block]:
    blocks: list[Block] = []
    for reporter in scenario.reporters:
        blocks += [Heading(reporter.name or plain.kind(reporter), 2), *_reporter(reporter)]
    return blocks or [Paragraph("Nobody is told about its runs.")]


def _reporter(reporter: Reporter) -> list[Block]:
    values = {k: v for k, v in reporter.to_mapping().items() if k not in ("type", "name", "body", "html")}
    said = [(plain.label(name), _hidden(name, value)) for name, value in values.items()]
    pairs = [("Sort", plain.kind(reporter)), ("Told", "always" if not reporter.when else None), *said]
    body = str(getattr(reporter, "body", "") or "")
    template = [Paragraph("Its text:"), Code(body, "text")] if body else [Paragraph(_LETTER)]
    is_mail = plain.kind(reporter) == "mail"
    return [facts(pairs), *(template if body or is_mail else [])]


_LETTER = (
    "Its text is the letter that writes itself: what happened, why, what the checks saw, how drift went."
)


def _hidden(name: str, value: Any) -> str:
    return (
        "(not shown)" if SECRET.search(name) and not str(value).startswith("secret:") else plain.words(value)
    )


def _variables(m: Material) -> Page:
    rows = [
        [
            line(f"`{name}`"),
            "(not shown)" if SECRET.search(name) else _value(value),
            several(_users(m, name), "nowhere"),
        ]
        for name, value in m.project.settings.variables.items()
    ]
    rows += [
        [line(f"`{name}`"), "set on each node", several(users)] for name, users in _of_the_node(m).items()
    ]
    shown = table(["Variable", "Value", "Used in"], rows, empty="The project has no variables.")
    return Page(
        name="project-variables", title="Project variables", parent=NAME,
        blocks=(part("variables", shown, on=("settings:variables", "uses_of_variables:")), ask(_DECIDES)),
    )  # fmt: skip


_DECIDES = "What does each variable decide, and who changes it?"


def _of_the_node(m: Material) -> dict[str, list[Any]]:
    """Variables that objects name, which the project itself does not have but this node does, and who names them.
    Values of a node are its own, so they are not told."""
    local = sorted({*m.project.local_variables} - {*m.project.settings.variables})
    return {name: users for name in local if (users := _users(m, name))}


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _users(m: Material, name: str) -> list[Any]:
    return [to(*user.split(":", 1)) for user in m.users(name)]
