"""POST /oauth/token."""

from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient

from monolith.settings import DEMO_PASSWORD
from tests.services import SECRET

ALICE = {"username": "alice@example.com", "password": DEMO_PASSWORD}
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("how", ["json", "data"])
def test_a_password_gives_a_token(client: FlaskClient, how: str) -> None:
    """From JSON and from a form; nobody may cache it."""
    answer = client.post("/oauth/token", **{how: ALICE})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.get_json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    claims = jwt.decode(body["access_token"], SECRET, ["HS256"], issuer="fit-api")
    assert (claims["sub"], claims["name"], claims["role"]) == (ALICE["username"], "Alice", "user")
    assert claims["exp"] - claims["iat"] == 3600


def test_the_token_opens_what_is_closed(client: FlaskClient) -> None:
    """The level is the user's own."""
    bob = ALICE | {"username": " Bob@Example.com "}
    token = client.post("/oauth/token", json=bob).get_json()["access_token"]
    answer = client.get("/fitness/history", headers={"Authorization": f"bearer {token}"})
    assert answer.get_json() == {"level": 2, "history": []}


def test_the_admin_has_the_role(client: FlaskClient) -> None:
    """The router can require it."""
    body = client.post("/oauth/token", json=ALICE | {"username": "admin@example.com"}).get_json()
    assert jwt.decode(body["access_token"], SECRET, ["HS256"], issuer="fit-api")["role"] == "admin"


def test_a_wrong_password_and_an_unknown_user_look_alike(client: FlaskClient) -> None:
    """So that nobody learns who has an account."""
    wrong = client.post("/oauth/token", json=ALICE | {"password": "x"})
    unknown = client.post("/oauth/token", json=ALICE | {"username": "x@example.com"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.get_json() == unknown.get_json()
    assert wrong.headers["WWW-Authenticate"].startswith("Bearer")


BAD = {
    "no username": ({"json": {"password": "x"}}, 400, "username"),
    "no password": ({"json": {"username": "x"}}, 400, "password"),
    "empty form": ({"data": "", "content_type": FORM}, 400, "username"),
    "number": ({"json": ALICE | {"username": 7}}, 400, "username"),
    "null": ({"json": ALICE | {"password": None}}, 400, "password"),
    "empty": ({"json": ALICE | {"password": ""}}, 400, "password"),
    "too long": ({"json": ALICE | {"password": "x" * 2000}}, 400, "password"),
    "NUL": ({"json": ALICE | {"username": "a\0b"}}, 400, "username"),
    "half a surrogate pair": ({"json": ALICE | {"username": "\ud800"}}, 400, "username"),
    "other grant": ({"json": ALICE | {"grant_type": "implicit"}}, 400, "grant_type"),
    "list": ({"json": [1]}, 400, "body"),
    "not JSON": ({"data": "{", "content_type": "application/json"}, 400, "body"),
    "not UTF-8": ({"data": b"\xff", "content_type": "application/json"}, 400, "body"),
    "deep": ({"data": "[" * 60_000, "content_type": "application/json"}, 400, "body"),
    "digits": ({"data": "9" * 60_000, "content_type": "application/json"}, 400, "body"),
    "text": ({"data": "x", "content_type": "text/plain"}, 415, "Content-Type"),
    "large": ({"json": ALICE | {"x": "x" * 70_000}}, 413, None),
    "large form": ({"data": {"x": "x" * 70_000}}, 413, None),
}


@pytest.mark.parametrize(("sent", "status", "field"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_a_problem_that_names_the_field(
    client: FlaskClient, sent: dict[str, Any], status: int, field: str | None
) -> None:
    """Never a 500."""
    answer = client.post("/oauth/token", **sent)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.get_json().get("field") == field
