"""The monolith: users, catalogue, history and the old workout of the day."""

from flask import Blueprint, Flask, Response, abort, jsonify, request
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from monolith import settings as settings_
from monolith.catalogue import catalogue_routes
from monolith.history import history_routes
from monolith.login import login_routes
from monolith.logs import log_requests
from monolith.metrics import count_requests, metrics_routes
from monolith.problems import Problem, answer_errors_with_problems
from monolith.storage import open_database
from monolith.workout import workout_routes

LARGEST_BODY = 64 * 1024


def create_app(settings: settings_.Settings | None = None) -> Flask:
    """Give the application; without *settings* they are read from the environment."""
    settings = settings or settings_.read()
    database = open_database(settings)
    app = bare_app()
    for routes in (
        login_routes(database, settings),
        catalogue_routes(database),
        history_routes(database, settings),
        workout_routes(database, settings),
        health_routes(database),
        metrics_routes(),
    ):
        app.register_blueprint(routes)
    app.extensions["monolith.close"] = database.dispose
    return app


def bare_app() -> Flask:
    """Give an application without routes: only logs, metrics and errors."""
    app = Flask("monolith", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False  # a path is what was sent: no redirects
    app.json.sort_keys = False  # type: ignore[attr-defined]
    log_requests(app)
    count_requests(app)
    answer_errors_with_problems(app)

    @app.before_request
    def refuse_doubled_slash() -> None:
        # Werkzeug drops all but one leading slash, whatever merge_slashes says (so does
        # request.path): a path that a proxy took for another one would reach a route of ours.
        if request.environ["PATH_INFO"].startswith("//"):
            abort(404)

    return app


def health_routes(database: Engine) -> Blueprint:
    """Give ``GET /health``: 200 if the database answers."""
    routes = Blueprint("health", __name__)

    @routes.get("/health")
    def health() -> Response:
        try:
            with database.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return Problem(503, "The database does not answer.").response()
        return jsonify(status="ok")

    return routes
