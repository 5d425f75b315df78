"""`make bench`: every measure beside its peer, one after the other, as tables of ratios."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
MEASURES = {
    "Drift beside Evidently and NannyML": "drift.py",
    "Batch scoring beside scikit-learn's predict_proba": "scoring.py",
    "What a job costs beyond its own work": "jobs.py",
    "What a scenario's step costs beside Dagster and Prefect": "steps.py",
}


def main() -> int:
    failed = 0
    for title, script in MEASURES.items():
        if not (Path(__file__).parent / script).exists():
            continue
        print(f"\n━━ {title} ━━", flush=True)
        failed += subprocess.run([sys.executable, Path(__file__).parent / script], cwd=ROOT).returncode != 0
    print("\n━━ make demo, after setup ━━", flush=True)
    began = time.monotonic()
    command = [sys.executable, "-m", "penstock.cli", "--home", ".bench/demo", "demo", "flights", "--replace"]
    demo = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    print(f"{time.monotonic() - began:.0f} s (must be under 240)" if demo.returncode == 0 else demo.stderr)
    return failed + demo.returncode


if __name__ == "__main__":
    sys.exit(main())
