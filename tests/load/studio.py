"""Many people click through the studio on the demo project at once.

    python -m tests.load.studio [--users 64] [--seconds 120] [--think 4] [--home FOLDER]

`penstock serve` runs in a process of its own on a home with the finished FLIGHTS project: made for this by `penstock
demo flights` in a folder that is thrown away, or a copy of the one in --home. First one person opens every page once
it is warm; then each user, signed in with a session of their own, opens one page after another with time to think in
between, with whatever the page asks for as soon as it stands there, and a live part kept open. Everything stays on
this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from math import ceil
from pathlib import Path

import httpx

from penstock.app import open_node
from penstock.http import who
from penstock.runtime import sessions, users

from ..figures import Figure, broken, table

P = "/projects/FLIGHTS"
STORE = f"{P}/evaluations/mes_for_input_drift"
PAGES = {
    "home": "/", "project": P, "flow": f"{P}/flow", "datasets": f"{P}/datasets",
    "one dataset": f"{P}/datasets/flights", "its rows": f"{P}/datasets/flights/rows", "jobs": f"{P}/jobs",
    "evaluations": f"{P}/evaluations", "one store": STORE,
    "scenarios": f"{P}/scenarios", "dashboards": f"{P}/dashboards", "one dashboard": f"{P}/dashboards/default",
    "models": f"{P}/models", "one model": f"{P}/models/late_arrival", "wiki": f"{P}/wiki",
    "variables": f"{P}/variables", "history": f"{P}/history",
}  # fmt: skip
EVALUATION = "one evaluation"
"""Its address is read from its store."""
ROWS = "its rows"
"""No page: what a page that stands there fills its grid with, 10,000 rows."""
PIECES = "pieces of pages"
"""What a page asks for as soon as it stands there."""
P95, FIRST_PAINT = 500.0, 300.0
"""Milliseconds."""
WARM_AT = 30.0
"""Seconds after which the memory of the server is looked at first."""
GROWTH = 1.15
"""The memory at the end beside the memory once it is warm."""
NO_ANSWER = 30.0
"""Seconds after which a request that is not answered is an error."""
PIECE = re.compile(r"<[^>]*hx-get=\"([^\"]+)\"[^>]*hx-trigger=\"load[^\"]*\"|"
                   r"<[^>]*hx-trigger=\"load[^\"]*\"[^>]*hx-get=\"([^\"]+)\"")  # fmt: skip


@dataclass(slots=True)
class Seen:
    """What users saw: milliseconds of each page, errors, megabytes of the server at some seconds, 0 = nobody yet."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    memory: dict[float, float] = field(default_factory=dict)
    cpu: float = 0.0
    """Milliseconds of processor that the server took for all of it, its worker and live parts too."""


