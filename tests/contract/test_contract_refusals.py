"""What both services refuse, and how: problem+json, with the right status and headers."""

import base64
import json
import time
from collections.abc import Callable

import httpx
import jwt
import pytest

from monolith.settings import DEMO_PASSWORD
from tests.contract.conftest import Bearer
from tests.contract.issuers import Issuer
from tests.forgeries import FORGED
from tests.keys import key
from tests.services import Service

WOD = "/fitness/wod"


def unsigned() -> str:
    """Give a token with the algorithm none."""
    return jwt.encode({"sub": "a@b.c", "iss": "fit-api", "iat": 1, "exp": 9e9}, "", "none")


def nested() -> str:
    """Give a token whose header nests too deep for a JSON parser."""
    return base64.urlsafe_b64encode(b"[" * 3000).decode().rstrip("=") + ".e30.c2ln"


BAD_TOKENS: dict[str, Callable[[Issuer], str]] = {
    "garbage": lambda _: "garbage",
    "three parts of garbage": lambda _: "a.b.c",
    "alg none": lambda _: unsigned(),
    "another key": lambda issuer: issuer.forged(),
    "the other way of signing": lambda issuer: issuer.other_way(),
    "another algorithm": lambda issuer: issuer.other_algorithm(),
    "another issuer": lambda issuer: issuer.token(iss="somebody-else"),
    "no issuer": lambda issuer: issuer.token(iss=None),
    "expired": lambda issuer: issuer.token(exp=int(time.time()) - 60),
    "no expiry": lambda issuer: issuer.token(exp=None),
    "expiry is no number": lambda issuer: issuer.token(exp="soon"),
    "issued in the future": lambda issuer: issuer.token(iat=int(time.time()) + 600),
    "no subject": lambda issuer: issuer.token(sub=None),
    "empty subject": lambda issuer: issuer.token(""),
    "subject is a number": lambda issuer: issuer.token(sub=7),
    "subject with a line feed": lambda issuer: issuer.token("a@b.c\nx"),
    "subject with half a surrogate pair": lambda issuer: issuer.token("\ud800"),
    "role is a list": lambda issuer: issuer.token(role=["admin"]),
    "nested header": lambda _: nested(),
}


@pytest.mark.parametrize("name", BAD_TOKENS)
def test_a_bad_token_is_401(service: Service, issuer: Issuer, name: str) -> None:
    """With the challenge of RFC 6750, and without a word on which check failed."""
    bad = BAD_TOKENS[name](issuer)
    problem = refusal(service, headers={"Authorization": f"Bearer {bad}"}, status=401)
    assert problem["field"] == "Authorization"
    assert problem["detail"] in {"The token is not valid.", "The token has expired."}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_401(service: Service, name: str) -> None:
    """Also where the forger knows the published keys."""
    bad = FORGED[name](key("first"))
    refusal(service, headers={"Authorization": f"Bearer {bad}"}, status=401)


def test_a_token_that_was_logged_in_for_is_good(services: dict[str, Service]) -> None:
    """For both services, and signed as the other tests' tokens are."""
    alice = {"username": "alice@example.com", "password": DEMO_PASSWORD}
    answer = httpx.post(f"{services['monolith'].url}/oauth/token", json=alice)
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    for url in (f"{services['coach'].url}{WOD}", f"{services['monolith'].url}/fitness/history"):
        assert httpx.get(url, headers=headers).status_code == 200


def test_only_an_expired_token_is_told_so(service: Service, issuer: Issuer) -> None:
    """A client must know that it should get a new one."""
    headers = {"Authorization": f"Bearer {BAD_TOKENS['expired'](issuer)}"}
    assert "expired" in refusal(service, headers=headers, status=401)["detail"]


@pytest.mark.parametrize("value", ["", "Bearer", "Basic YTpi", "Token x", "x" * 8000])
def test_a_header_that_is_no_bearer_token_is_401(service: Service, value: str) -> None:
    """So is an empty one."""
    refusal(service, headers={"Authorization": value}, status=401)


def test_no_token_is_401(service: Service) -> None:
    """The challenge then has no error code (RFC 6750 section 3.1)."""
    answer = httpx.get(service.url + WOD)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="fit-api"'


@pytest.mark.parametrize("path", ["/", "/nope", "/fitness/wod/", "//fitness/wod", "/fitness/WOD"])
def test_an_unknown_path_is_404(service: Service, bearer: Bearer, path: str) -> None:
    """A path is what was sent: nothing is redirected."""
    refusal(service, path=path, headers=bearer(), status=404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_405(service: Service, bearer: Bearer, method: str) -> None:
    """And says which ones there are."""
    answer = httpx.request(method, service.url + WOD, headers=bearer())
    assert answer.status_code == 405
    assert {m.strip() for m in answer.headers["Allow"].split(",")} == {"GET", "HEAD"}
    assert answer.headers["Content-Type"] == "application/problem+json"


def refusal(service: Service, *, status: int, path: str = WOD, headers: dict[str, str]) -> dict:
    """Ask, expect a problem of *status*, and give it."""
    answer = httpx.get(service.url + path, headers=headers)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    problem: dict = json.loads(answer.content)
    assert problem["status"] == status
    assert {"type", "title", "status", "detail"} == problem.keys() - {"field"}
    return problem
