"""Mysql: a MariaDB or MySQL server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import quote

from pydantic import Field

from penstock.core.connection import Database, Secret
from penstock.kinds.connections._driver import answering, driver, tables_found

if TYPE_CHECKING:
    from penstock.core.contexts import ConnectionContext


class Mysql(Database):
    """A MariaDB or MySQL database: its tables are datasets that are asked where they are.

    What MySQL calls a database is what others call a schema: a dataset may name another one.

    Example:
        type: mysql
        host: db.example.org
        database: shop
        user: penstock
        password: secret:shop_password
    """

    MARKER: ClassVar[str] = "%s"
    QUOTE: ClassVar[str] = "`"
    MAIN: ClassVar[tuple[str, ...]] = ("host", "port", "database", "user", "password")

    host: str = Field(min_length=1, description="Name or address of the server, or the path of its socket.")
    port: int = Field(default=3306, ge=1, le=65_535, description="Of the server.")
    database: str = Field(min_length=1, description="Which of its databases.")
    user: str = Field(min_length=1, description="Login on the server.")
    password: Secret = Field(default="", description="`secret:NAME` of the password.")
    encryption: Literal["disable", "require", "verify"] = Field(
        default="disable", description="verify: encrypted, and the server's certificate is checked."
    )
    certificates: str = Field(
        default="", description="File with the certificates to trust (PEM); the system's when empty."
    )

    def open(self, ctx: ConnectionContext) -> Any:
        con = self._connected(ctx)
        backend = driver("ibis.backends.mysql", "mysql").Backend()
        backend._can_reconnect, backend.con = (
            False,
            con,
        )  # as from_connection, which sets a zone by a name few know
        return backend

    def plain(self, ctx: ConnectionContext) -> Any:
        return self._connected(ctx)

    def address(self, ctx: ConnectionContext) -> str:
        login = f"{quote(self.user, safe='')}:{quote(ctx.secret(self.password), safe='')}"
        if self.host.startswith("/"):
            return f"mysql://{login}@/{quote(self.database)}?unix_socket={quote(self.host)}"
        return f"mysql://{login}@{self.host}:{self.port}/{quote(self.database)}"

    def test(self, ctx: ConnectionContext) -> str:
        with self._connected(ctx) as con, con.cursor() as cursor:
            cursor.execute(
                "SELECT version(), count(*) FROM information_schema.tables WHERE table_schema = database()"
            )
            version, tables = cursor.fetchone()
        name = "MariaDB" if "MariaDB" in version else "MySQL"
        found = tables_found(tables)
        return f"{name} {version.partition('-')[0]} answers; {found} in {self.database}"

    def _connected(self, ctx: ConnectionContext) -> Any:
        pymysql = driver("pymysql", "mysql")
        pymysql.install_as_MySQLdb()
        place = (
            {"unix_socket": self.host}
            if self.host.startswith("/")
            else {"host": self.host, "port": self.port}
        )
        with answering(f"{self.host}:{self.port}", pymysql.err.Error):
            return pymysql.connect(
                **place, **self._encrypted(), user=self.user, password=ctx.secret(self.password),
                database=self.database, charset="utf8mb4", autocommit=True, connect_timeout=max(2, round(ctx.timeout)),
                init_command="SET time_zone = '+00:00'",
            )  # fmt: skip

    def _encrypted(self) -> dict[str, Any]:
        """What `encryption` means to the driver."""
        if self.encryption == "disable":
            return {"ssl_disabled": True}
        verified = self.encryption == "verify"
        return {
            "ssl_ca": self.certificates or None, "ssl_verify_cert": verified, "ssl_verify_identity": verified,
            "ssl": {} if self.certificates or verified else {"check_hostname": False},
        }  # fmt: skip
