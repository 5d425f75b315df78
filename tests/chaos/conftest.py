"""The stage of the runtime tests serves here too."""

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parent), str(Path(__file__).parent.parent / "runtime")]
