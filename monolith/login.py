"""``POST /oauth/token``: a password for a token."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Request, Response, jsonify, request
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from monolith.keys import Keys
from monolith.metrics import REFUSED
from monolith.passwords import fits
from monolith.problems import Problem, busy
from monolith.reading import json_object, text
from monolith.settings import Settings
from monolith.slots import Slots
from monolith.tables import User
from monolith.tokens import Caller, mint, refused
from monolith.tries import Limit


def login_routes(database: Engine, settings: Settings, keys: Keys) -> Blueprint:
    """Give the routes of logging in."""
    routes = Blueprint("login", __name__)
    # Argon2 wants memory and a core: two at a time leave both for the other requests.
    slots = Slots(running=2, waiting=12, wait_s=5.0)
    limit = Limit(database, settings.tries_per_name, settings.tries_per_address)

    @routes.post("/oauth/token")
    def token() -> Response:
        match credentials(request):
            case Problem() as problem:
                return problem.response()
            case email, password:
                pass
        address = request.remote_addr or "unknown"
        # Asked before there is a slot, so that a flood of refused tries takes none.
        caller = limit.refusal(email, address) or try_password(
            database, slots, limit, email, password, address
        )
        if isinstance(caller, Problem):
            if caller.status == 429:
                REFUSED.labels("tries").inc()
            return caller.response()
        response = jsonify(
            access_token=mint(caller, keys, datetime.now(UTC), settings.lifetime_s),
            token_type="Bearer",  # noqa: S106 - the kind of token, RFC 6750
            expires_in=settings.lifetime_s,
        )
        response.headers["Cache-Control"] = "no-store"  # RFC 6749 section 5.1
        return response

    return routes


def credentials(request: Request) -> tuple[str, str] | Problem:
    """Give e-mail address and password out of a JSON or a form body."""
    values = fields(request)
    if isinstance(values, Problem):
        return values
    if values.get("grant_type", "password") != "password":
        return Problem(400, 'grant_type must be "password".', "grant_type")
    email = text(values, "username", 320)
    if isinstance(email, Problem):
        return email
    password = text(values, "password", 1024)
    return password if isinstance(password, Problem) else (email.strip().lower(), password)


def fields(request: Request) -> dict[str, Any] | Problem:
    """Give the fields of the body; OAuth clients send a form (RFC 6749 section 4.3.2)."""
    if request.mimetype == "application/x-www-form-urlencoded":
        return request.form.to_dict()
    return json_object(request)


def try_password(
    database: Engine, slots: Slots, limit: Limit, email: str, password: str, address: str
) -> Caller | Problem:
    """Give who *email* is, if the password is right and not too many wrong ones came before."""
    with slots.taken() as had:
        if not had:
            REFUSED.labels("login").inc()
            return busy("Too many are logging in at once.", 1)
        caller = limit.begin(email, address) or log_in(database, email, password)
        if isinstance(caller, Caller):
            limit.succeeded(email, address)
        return caller


def log_in(database: Engine, email: str, password: str) -> Caller | Problem:
    """Give who *email* is, if the password is right; a wrong one tells nothing more."""
    with Session(database) as session:
        user = session.scalar(select(User).where(User.email == email))
    if not fits(password, user.password_hash if user else None) or user is None:
        return refused("E-mail address or password is wrong.", None)
    return Caller(user.email, user.name, user.role)
