"""What both services refuse, and how: problem+json, with the right status and headers."""

import base64
import json
import time

import httpx
import jwt
import pytest

from tests.services import SECRET, Service, bearer, token

WOD = "/fitness/wod"


def unsigned() -> str:
    """Give a token with the algorithm none."""
    return jwt.encode({"sub": "a@b.c", "iss": "fit-api", "iat": 1, "exp": 9e9}, "", "none")


def nested() -> str:
    """Give a token whose header nests too deep for a JSON parser."""
    return base64.urlsafe_b64encode(b"[" * 3000).decode().rstrip("=") + ".e30.c2ln"


BAD_TOKENS = {
    "garbage": "garbage",
    "three parts of garbage": "a.b.c",
    "alg none": unsigned(),
    "another key": token(secret="another-secret-that-is-long-enough!!"),
    "another algorithm": jwt.encode(
        {"sub": "a@b.c", "iss": "fit-api", "iat": 1, "exp": 2**33}, SECRET * 2, "HS512"
    ),
    "another issuer": token(iss="somebody-else"),
    "no issuer": token(iss=None),
    "expired": token(exp=int(time.time()) - 60),
    "no expiry": token(exp=None),
    "expiry is no number": token(exp="soon"),
    "issued in the future": token(iat=int(time.time()) + 600),
    "no subject": token(sub=None),
    "empty subject": token(""),
    "subject is a number": token(sub=7),
    "subject with a line feed": token("a@b.c\nx"),
    "subject with half a surrogate pair": token("\ud800"),
    "role is a list": token(role=["admin"]),
    "nested header": nested(),
}


@pytest.mark.parametrize("bad", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_bad_token_is_401(service: Service, bad: str) -> None:
    """With the challenge of RFC 6750, and without a word on which check failed."""
    problem = refusal(service, headers={"Authorization": f"Bearer {bad}"}, status=401)
    assert problem["field"] == "Authorization"
    assert problem["detail"] in {"The token is not valid.", "The token has expired."}


def test_only_an_expired_token_is_told_so(service: Service) -> None:
    """A client must know that it should get a new one."""
    headers = {"Authorization": f"Bearer {BAD_TOKENS['expired']}"}
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
def test_an_unknown_path_is_404(service: Service, path: str) -> None:
    """A path is what was sent: nothing is redirected."""
    refusal(service, path=path, headers=bearer(), status=404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_405(service: Service, method: str) -> None:
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
