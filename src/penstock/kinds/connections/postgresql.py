"""Postgresql: a PostgreSQL server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import quote, urlencode

from pydantic import Field

from penstock.core.connection import Database, Secret
from penstock.kinds.connections._driver import answering, driver, tables_found

if TYPE_CHECKING:
    from penstock.core.contexts import ConnectionContext


class Postgresql(Database):
    """A PostgreSQL database: its tables are datasets, and recipes whose ends lie there run inside it.

    Example:
        type: postgresql
        host: db.example.org
        database: warehouse
        user: penstock
        password: secret:warehouse_password
        schema: analytics
    """

    COMPUTES: ClassVar[bool] = True
    MARKER: ClassVar[str] = "%s"
    MAIN: ClassVar[tuple[str, ...]] = ("host", "port", "database", "user", "password", "db_schema")

    host: str = Field(min_length=1, description="Name or address of the server, or the folder of its socket.")
    port: int = Field(default=5432, ge=1, le=65_535, description="Of the server.")
    database: str = Field(min_length=1, description="Which of its databases.")
    user: str = Field(min_length=1, description="Login on the server.")
    password: Secret = Field(default="", description="`secret:NAME` of the password.")
    encryption: Literal["disable", "prefer", "require", "verify-ca", "verify-full"] = Field(
        default="prefer",
        description="prefer: encrypted when the server can. verify-full: and its certificate is checked.",
    )
    options: dict[str, str] = Field(
        default_factory=dict, description="Further words of a PostgreSQL connection, such as `sslrootcert`."
    )

    def open(self, ctx: ConnectionContext) -> Any:
        con = self._connected(ctx)
        ibis = driver("ibis.backends.postgres", "postgres")
        return ibis.Backend.from_connection(con)

    def plain(self, ctx: ConnectionContext) -> Any:
        return self._connected(ctx)

    def address(self, ctx: ConnectionContext) -> str:
        words = self._words(ctx)
        login = f"{quote(words.pop('user'), safe='')}:{quote(words.pop('password', ''), safe='')}"
        place = f"/{quote(words.pop('dbname'), safe='')}"
        return f"postgresql://{login}@{place}?{urlencode(words, quote_via=quote)}"

    def test(self, ctx: ConnectionContext) -> str:
        with self._connected(ctx) as con:
            version, tables, schema = con.execute(_FOUND, [self.db_schema]).fetchone()
            encrypted = "encrypted" if con.pgconn.ssl_in_use else "not encrypted"
        there = (
            f"{tables_found(tables)} in schema {schema}" if tables is not None else f"no schema {schema} yet"
        )
        return f"PostgreSQL {version} answers, {encrypted}; {there}"

    def _connected(self, ctx: ConnectionContext) -> Any:
        psycopg = driver("psycopg", "postgres")
        with answering(f"{self.host}:{self.port}", psycopg.Error):
            return psycopg.connect(**self._words(ctx), autocommit=True)

    def _words(self, ctx: ConnectionContext) -> dict[str, str]:
        """The connection in libpq's words."""
        path = {"options": f"-c search_path={_searched(self.db_schema)}"} if self.db_schema else {}
        login = {"user": self.user, "password": ctx.secret(self.password)}
        return {
            "host": self.host, "port": str(self.port), "dbname": self.database, "sslmode": self.encryption,
            "connect_timeout": str(max(2, round(ctx.timeout))), "application_name": "penstock",
            **{word: text for word, text in login.items() if text}, **path, **self.options,
        }  # fmt: skip


_FOUND = """
SELECT current_setting('server_version'),
  CASE WHEN named IS NULL OR to_regnamespace(quote_ident(named)) IS NOT NULL THEN
    (SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
     WHERE nspname = coalesce(named, current_schema()) AND relkind IN ('r', 'p', 'v', 'm', 'f')) END,
  coalesce(named, current_schema())
FROM (SELECT nullif(%s, '')) AS of(named)
"""


def _searched(schema: str) -> str:
    """Where tables without a schema are looked for: there, then in `public`."""
    quoted = '"' + schema.replace('"', '""') + '"'
    return f"{quoted},public".replace("\\", "\\\\").replace(" ", "\\ ")
