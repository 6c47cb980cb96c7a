"""Coach: the workout of the day, taken out of the monolith. It keeps nothing of its own."""

import atexit
from collections.abc import Callable

import httpx
from flask import Blueprint, Flask, Response, abort, jsonify, request

from coach import settings as settings_
from coach.environment import SettingsError
from coach.history import Histories, Memory
from coach.keys import Keys, PublishedKeys, SharedSecret
from coach.logs import log_requests
from coach.metrics import count_requests, metrics_routes
from coach.problems import answer_errors_with_problems
from coach.shelf import Shelf
from coach.workout import workout_routes


def create_app(settings: settings_.Settings | None = None) -> Flask:
    """Give the application; without *settings* they are read from the environment.

    It begins to fetch the catalogue at once, in a thread, so it must be called after a fork.
    """
    settings = settings or settings_.read()
    client = monolith(settings)
    keys = keys_of(settings)
    shelf = Shelf(client, settings.catalogue_s)
    histories = Histories(client, settings.fetchers, settings.history_limit_s)
    memory = Memory(settings.histories, settings.history_kept_s)
    app = bare_app()
    for routes in (
        workout_routes(keys, shelf, histories, memory),
        health_routes(shelf, keys),
        metrics_routes(),
    ):
        app.register_blueprint(routes)
    app.extensions["coach.close"] = closer(shelf, keys, histories, client)
    keys.start()
    shelf.start()
    return app


def keys_of(settings: settings_.Settings) -> Keys:
    """Give what tokens are verified by."""
    if settings.jwks_url:
        return PublishedKeys(settings.jwks_url)
    if not settings.jwt_secret:
        raise SettingsError("neither JWT_SECRET nor COACH_JWKS_URL is set")
    return SharedSecret(settings.jwt_secret)


def monolith(settings: settings_.Settings) -> httpx.Client:
    """Give the one client, so that connections are kept between requests.

    An idle connection is kept for less than the monolith's gunicorn keeps it (5 s), or a request
    would now and then meet one that is being closed.
    """
    return httpx.Client(
        base_url=settings.monolith_url,
        limits=httpx.Limits(
            max_connections=settings.fetchers + 1,
            max_keepalive_connections=settings.fetchers + 1,
            keepalive_expiry=2.0,
        ),
        headers={"User-Agent": "coach", "Accept": "application/json"},
        follow_redirects=False,
        trust_env=False,  # neither proxies nor .netrc: the token goes to the monolith alone
    )


def closer(
    shelf: Shelf, keys: Keys, histories: Histories, client: httpx.Client
) -> Callable[[], None]:
    """Give the function that ends what ``create_app`` began; it is also called at exit."""

    def close() -> None:
        atexit.unregister(close)
        shelf.stop()
        keys.stop()
        histories.close()
        client.close()

    atexit.register(close)
    return close


def bare_app() -> Flask:
    """Give an application without routes: only logs, metrics and errors."""
    app = Flask("coach", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
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


def health_routes(shelf: Shelf, keys: Keys) -> Blueprint:
    """Give ``GET /health``: 200 while the process serves, whatever the monolith does."""
    routes = Blueprint("health", __name__)

    @routes.get("/health")
    def health() -> Response:
        return jsonify(status="ok", catalogue=shelf.current is not None, keys=keys.are_known)

    return routes
