"""What Alembic runs: all missing steps on the connection it was handed."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

from penstock.store.tables import metadata

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    connection.execute(text("SELECT pg_advisory_xact_lock(7036731)"))
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
