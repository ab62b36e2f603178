"""dbt-mysql over verified TLS: `type: mysql_tls` in profiles.yml.

dbt-mysql 1.7 drops ssl arguments, and the connector falls back to plaintext if a server offers no TLS.
`make setup` puts this folder on the path; without it dbt stops without connecting.
This file can go when dbt-mysql passes ssl_ca and ssl_verify_identity.
"""

from dataclasses import dataclass
from pathlib import Path

import dbt.exceptions
import mysql.connector
from dbt.adapters.base import AdapterPlugin
from dbt.adapters.mysql import MySQLAdapter, MySQLConnectionManager, MySQLCredentials
from dbt.contracts.connection import Connection

from warehouse import WarehouseError, tls_arguments, tls_failure


@dataclass(init=False)
class TlsCredentials(MySQLCredentials):
    """The credentials of dbt-mysql, with ssl_ca (path) and ssl_verify_identity (true or false)."""

    ssl_ca: str = ""
    ssl_verify_identity: str | bool = True

    @property
    def type(self) -> str:
        """Return the type that profiles.yml names."""
        return "mysql_tls"

    def _connection_keys(self) -> tuple[str, ...]:
        return (*super()._connection_keys(), "ssl_ca", "ssl_verify_identity")


class TlsConnectionManager(MySQLConnectionManager):
    """Opens only encrypted connections to a server with a verified certificate."""

    TYPE = "mysql_tls"

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Open a connection. Raises FailedToConnectError, in one line."""
        if connection.state == "open":
            return connection
        credentials = connection.credentials
        profile = credentials.to_dict() | {"type": credentials.type}
        try:
            connection.handle = mysql.connector.connect(
                user=credentials.username, password=credentials.password, buffered=True, host=credentials.server,
                port=credentials.port or 3306, charset=credentials.charset, collation=credentials.collation,
                **tls_arguments(profile),
            )
        except (mysql.connector.Error, WarehouseError) as error:
            connection.handle, connection.state = None, "fail"
            known = isinstance(error, mysql.connector.Error) and tls_failure(error, profile)
            raise dbt.exceptions.FailedToConnectError(known or str(error)) from None
        connection.state = "open"
        return connection


class TlsAdapter(MySQLAdapter):
    """The adapter of dbt-mysql with these connections."""

    ConnectionManager = TlsConnectionManager


Plugin = AdapterPlugin(
    adapter=TlsAdapter,
    credentials=TlsCredentials,
    include_path=str(Path(__file__).parents[2] / "include" / "mysql_tls"),
    dependencies=["mysql"],
)
