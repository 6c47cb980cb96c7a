"""Our own error answers: problem details for machines and people (RFC 9457)."""

import json
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal or failure of ours, as a value: what the client is told.

    `detail` names what was wrong and how to mend it; it never holds a token, an upstream's
    address or anything else of the inside.
    """

    status: int
    slug: str
    detail: str
    headers: tuple[tuple[str, str], ...] = ()
    close: bool = False

    @property
    def title(self) -> str:
        """The status in words."""
        return HTTPStatus(self.status).phrase


@dataclass(frozen=True, slots=True)
class Notice:
    """An answer of ours that is no problem: a status without a body."""

    status: int


def notice_of(notice: Notice, request_id: str, date: str, *, close: bool) -> bytes:
    """The whole of a notice."""
    lines = [
        f"HTTP/1.1 {notice.status} {HTTPStatus(notice.status).phrase}",
        f"Date: {date}",
        "Cache-Control: no-store",
        f"X-Request-ID: {request_id}",
        f"Connection: {'close' if close else 'keep-alive'}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def body_of(problem: Problem, request_id: str) -> bytes:
    """The `application/problem+json` document, with the request's id to quote to support."""
    return json.dumps(
        {
            "type": f"urn:strangler:{problem.slug}",
            "title": problem.title,
            "status": problem.status,
            "detail": problem.detail,
            "request_id": request_id,
        }
    ).encode()


def head_of(problem: Problem, request_id: str, date: str, length: int, *, close: bool) -> bytes:
    """The response head that goes before `body_of`, never cached by anyone on the way."""
    lines = [
        f"HTTP/1.1 {problem.status} {problem.title}",
        "Content-Type: application/problem+json",
        f"Content-Length: {length}",
        f"Date: {date}",
        "Cache-Control: no-store",
        f"X-Request-ID: {request_id}",
        *(f"{name}: {value}" for name, value in problem.headers),
        f"Connection: {'close' if close else 'keep-alive'}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def bad_request(detail: str) -> Problem:
    """400 for a request that is ambiguous or malformed; the connection cannot be trusted on."""
    return Problem(400, "bad-request", detail, close=True)
