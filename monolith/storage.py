"""The database: opening it, and creating it once however many processes start together."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateIndex, CreateTable

from monolith.seeding import seed
from monolith.settings import Settings
from monolith.tables import Table


def open_database(settings: Settings) -> Engine:
    """Give the database of *settings*, with its tables and first rows in place."""
    url = make_url(settings.database_url)
    # More connections than threads, so that no request waits for one.
    engine = create_engine(url, pool_size=8, max_overflow=120, pool_pre_ping=False)
    if url.get_backend_name() == "sqlite":
        suit_sqlite(engine)
    with alone(engine):
        create(engine, settings)
    return engine


def suit_sqlite(engine: Engine) -> None:
    """Give SQLite the manners of a server: real transactions, foreign keys, waiting for a lock."""

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


def writing(engine: Engine) -> Engine:
    """Give the same database for transactions that will write."""
    return engine.execution_options(writes=True)


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Let one process at a time create the file and turn on write-ahead logging.

    SQLite's own busy timeout does not cover that switch, so a lock file beside it does.
    """
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name:
        yield
        return
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_name(file.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with engine.connect() as connection:
            connection.connection.execute("PRAGMA journal_mode = WAL")
        yield


def create(engine: Engine, settings: Settings) -> None:
    """Create what is missing, in one transaction."""
    with writing(engine).begin() as connection:
        for table in Table.metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))
        seed(connection, settings)
