"""`make bench`: every measure beside its peer, one after the other, as tables of ratios.

    python -m bench [drift|scoring|serving|jobs|steps|flow|documents|scale …]

Without a name all of them, and the demo.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
MEASURES = {
    "drift": "Drift beside Evidently and NannyML",
    "scoring": "Batch scoring beside scikit-learn's predict_proba",
    "serving": "Answers in real time beside mlflow models serve and a bare Starlette app",
    "jobs": "What a job costs beyond its own work",
    "steps": "What a scenario's step costs beside Dagster and Prefect",
    "flow": "The Flow of a project with 1,000 nodes",
    "documents": "Documents of a project with 500 datasets and 300 recipes, a wiki of 2,000 articles",
    "scale": "Millions of rows in 4 GB: join, group, score, drift, and what was foretold",
}
DEMO = 240.0
"""Seconds."""


def main(chosen: list[str]) -> int:
    unknown = [name for name in chosen if name not in MEASURES]
    if unknown:
        print(f"There is no measure {unknown[0]}: {', '.join(MEASURES)}.", file=sys.stderr)
        return 2
    failed = sum(_failed(name) for name in chosen or MEASURES)
    return failed if chosen else failed + _demo()


def _failed(name: str) -> bool:
    print(f"\n━━ {MEASURES[name]} ━━", flush=True)
    return subprocess.run([sys.executable, Path(__file__).parent / f"{name}.py"], cwd=ROOT).returncode != 0


def _demo() -> int:
    print("\n━━ make demo, after setup ━━", flush=True)
    began = time.monotonic()
    command = [sys.executable, "-m", "penstock.cli", "--home", ".bench/demo", "demo", "flights", "--replace"]
    demo = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if demo.returncode:
        print(demo.stderr)
        return 1
    took = time.monotonic() - began
    print(f"{took:.0f} s (must be under {DEMO:g}: {'reached' if took < DEMO else 'MISSED'})")
    return took >= DEMO


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