@dataclass(frozen=True, slots=True)
class Alone:
    """A page for one person, once it is warm: milliseconds until all of it was there, and of processor for it."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    people: int
    seconds: float
    warm: Mapping[str, Alone]
    """Each page for one person alone: the whole answer, which holds the first paint."""
    seen: Seen

    @property
    def figures(self) -> list[Figure]:
        """One line for each page, then what holds for all."""
        slowest = max(self.warm.keys() - {ROWS}, key=lambda name: self.warm[name].wall)
        every = [t for times in self.seen.times.values() for t in times]
        return [
            *(self._page(name) for name in sorted(self.seen.times)),
            _answered("all pages", every, P95),
            Figure("requests", f"{len(every):,}, {len(every) / self.seconds:.0f} a second"),
            Figure("processor per request", f"{self.seen.cpu / max(1, len(every)):.0f} ms"),
            Figure("errors", f"{len(self.seen.errors)}", "none", not self.seen.errors),
            Figure(
                f"slowest first paint for one person, warm: {slowest}", f"{self.warm[slowest].wall:.0f} ms",
                f"under {FIRST_PAINT:g} ms", self.warm[slowest].wall < FIRST_PAINT,
            ),
            self._memory,
        ]  # fmt: skip

    def _page(self, name: str) -> Figure:
        one = self.warm.get(name)
        alone = f", alone {one.wall:3.0f} (processor {one.cpu:3.0f})" if one else ""
        return _answered(name, self.seen.times[name], P95, alone)

    @property
    def _memory(self) -> Figure:
        at = self.seen.memory
        start, first, last = sorted(at)
        found = f"{at[start]:.0f} MB at first → {at[first]:.0f} MB at {first:.0f} s → {at[last]:.0f} MB at {last:.0f} s"
        if last - first < WARM_AT:
            return Figure("memory of the server", found)
        return Figure(
            "memory of the server", found, f"grows under {GROWTH - 1:.0%}", at[last] < GROWTH * at[first]
        )

    def __str__(self) -> str:
        title = f"{self.people} people click through the studio for {self.seconds:.0f} s (milliseconds)"
        return table(title, self.figures)


def measure(home: Path, *, people: int, seconds: float, think: float) -> Result:
    """Serve the home, open each page alone, then let everybody click. Raises OSError when the server does not start."""
    secrets = _sign_in(home, people)
    with _served(home) as (address, process):
        pages = {**PAGES, EVALUATION: _evaluation(address, secrets[0])}
        memory = _megabytes(process.pid)
        warm = _alone(address, secrets[0], pages, process.pid)
        before = _processor(process.pid)
        seen = asyncio.run(_crowd(address, secrets, pages, process, seconds, think))
        seen.cpu, seen.memory[0.0] = _processor(process.pid) - before, memory
    return Result(people=people, seconds=seconds, warm=warm, seen=seen)


def make_home(folder: Path) -> Path:
    """The finished FLIGHTS project, as a new user gets it."""
    home = folder / "home"
    command = [sys.executable, "-m", "penstock.cli", "--home", str(home), "demo", "flights"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return home


def quantile(times: Sequence[float], q: float) -> float:
    """The smallest time that a share q of the times does not exceed."""
    return sorted(times)[max(0, ceil(q * len(times)) - 1)]


def _answered(name: str, times: Sequence[float], limit: float, more: str = "") -> Figure:
    p50, p95, p99 = (quantile(times, q) for q in (0.5, 0.95, 0.99))
    found = f"p50 {p50:4.0f}, p95 {p95:4.0f}, p99 {p99:4.0f}{more}"
    return Figure(name, found, f"p95 under {limit:g}", p95 < limit)


def _sign_in(home: Path, people: int) -> list[str]:
    node = open_node(home)
    for number in range(people):
        if node.users.find(f"user{number}") is None:
            users.add(node, f"user{number}", admin=True)
    return [sessions.open_session(node, f"user{number}") for number in range(people)]


@contextmanager
def _served(home: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`penstock serve` in a process of its own: its address and the process."""
    command = [sys.executable, "-m", "penstock.cli", "--home", str(home), "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        if found is None:
            raise OSError("penstock serve did not start.")
        yield found.group(), process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _evaluation(address: str, secret: str) -> str:
    """The address of the first evaluation its store shows."""
    answer = httpx.get(address + STORE, cookies={who.COOKIE: secret}, timeout=NO_ANSWER)
    links: list[str] = re.findall(rf'href="({STORE}/\w+)"', answer.raise_for_status().text)
    return next(link for link in links if link.rpartition("/")[2] not in ("settings", "metrics"))


def _alone(address: str, secret: str, pages: Mapping[str, str], pid: int) -> dict[str, Alone]:
    """Each page for one person, the second time and later: the best of three."""
    with httpx.Client(base_url=address, cookies={who.COOKIE: secret}, timeout=NO_ANSWER) as browser:
        tried = {name: [_timed(browser, path, pid) for _ in range(4)][1:] for name, path in pages.items()}
    return {
        name: Alone(min(t.wall for t in times), min(t.cpu for t in times)) for name, times in tried.items()
    }


def _timed(browser: httpx.Client, path: str, pid: int) -> Alone:
    begun, cpu = time.perf_counter(), _processor(pid)
    browser.get(path).raise_for_status()
    return Alone((time.perf_counter() - begun) * 1000, _processor(pid) - cpu)


async def _crowd(
    address: str, secrets: Sequence[str], pages: Mapping[str, str], process: subprocess.Popen[str], seconds: float,
    think: float,
) -> Seen:  # fmt: skip
    """Everybody clicks until the time is over."""
    seen, until = Seen(), time.monotonic() + seconds
    crowd = [User(address, secret, pages, seen, random.Random(n), think) for n, secret in enumerate(secrets)]
    await asyncio.gather(_weigh(process, seen, seconds), *(user.click_until(until) for user in crowd))
    return seen


class User:
    """One person: a session, and no two clicks at once."""

    def __init__(
        self, address: str, secret: str, pages: Mapping[str, str], seen: Seen, chance: random.Random, think: float
    ) -> None:  # fmt: skip
        self.pages, self.seen, self.chance, self.think = pages, seen, chance, think
        limits = httpx.Limits(max_connections=6)
        self.browser = httpx.AsyncClient(
            base_url=address, cookies={who.COOKIE: secret}, timeout=NO_ANSWER, limits=limits
        )

    async def click_until(self, until: float) -> None:
        """Open one page after another; nobody begins at the same moment."""
        async with self.browser:
            watching = asyncio.create_task(self._watch())
            await asyncio.sleep(self.chance.uniform(0, self.think))
            while time.monotonic() < until:
                name, path = self.chance.choice(list(self.pages.items()))
                page = await self._open(name, path)
                for found in PIECE.findall(page):
                    await self._open(PIECES, unescape(found[0] or found[1]), **{"HX-Request": "true"})
                await asyncio.sleep(self.chance.uniform(0.5, 1.5) * self.think)
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _open(self, name: str, path: str, **headers: str) -> str:
        begun = time.perf_counter()
        try:
            answer = await self.browser.get(path, headers=headers)
        except httpx.HTTPError as error:
            self.seen.errors.append(f"{path}: {error!r}")
            return ""
        self.seen.times[name].append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            self.seen.errors.append(f"{path} answered {answer.status_code}")
        return answer.text

    async def _watch(self) -> None:
        """Keep the live part of a page open, as the frame of every page does."""
        async with self.browser.stream("GET", "/live/running", timeout=None) as answer:
            if answer.status_code != 200:
                self.seen.errors.append(f"/live/running answered {answer.status_code}")
            async for _ in answer.aiter_bytes():
                pass


async def _weigh(process: subprocess.Popen[str], seen: Seen, seconds: float) -> None:
    """Look at the memory of the server once it is warm, and at the end."""
    warm = min(WARM_AT, seconds / 2)
    await asyncio.sleep(warm)
    seen.memory[warm] = _megabytes(process.pid)
    await asyncio.sleep(seconds - warm)
    seen.memory[seconds] = _megabytes(process.pid)


def _megabytes(pid: int) -> float:
    """Resident memory of a process."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found, "this system does not say how large a process is"
    return int(found[1]) / 1024


def _processor(pid: int) -> float:
    """Milliseconds of processor that a process has taken: Linux names the clock of a process after its id."""
    return time.clock_gettime((~pid << 3) | 2) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--think", type=float, default=4, help="Seconds between two clicks, about.")
    parser.add_argument(
        "--home", type=Path, help="A home with a finished FLIGHTS project; a copy of it is used."
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "home"
        home = Path(shutil.copytree(asked.home, copied)) if asked.home else make_home(Path(folder))
        found = measure(home, people=asked.users, seconds=asked.seconds, think=asked.think)
    print("\n".join([*dict.fromkeys(found.seen.errors[:20]), str(found)]))
    sys.exit(broken(found.figures))


if __name__ == "__main__":
    main()
