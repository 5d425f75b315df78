"""People's Python beside us: its output, its failures, and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from penstock.core.errors import Aborted, ActivityFailed
from penstock.engine import process


def run(
    tmp_path: Path,
    code: str,
    *,
    stop: Callable[[list[str]], bool] = lambda lines: False,
    grace: float = 5.0,
    environment: dict[str, str] | None = None,
) -> list[str]:
    file, lines = tmp_path / "recipe.py", []
    file.write_text(textwrap.dedent(code))
    process.run(
        file,
        environment=environment or {},
        log=lines.append,
        should_stop=lambda: stop(lines),
        work=tmp_path,
        grace=grace,
    )
    return lines


def test_what_it_prints_and_complains_arrives_in_order(tmp_path: Path) -> None:
    lines = run(tmp_path, "import sys\nprint('one é')\nprint('two', file=sys.stderr)\nprint('three', end='')")
    assert lines == ["one é", "two", "three"]


def test_it_sees_its_environment_and_works_in_its_own_folder(tmp_path: Path) -> None:
    lines = run(
        tmp_path, "import os\nprint(os.environ['COLOR'])\nprint(os.getcwd())", environment={"COLOR": "blue"}
    )
    assert lines == ["blue", str(tmp_path)]


@pytest.mark.requirement("A22")
def test_an_exception_fails_with_its_last_line_and_a_traceback_of_their_own_code(tmp_path: Path) -> None:
    lines: list[str] = []
    (tmp_path / "recipe.py").write_text("def deep():\n    raise ValueError('bad\\nvery')\n\ndeep()\n")
    with pytest.raises(ActivityFailed, match=r"^ValueError: bad"):
        process.run(
            tmp_path / "recipe.py",
            environment={},
            log=lines.append,
            should_stop=lambda: False,
            work=tmp_path,
        )
    assert lines[0] == "Traceback (most recent call last):"
    assert "recipe.py" in lines[1]


@pytest.mark.requirement("A22")
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit(3)", "exit code 3"),
        ("import sys; sys.exit('no rows today')", r"^no rows today \(exit code 1\)\."),
        ("import sys; print('no rows today'); sys.exit(7)", r"^no rows today \(exit code 7\)\."),
        (
            "import sys; print('went well'); 1/0",
            r"^ZeroDivisionError: division by zero \(recipe.py, line 1\)\.",
        ),
        ("import os; os._exit(4)", "exit code 4"),
        ("def broken(", "SyntaxError"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
    ],
)
def test_any_bad_end_fails_and_says_how(tmp_path: Path, code: str, said: str) -> None:
    with pytest.raises(ActivityFailed, match=said):
        run(tmp_path, code)


def test_exit_zero_is_success(tmp_path: Path) -> None:
    assert run(tmp_path, "import sys\nprint('well')\nsys.exit(0)") == ["well"]


TREE = """
    import subprocess, sys, time
    grandchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
    stranger = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)
    print(grandchild.pid)
    print(stranger.pid, flush=True)
    time.sleep(600)
"""


def test_a_stop_ends_the_whole_tree(tmp_path: Path) -> None:
    lines: list[str] = []

    def stop(seen: list[str]) -> bool:
        lines[:] = seen
        return len(seen) == 2

    with pytest.raises(Aborted):
        run(tmp_path, TREE, stop=stop)
    assert not [pid for pid in map(int, lines) if _alive(pid)]


def test_one_that_ignores_the_request_is_killed_after_the_grace(tmp_path: Path) -> None:
    code = """
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print('deaf', flush=True)
        while True: time.sleep(1)
    """
    with pytest.raises(Aborted):
        run(tmp_path, code, stop=lambda lines: "deaf" in lines, grace=0.2)


def test_what_it_leaves_running_is_ended_with_it(tmp_path: Path) -> None:
    code = """
        import subprocess, sys
        print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid)
    """
    [pid] = run(tmp_path, code)
    psutil.wait_procs([psutil.Process(int(pid))] if psutil.pid_exists(int(pid)) else [], timeout=10)
    assert not _alive(int(pid))


@pytest.mark.chaos
def test_it_does_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "recipe.py").write_text(textwrap.dedent(TREE.replace("start_new_session=True", "")))
    parent_code = f"""
from pathlib import Path
from penstock.engine import process
process.run(Path({str(tmp_path / "recipe.py")!r}), environment={{}}, log=lambda l: print(l, flush=True),
    should_stop=lambda: False, work=Path({str(tmp_path)!r}))
"""
    parent = subprocess.Popen([sys.executable, "-c", parent_code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = [int(parent.stdout.readline()) for _ in range(2)]
    children = [psutil.Process(pid) for pid in pids]
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not [p for p in alive if _alive(p.pid)]


def test_a_very_long_line_is_logged_in_pieces(tmp_path: Path) -> None:
    lines = run(tmp_path, "print('x' * 200_000)")
    assert "".join(lines) == "x" * 200_000
    assert len(lines) > 1


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False
