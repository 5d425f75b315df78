"""The home from the command line."""

from __future__ import annotations

from penstock.cli.home import size

from .bank import Bank


def test_status_tells_disk_use_by_part_and_what_waits(auto: Bank) -> None:
    found = auto.ok("home", "status", "--json").json
    assert {"projects", "data", "logs", "database"} <= set(found["disk"])
    assert found["total"] == sum(found["disk"].values()) > 0
    assert (found["queued"], found["running"], found["workers"], found["problem"]) == (0, 0, [], "")
    auto.ok("scenario", "run", "mend", "--detach")
    said = auto.ok("home", "status")
    assert "Start a worker: penstock work" in said.err
    assert "Nobody works" in said.out
    assert "database" in said.out
    assert max(map(len, said.out.splitlines())) <= 80


def test_an_empty_home_has_a_status_too(empty: Bank) -> None:
    assert empty.ok("home", "status", "--json").json["counts"]["projects"] == 0
    assert empty.ok("home", "secrets", "--json").json == []


def test_bytes_are_said_as_people_read_them() -> None:
    assert [size(n) for n in (0, 999, 1000, 1_500_000, 2.5e9, 4e12)] == [
        "0 B", "999 B", "1.0 kB", "1.5 MB", "2.5 GB", "4.0 TB",
    ]  # fmt: skip
