"""Steps from one SQL schema to the next, run by Alembic when a database is opened that is behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.store.database import Database


def upgrade(database: Database) -> None:
    """Bring a database to the newest schema in one transaction; another process waits, then finds it done."""
    from alembic import command
    from alembic.config import Config

    from penstock.store.database import MIGRATIONS

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
