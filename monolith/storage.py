"""The database: opening it, and creating what is missing however many start together."""

import logging
import time

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from monolith.addresses import database_address, shown
from monolith.outages import reason
from monolith.seeding import seed
from monolith.settings import Settings
from monolith.sqlite import alone, open_sqlite
from monolith.tables import Table

LOG = logging.getLogger(__name__)
ANSWER_S = 5.0
CREATION_S = 60.0  # several containers may wait in turn for the lock
AGAIN_S = 1.0


class NotPrepared(Exception):
    """The database cannot be used; the message says where it is, and why."""


def open_database(settings: Settings) -> Engine:
    """Give the database of *settings*; nothing is asked of it yet."""
    return opened(settings, settings.connections, ANSWER_S)


def opened(settings: Settings, connections: int, limit_s: float) -> Engine:
    """Give the database; the two bounds are for PostgreSQL."""
    url = database_address(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return open_sqlite(url)
    from monolith.postgresql import open_postgresql

    return open_postgresql(url, connections, limit_s)


def prepare(settings: Settings) -> None:
    """Wait for the database, for a bounded time, and create its tables and first rows.

    What is there already is left as it is. Raises ``NotPrepared``.
    """
    until_s = time.monotonic() + settings.database_wait_s
    engine = opened(settings, 1, CREATION_S)
    try:
        while why := why_not_created(engine, settings):
            left_s = until_s - time.monotonic()
            if left_s <= 0 or engine.dialect.name == "sqlite":
                raise NotPrepared(
                    f"database {shown(engine.url)} cannot be had, and was waited for "
                    f"{settings.database_wait_s:g} s (see DATABASE_URL, MONOLITH_DATABASE_WAIT_S): "
                    f"{why}"
                )
            LOG.warning("waiting for database %s, %.0f s more: %s", shown(engine.url), left_s, why)
            time.sleep(min(AGAIN_S, left_s))
    finally:
        engine.dispose()


def why_not_created(engine: Engine, settings: Settings) -> str:
    """Create what is missing, or give why that may go better in a while; else ``NotPrepared``."""
    try:
        create(engine, settings)
    except OperationalError as error:
        return reason(error)
    except (SQLAlchemyError, OSError, ValueError) as error:
        raise NotPrepared(f"database {shown(engine.url)}: {reason(error)}") from None
    return ""


def writing(engine: Engine) -> Engine:
    """Give the same database for transactions that will write."""
    return engine.execution_options(writes=True)


def create(engine: Engine, settings: Settings) -> None:
    """Create what is missing, in one transaction, while no other process does."""
    if engine.dialect.name == "sqlite":
        with alone(engine), writing(engine).begin() as connection:
            fill(connection, settings)
        return
    from monolith.postgresql import lock_creation

    with engine.begin() as connection:
        lock_creation(connection)
        fill(connection, settings)


def fill(connection: Connection, settings: Settings) -> None:
    """Create missing tables and put the first rows into empty ones."""
    Table.metadata.create_all(connection)
    seed(connection, settings)
