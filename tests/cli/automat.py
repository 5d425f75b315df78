"""A project that runs by itself: small scenarios that end in every way, their triggers, on a home of their own."""

from __future__ import annotations

from pathlib import Path

from penstock.app import open_home

FILES = {
    "project.yaml": "format: 1\ntitle: By itself\n",
    "flow/datasets/source.yaml": "type: inline\nrows: [{n: 1}, {n: 2}, {n: 3}]\n",
    "flow/datasets/copy.yaml": "type: managed\nrules:\n"
    "  - {type: record_count_in_range, name: Enough, minimum: 10, auto_run: false}\n",
    "flow/datasets/few.yaml": "type: inline\nrows: [{n: 1}]\nrules:\n"
    "  - {type: record_count_in_range, name: A few, soft_minimum: 10, auto_run: false}\n",
    "flow/recipes/copy_it.yaml": "type: sync\ninput: source\noutput: copy\n",
    "scenarios/mend.yaml": """\
title: Mend it
short_description: Builds, judges, and builds again when the judgement is bad
steps:
  - {type: build, name: Build, items: [copy]}
  - {type: run_checks, name: Judge, items: [copy]}
  - {type: build, name: Build again, items: [copy], mode: only, run_if: some prior step failed, reset_failure: true}
  - {type: define_variables, name: Rest, values: {x: 1}, run_if: {outcome: [FAILED]}, retries: 2, retry_delay: 1}
""",
    "scenarios/warn.yaml": "steps:\n  - {type: run_checks, name: Look, items: [few]}\n",
    "scenarios/fail.yaml": "steps:\n"
    "  - {type: run_checks, name: Judge, items: [copy]}\n"
    "  - {type: define_variables, name: Never reached, values: {x: 1}}\n",
    "scenarios/greet.yaml": "triggers:\n"
    '  - {type: time, name: Mondays, every: 1 week, on: [monday], at: "07:00", zone: UTC}\n'
    "  - {type: time, every: 1 day, active: false}\n"
    "steps:\n"
    "  - {type: define_variables, name: Greeting, formulas: {words: \"'Hello ' + scenarioTriggerParam_who\"}}\n",
    "scenarios/sleep.yaml": "steps:\n"
    "  - {type: python, name: Sleep, code: \"import time; print('asleep', flush=True); time.sleep(600)\"}\n"
    "  - {type: define_variables, name: Tidy up, values: {x: 1}, run_if: always}\n",
    "scenarios/scripted.yaml": "kind: python\n",
    "scenarios/scripted.py": "from penstock.scenario import Scenario\n\n"
    "scenario = Scenario()\n"
    'scenario.set_variables(month="may")\n'
    'scenario.build("copy", name="A copy")\n'
    'scenario.run_checks("few", name="Look", fail_fatal=False)\n',
}


def make(folder: Path) -> Path:
    """A home with project AUTO; nothing has run yet."""
    files = folder / "AUTO"
    for name, text in FILES.items():
        (files / name).parent.mkdir(parents=True, exist_ok=True)
        (files / name).write_text(text, encoding="utf-8")
    project = open_home(folder / "home", create=True, user="ann", threads=1).add_project(files)
    project.build("copy")
    return folder / "home"
