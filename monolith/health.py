"""``GET /health``: whether the database answers, asked so that nobody waits for long."""

from concurrent.futures import Future
from threading import Lock, Thread

from flask import Blueprint, Response, jsonify
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from monolith.problems import busy

LIMIT_S = 1.0  # less than the health checks of containers and load balancers wait


class Pulse:
    """Asks the database whether it answers: one question at a time, in a thread of its own.

    However many ask, and however long the database hangs, one thread is what it costs.
    """

    def __init__(self, database: Engine, limit_s: float = LIMIT_S) -> None:
        self._database = database
        self._limit_s = limit_s
        self._lock = Lock()
        self._asked: Future[bool] = Future()
        self._asked.set_result(False)

    def beats(self) -> bool:
        """Say whether the database answers, within *limit_s*."""
        try:
            return self._question().result(self._limit_s)
        except TimeoutError:
            return False

    def _question(self) -> Future[bool]:
        """Give the question under way, or begin one."""
        with self._lock:
            if self._asked.done():
                self._asked = Future()
                Thread(target=self._ask, args=(self._asked,), daemon=True, name="pulse").start()
            return self._asked

    def _ask(self, asked: Future[bool]) -> None:
        asked.set_result(answers(self._database))


def answers(database: Engine) -> bool:
    """Say whether *database* answers."""
    try:
        with database.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def health_routes(database: Engine) -> Blueprint:
    """Give ``GET /health``: 200 if the database answers."""
    routes = Blueprint("health", __name__)
    pulse = Pulse(database)

    @routes.get("/health")
    def health() -> Response:
        if not pulse.beats():
            return busy("The database does not answer.", 1).response()
        return jsonify(status="ok", database="ok")

    return routes
