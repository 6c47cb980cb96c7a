"""The monolith: users, catalogue, history and the old workout of the day."""

from flask import Flask, abort, request
from werkzeug.middleware.proxy_fix import ProxyFix

from monolith import settings as settings_
from monolith.catalogue import catalogue_routes
from monolith.health import health_routes
from monolith.history import history_routes
from monolith.jwks import jwks_routes
from monolith.keys import keys_of
from monolith.login import login_routes
from monolith.logs import log_requests
from monolith.metrics import count_requests, metrics_routes
from monolith.outages import answer_outages
from monolith.problems import answer_errors_with_problems
from monolith.storage import open_database, prepare
from monolith.workout import workout_routes

LARGEST_BODY = 64 * 1024


def create_app(settings: settings_.Settings | None = None, *, is_prepared: bool = False) -> Flask:
    """Give the application; without *settings* they are read from the environment.

    Unless the database *is_prepared*, tables and first rows are created, if need be after waiting
    for it; raises ``NotPrepared``.
    """
    settings = settings or settings_.read()
    keys = keys_of(settings)
    if not is_prepared:
        prepare(settings)
    database = open_database(settings)
    app = bare_app()
    # Of the fields that proxies set only X-Forwarded-For: it says whose tries are counted.
    app.wsgi_app = ProxyFix(app.wsgi_app, settings.proxies, 0, 0)  # type: ignore[method-assign]
    for routes in (
        login_routes(database, settings, keys),
        jwks_routes(keys),
        catalogue_routes(database),
        history_routes(database, keys),
        workout_routes(database, settings, keys),
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
    answer_outages(app)

    @app.before_request
    def refuse_doubled_slash() -> None:
        # Werkzeug drops all but one leading slash, whatever merge_slashes says (so does
        # request.path): a path that a proxy took for another one would reach a route of ours.
        if request.environ["PATH_INFO"].startswith("//"):
            abort(404)

    return app
