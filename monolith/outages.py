"""A database that does not answer: 503 for whoever asks meanwhile, never a stack trace."""

import logging

from flask import Flask, Response
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from monolith.problems import busy, failed

LOG = logging.getLogger(__name__)
# A standby that has not been promoted yet: PostgreSQL's code for "read-only transaction".
READ_ONLY = "25006"


def answer_outages(app: Flask) -> None:
    """Make *app* answer 503 where the database cannot be asked; its other errors stay 500."""

    @app.errorhandler(SQLAlchemyError)
    def answer(error: SQLAlchemyError) -> Response:
        if not is_outage(error):
            return failed(error)
        LOG.warning("database: %s", reason(error))
        return busy("The database does not answer.", 1).response()


def is_outage(error: SQLAlchemyError) -> bool:
    """Say whether *error* is the database's state, not a mistake of ours."""
    if isinstance(error, OperationalError | InterfaceError | PoolTimeoutError):
        return True
    return isinstance(error, DBAPIError) and (
        error.connection_invalidated or getattr(error.orig, "sqlstate", None) == READ_ONLY
    )


def reason(error: Exception) -> str:
    """Give what the driver says, on one line; neither the statement nor its values."""
    said = str(getattr(error, "orig", None) or error)
    return " ".join(said.split()) or type(error).__name__
