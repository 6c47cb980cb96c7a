"""PostgreSQL: a bounded pool of connections on which nobody waits for ever."""

from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import URL, Connection, Engine, create_engine, event, text

T = TypeVar("T")

CONNECT_S = 3
POOL_S = 3.0
LOCK = int.from_bytes(b"monolith", "big")


class Bounded(psycopg.Connection[Any]):
    """A connection on which no answer is waited for longer than *limit_s*.

    The server's own ``statement_timeout`` bounds the work of a server that works. A server that
    hangs, or a network that swallows everything, would hold each of our threads for ever.
    """

    limit_s: float = CONNECT_S

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Give what *gen* comes to, or close the connection and raise ``OperationalError``."""
        limit_s = self.limit_s if timeout is None else timeout
        try:
            return super().wait(gen, interval, limit_s)
        except psycopg.OperationalError as error:
            if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise  # the server has spoken
            self.pgconn.finish()  # its answer may still come, to a question long forgotten
            raise psycopg.OperationalError(f"no answer within {limit_s:g} s") from error


def open_postgresql(url: URL, connections: int, limit_s: float) -> Engine:
    """Give the database, asked over *connections* at most, each answer within *limit_s*."""
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_S,
        # A server that was restarted has ended the connections of all pools. Asked before each
        # use (one round trip, 0.1 ms), a pool notices and connects anew; otherwise as many
        # requests would fail as there are connections, and a write may not be sent again.
        pool_pre_ping=True,
        # Whatever the server's default is: our transactions are made for this level, and
        # creation must see what was committed while it waited for the lock.
        isolation_level="READ COMMITTED",
        hide_parameters=True,  # an error in the log must not show what users sent
    )

    @event.listens_for(engine, "do_connect")
    def connect(_: Any, __: Any, arguments: Any, options: dict[str, Any]) -> Bounded:
        defaults: dict[str, Any] = {
            "connect_timeout": CONNECT_S,
            "application_name": "monolith",
            "client_encoding": "UTF8",
        }
        return connected(limit_s, *arguments, **(defaults | options))

    return engine


def connected(limit_s: float, *arguments: Any, **options: Any) -> Bounded:
    """Give a connection on which each answer comes within *limit_s*."""
    connection = Bounded.connect(*arguments, **options)
    connection.limit_s = limit_s
    try:
        # Sooner than we stop waiting, so that the server stops working too.
        connection.execute(f"SET statement_timeout = {int(limit_s * 900)}")
        connection.commit()
    except psycopg.Error:
        connection.close()
        raise
    return connection


def lock_creation(connection: Connection) -> None:
    """Let one transaction at a time, of whatever container, create what is missing."""
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise ValueError(f"its encoding is {encoding}; create it with: ENCODING 'UTF8'")
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
