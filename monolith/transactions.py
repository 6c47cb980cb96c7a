"""Transactions that write, and what may come between two of them."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from monolith.storage import writing

T = TypeVar("T")

TRIES = 3
# PostgreSQL took one of two transactions back for the sake of the other: neither half of it was
# done, so it can be done again. A connection that broke is not among them: a commit may have
# arrived although its answer did not.
TAKEN_BACK = {"40001", "40P01"}  # serialization_failure, deadlock_detected
FOREIGN_KEY = {"23503", "SQLITE_CONSTRAINT_FOREIGNKEY"}


def write(database: Engine, work: Callable[[Session], T]) -> T:
    """Give what *work* gives once it is committed; it may be called several times."""
    for _ in range(TRIES - 1):
        try:
            return write_once(database, work)
        except DBAPIError as error:
            if code(error) not in TAKEN_BACK:
                raise
    return write_once(database, work)


def write_once(database: Engine, work: Callable[[Session], T]) -> T:
    """Give what *work* gives once it is committed."""
    with Session(writing(database)) as session, session.begin():
        return work(session)


def refers_to_nothing(error: IntegrityError) -> bool:
    """Say whether the row that a new one refers to is not there (any more)."""
    return code(error) in FOREIGN_KEY


def code(error: DBAPIError) -> str:
    """Give PostgreSQL's SQLSTATE, or SQLite's name for the error."""
    cause = error.orig
    return getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or ""
