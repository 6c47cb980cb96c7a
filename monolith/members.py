"""What only a caller with a valid token may ask for."""

from collections.abc import Callable

from flask import Blueprint, Response, g, request

from monolith.keys import Keys
from monolith.problems import Problem
from monolith.tokens import Caller, verify


def member_routes(name: str, keys: Keys) -> Blueprint:
    """Give routes that answer 401 unless there is a valid token; ``caller()`` says whose it is."""
    routes = Blueprint(name, __name__)
    routes.before_request(identify(keys))
    return routes


def identify(keys: Keys) -> Callable[[], Response | None]:
    """Give the hook that lets a request pass only with a caller."""

    def check() -> Response | None:
        verdict = verify(request.headers.get("Authorization"), keys)
        if isinstance(verdict, Problem):
            return verdict.response()
        g.caller = verdict
        return None

    return check


def caller() -> Caller:
    """Give whose token this request came with."""
    found: Caller = g.caller
    return found
