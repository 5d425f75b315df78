"""Builders of this folder can be imported by its tests, whatever way pytest imports them."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
