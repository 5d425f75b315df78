"""`make requirements`: every requirement line with the tests that proved it in the last runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / ".pytest_requirements.json"
LINE = re.compile(r"- \*\*([MAD]\d+)\*\* (\w+) (.*)")


def lines() -> dict[str, str]:
    """Requirement id → its wording, in the order of the documents."""
    found = {}
    for page in ("monitoring", "automation", "deployment"):
        text = (ROOT / "docs/requirements" / f"{page}.md").read_text()
        found |= {m[1]: m[3] for m in map(LINE.match, text.splitlines()) if m}
    return found


def main() -> int:
    if not RESULTS.exists():
        subprocess.run(
            [sys.executable, "-m", "pytest", "-n", "2", "-m", "requirement"], cwd=ROOT, check=False
        )
    results: dict[str, dict[str, str]] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    counts = {"proved": 0, "failing": 0, "no test": 0}
    for line, wording in lines().items():
        outcomes = results.get(line, {})
        state = "no test"
        if outcomes:
            state = "proved" if all(o == "passed" for o in outcomes.values()) else "failing"
        counts[state] += 1
        print(f"{line}  {state:8} {len(outcomes):3} tests  {wording[:90]}")
    unknown = sorted(set(results) - set(lines()))
    if unknown:
        print(f"Tests name lines that do not exist: {', '.join(unknown)}")
    print(", ".join(f"{n} {state}" for state, n in counts.items()), f"of {len(lines())} lines")
    return 1 if counts["failing"] or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
