"""Steps from one SQL schema to the next, run by Alembic when a database is opened that is behind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

HERE = Path(__file__).parent


def head() -> str:
    """The newest migration there is: the number its file begins with."""
    return max(path.name.partition("_")[0] for path in (HERE / "versions").glob("[0-9]*.py"))


def upgrade(connection: Connection) -> None:
    """Bring a database to the newest schema in one transaction; another process waits, then finds it done."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
