"""Refusals: values that become problem+json answers (RFC 9457)."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request was refused; *field* names the part of the request that has to be mended."""

    status: int
    detail: str
    field: str | None = None
    headers: Mapping[str, str] | None = None

    def response(self) -> Response:
        """Give the answer. Its type is ``about:blank``: the status says all there is to say."""
        body: dict[str, object] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.field is not None:
            body["field"] = self.field
        return Response(
            json.dumps(body) + "\n",
            self.status,
            {"Cache-Control": "no-store", **(self.headers or {})},
            content_type="application/problem+json",
        )


def busy(detail: str, retry_after_s: int) -> Problem:
    """Give the 503 that says when to come back."""
    return Problem(503, detail, headers={"Retry-After": str(retry_after_s)})


def answer_errors_with_problems(app: Flask) -> None:
    """Make every error of *app* a problem, its own faults included; those show no detail."""

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> Response:
        headers = {k: v for k, v in error.get_headers() if k in {"Allow", "Retry-After"}}
        return Problem(error.code or 500, error.description or "", headers=headers).response()

    @app.errorhandler(Exception)
    def fail(error: Exception) -> Response:
        return failed(error)


def failed(error: Exception) -> Response:
    """Give the 500 for a fault of our own; the log has the rest."""
    LOG.error("unhandled exception", exc_info=error)
    return Problem(500, "The service made an error; it is in its log.").response()
