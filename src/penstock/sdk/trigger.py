"""Inside the script of a Python trigger: `Trigger().fire({"month": "May"})` starts the scenario."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ANSWER = "PENSTOCK_TRIGGER_ANSWER"
"""Where the script leaves what it fired with."""


class Trigger:
    """The trigger this script belongs to."""

    def fire(self, params: Mapping[str, Any] | None = None) -> None:
        """Start the scenario once the script has ended well; it reads `params` as `scenarioTriggerParam_<name>`.

        Raises RuntimeError outside of a trigger, TypeError for what JSON cannot say. Fired twice, the last one counts.
        """
        if ANSWER not in os.environ:
            raise RuntimeError("Trigger().fire() works only in the script of a Python trigger.")
        told = json.dumps({str(name): value for name, value in (params or {}).items()}, allow_nan=False)
        Path(os.environ[ANSWER]).write_text(told, encoding="utf-8")
