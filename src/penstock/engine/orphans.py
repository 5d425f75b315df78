"""What processes leave on disk that are killed."""

from __future__ import annotations

import shutil
from pathlib import Path


def remove_orphans(folder: Path) -> None:
    """Remove work folders called `<pid>-…` of a pid that nobody has."""
    import psutil

    for left in folder.iterdir() if folder.is_dir() else ():
        pid = left.name.partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
