"""Questions to a running router's admin port."""

import json
from http.client import HTTPConnection, HTTPException
from typing import Any

TIMEOUT_S = 2.0


class NoAnswer(Exception):
    """The admin port did not answer: why, in words."""


def get(admin: str, path: str) -> tuple[int, bytes]:
    """Status and body of a GET at HOST:PORT."""
    host, _, port = admin.rpartition(":")
    connection = HTTPConnection(host.strip("[]"), int(port), timeout=TIMEOUT_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException) as error:
        raise NoAnswer(f"no answer from the admin port {admin}: {error}") from error
    finally:
        connection.close()


def get_json(admin: str, path: str) -> dict[str, Any]:
    """The JSON object at *path*."""
    status, body = get(admin, path)
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if status != 200 or not isinstance(document, dict):
        raise NoAnswer(f"the admin port {admin} answers {path} with {status} and no JSON object")
    return document
