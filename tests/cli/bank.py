"""A bank as a stranger would write it: YAML files, uploaded CSV, a model, an evaluation store with checks."""

from __future__ import annotations

import contextlib
import io
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from penstock import cli
from penstock.app import open_home
from penstock.sdk.client import Home, Project

FILES = {
    "project.yaml": "format: 1\ntitle: The bank\nvariables: {least: 20}\n",
    "flow/datasets/history.yaml": "type: upload\nformat: csv\nshort_description: Purchases so far\n"
    "description: |\n  Long words about *purchases*.\ncolumns:\n"
    "  - {name: id, type: string}\n  - {name: amount, type: double, description: In euros}\n"
    "  - {name: age, type: double}\n  - {name: sector, type: string}\n  - {name: ok, type: bigint}\n",
    "flow/datasets/may.yaml": "type: upload\nformat: csv\ncolumns:\n"
    "  - {name: id, type: string}\n  - {name: amount, type: double}\n"
    "  - {name: age, type: double}\n  - {name: sector, type: string}\n  - {name: ok, type: bigint}\n"
    "rules:\n  - {type: record_count_in_range, minimum: 10}\n"
    "checks:\n  - {type: numeric_range, name: Enough rows, metric: 'records:COUNT_RECORDS', minimum: 100}\n",
    "flow/datasets/large.yaml": "type: managed\n",
    "flow/datasets/scored.yaml": "type: managed\n",
    "flow/datasets/monthly.yaml": "type: files\nfolder: inbox\nformat: csv\n",
    "flow/folders/inbox.yaml": "short_description: One file a month\n",
    "flow/models/authorized.yaml": "design:\n  target: ok\n  features: {id: reject}\n"
    "  algorithms: [logistic_regression]\n",
    "flow/evaluations/mes.yaml": "short_description: May and later\nchecks:\n"
    "  - {type: numeric_range, name: Data Drift < 0.7, metric: 'drift:DATA_DRIFT', soft_maximum: 0.6, maximum: 0.7}\n",
    "flow/recipes/train_it.yaml": "type: train\ninput: history\nmodel: authorized\n",
    "flow/recipes/large_ones.yaml": 'type: filter\ninput: may\noutput: large\nfilter: {formula: "amount > ${least}"}\n',
    "flow/recipes/score_it.yaml": "type: score\ninput: may\nmodel: authorized\noutput: scored\n",
    "flow/recipes/evaluate_it.yaml": "type: evaluate\ninput: may\nmodel: authorized\nstore: mes\n",
    "flow/zones.yaml": "zones:\n  watching: {items: [mes]}\n",
}


def purchases(count: int, *, seed: int, ages: float = 40) -> str:
    """Purchases as CSV; whether they are fine follows from age and amount."""
    rng = random.Random(seed)
    lines = ["id,amount,age,sector,ok"]
    for i in range(count):
        amount, age = rng.gammavariate(2, 50), rng.gauss(ages, 12)
        fine = rng.random() < 1 / (1 + 2.718 ** (-(0.1 * (age - 40) - 0.01 * (amount - 100))))
        lines.append(f"p{seed}-{i},{amount:.2f},{age:.1f},{rng.choice(['food', 'travel'])},{int(fine)}")
    return "\n".join(lines) + "\n"


def make(folder: Path) -> Path:
    """A home with project BANK, trained, scored and evaluated once."""
    files = folder / "BANK"
    for name, text in FILES.items():
        (files / name).parent.mkdir(parents=True, exist_ok=True)
        (files / name).write_text(text, encoding="utf-8")
    (folder / "history.csv").write_text(purchases(600, seed=1), encoding="utf-8")
    (folder / "may.csv").write_text(purchases(300, seed=2, ages=60), encoding="utf-8")
    project = open_home(folder / "home", create=True, user="ann", threads=1).add_project(files)
    for name in ("history", "may"):
        project.dataset(name).upload([folder / f"{name}.csv"])
    for month in ("april", "june"):
        (folder / f"{month}.csv").write_text(purchases(5, seed=3), encoding="utf-8")
    project.folder("inbox").put([folder / "april.csv", folder / "june.csv"])
    project.build("authorized")
    project.build("scored", "mes", mode="required")
    return folder / "home"


@dataclass
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


class Bank:
    """A home and the command line on it, as on a plain screen of 80 columns."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = home
        for name, value in (("HOME", str(home)), ("PROJECT", ""), ("USER", "ann"), ("THREADS", "1")):
            monkeypatch.setenv(f"PENSTOCK_{name}", value)
        for name, value in (("COLUMNS", "80"), ("TTY_COMPATIBLE", "1"), ("TERM", "dumb")):
            monkeypatch.setenv(name, value)

    def run(self, *words: str) -> Said:
        """`penstock …`, in this process. A traceback of a bug comes out as an exception."""
        out, err = io.StringIO(), io.StringIO()
        code = 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                cli.main(words)
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        return Said(code, out.getvalue(), err.getvalue())

    def ok(self, *words: str) -> Said:
        """The same, for a command that must go well."""
        said = self.run(*words)
        assert said.code == 0, said
        return said

    @property
    def node(self) -> Home:
        return open_home(self.home)

    def rest(self) -> None:
        """Nobody works on what is asked for from now on; here nobody does unless somebody waits."""

    @property
    def project(self) -> Project:
        return self.node.project("BANK")
