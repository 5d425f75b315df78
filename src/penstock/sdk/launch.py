"""What a child process starts with: it runs one Python file, and does not outlive the process that started it."""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import traceback


def main() -> None:
    """`python -m penstock.sdk.launch file.py`: as `python file.py`, with our own frames left out of tracebacks."""
    watch_parent(os.environ.pop("PENSTOCK_PARENT_FD", ""))
    code = sys.argv[1]
    sys.argv = sys.argv[1:]
    try:
        runpy.run_path(code, run_name="__main__")
    except Exception as error:  # noqa: BLE001 - the edge of the process: whatever people's code raises is told
        tell(error, code)
        sys.exit(1)


def watch_parent(descriptor: str) -> None:
    """End this process and its group as soon as the other end of a pipe is closed: whoever held it is gone."""
    if descriptor:
        threading.Thread(target=_end_with_parent, args=(int(descriptor),), daemon=True).start()


def tell(error: Exception, code: str) -> None:
    """Print the traceback from the person's own file on."""
    shown = traceback.TracebackException.from_exception(error)
    own = [i for i, frame in enumerate(shown.stack) if frame.filename == code]
    shown.stack = traceback.StackSummary.from_list(list(shown.stack)[own[0] :] if own else [])
    print("".join(shown.format()), file=sys.stderr, end="")


def _end_with_parent(descriptor: int) -> None:
    os.read(descriptor, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
