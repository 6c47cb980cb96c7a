"""The users and their tokens, all had before anything is measured: a login costs a core 30 ms.

Tokens come from the first of these that is there:
  LOAD_TOKENS                    a JSON file {user: token}
  JWT_SECRET or JWT_SECRET_FILE  tokens are made here, as the monolith would
  LOAD_LOGINS, LOAD_PASSWORD     by password, through the router (the monolith's own demo users)
"""

import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import jwt

LOGINS = "alice@example.com,bob@example.com,lea@example.com,admin@example.com"
PASSWORD = "train-every-day"
LIFETIME_S = 6 * 3600
LOGIN_S = 30.0

LogIn = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a token; `repr` does not show it."""

    name: str
    token: str = field(repr=False)


def people(how_many: int, environ: Mapping[str, str], log_in: LogIn) -> list[Person]:
    """As many as asked for; by password only as many as there are accounts."""
    if environ.get("LOAD_TOKENS"):
        kept = json.loads(Path(environ["LOAD_TOKENS"]).read_text("utf-8"))
        return [Person(name, token) for name, token in kept.items()][:how_many]
    secret = secret_of(environ)
    if secret:
        return [Person(name, minted(name, secret)) for name in names(how_many)]
    logins = (environ.get("LOAD_LOGINS") or LOGINS).split(",")[:how_many]
    password = environ.get("LOAD_PASSWORD") or PASSWORD
    return [Person(name, log_in(name, password)) for name in logins]


def names(how_many: int) -> list[str]:
    """The same users in every run, so that runs can be compared."""
    return [f"load-{number}@example.com" for number in range(1, how_many + 1)]


def secret_of(environ: Mapping[str, str]) -> str:
    """JWT_SECRET, or what lies in JWT_SECRET_FILE; empty if there is neither."""
    if environ.get("JWT_SECRET"):
        return environ["JWT_SECRET"]
    file = environ.get("JWT_SECRET_FILE")
    return Path(file).read_text("utf-8").strip() if file else ""


def minted(name: str, secret: str) -> str:
    """A token as the monolith would give *name* at login, good for the whole run."""
    now = int(time.time())
    claims = {"sub": name, "name": name.partition("@")[0], "role": "user", "iss": "fit-api"}
    return jwt.encode({**claims, "iat": now, "exp": now + LIFETIME_S}, secret, "HS256")


def log_in_at(host: str) -> LogIn:
    """Logs in through the router at *host*; OSError if it does not let one in."""

    def log_in(name: str, password: str) -> str:
        body = json.dumps({"username": name, "password": password}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{host}/oauth/token", body, headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=LOGIN_S) as answer:
            token: str = json.load(answer)["access_token"]
            return token

    return log_in
