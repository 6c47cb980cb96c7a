"""SQLite with the manners of a server."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry


def open_sqlite(url: URL) -> Engine:
    """Give the database, with real transactions, foreign keys and waiting for a lock."""
    # More connections than threads, so that no request waits for one.
    engine = create_engine(url, pool_size=8, max_overflow=120, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def connected(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # Python's sqlite3 begins transactions late and not at all around DDL; we begin them
        # ourselves (SQLAlchemy's documentation of the pysqlite dialect).
        connection.isolation_level = None
        for pragma in ("busy_timeout = 5000", "foreign_keys = ON", "synchronous = NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # A transaction that will write takes the lock at once: one that read first and then
        # wants it is refused without waiting (SQLITE_BUSY_SNAPSHOT).
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Let one process at a time create the file and turn on write-ahead logging.

    SQLite's own busy timeout does not cover that switch, so a lock file beside it does.
    """
    name = engine.url.database
    if not name:
        yield
        return
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_name(file.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with engine.connect() as connection:
            connection.connection.execute("PRAGMA journal_mode = WAL")
        yield
