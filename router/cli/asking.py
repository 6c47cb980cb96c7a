"""Questions to a running router's admin port."""

import json
from collections.abc import Container
from http.client import HTTPConnection, HTTPException
from typing import Any

TIMEOUT_S = 2.0
JUDGED_S = 15.0
"""How long the judgement on a file may take: the router gives its workers 10 s."""


class NoAnswer(Exception):
    """The admin port did not answer: why, in words."""


def get(admin: str, path: str) -> tuple[int, bytes]:
    """Status and body of a GET at HOST:PORT."""
    return ask(admin, "GET", path)


def ask(
    admin: str, method: str, path: str, content: bytes | None = None, within_s: float = TIMEOUT_S
) -> tuple[int, bytes]:
    """Status and body of any request at HOST:PORT."""
    host, _, port = admin.rpartition(":")
    connection = HTTPConnection(host.strip("[]"), int(port), timeout=within_s)
    try:
        connection.request(method, path, content)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException) as error:
        raise NoAnswer(f"no answer from the admin port {admin}: {error}") from error
    finally:
        connection.close()


def get_json(admin: str, path: str) -> dict[str, Any]:
    """The JSON object at *path*."""
    return object_in(admin, path, get(admin, path), good={200})


def post_json(admin: str, path: str, content: bytes, *, good: Container[int]) -> dict[str, Any]:
    """The JSON object that *content* is answered with, under a status that is *good*."""
    return object_in(admin, path, ask(admin, "POST", path, content, JUDGED_S), good=good)


def object_in(
    admin: str, path: str, answer: tuple[int, bytes], *, good: Container[int]
) -> dict[str, Any]:
    """The JSON object in an answer, or `NoAnswer` where it is none."""
    status, body = answer
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if isinstance(document, dict) and "error" in document:
        raise NoAnswer(f"the admin port {admin} answers with {status}: {document['error']}")
    if status not in good or not isinstance(document, dict):
        raise NoAnswer(f"the admin port {admin} answers {path} with {status} and no JSON object")
    return document
