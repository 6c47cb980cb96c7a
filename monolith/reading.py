"""Reading what a client sent: values that can be worked with, or a problem that names the field."""

import re
from datetime import date
from typing import Any

from flask import Request
from werkzeug.exceptions import BadRequest

from monolith.problems import Problem

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def json_object(request: Request) -> dict[str, Any] | Problem:
    """Give the request's body as a JSON object."""
    if not request.is_json:
        return Problem(415, "The body must be JSON.", "Content-Type")
    try:
        body = request.get_json()
    except (BadRequest, RecursionError):
        return Problem(400, "The body is not valid JSON.", "body")
    if not isinstance(body, dict):
        return Problem(400, "The body must be a JSON object.", "body")
    return body


def text(values: dict[str, Any], field: str, longest: int) -> str | Problem:
    """Give the text *field*, which must be there and may have *longest* characters."""
    if field not in values:
        return Problem(400, f"{field} is missing.", field)
    value = values[field]
    if not isinstance(value, str) or not 0 < len(value) <= longest or not is_storable(value):
        return Problem(400, f"{field} must be text of 1 to {longest} characters.", field)
    return value


def is_storable(value: str) -> bool:
    """Say whether a database takes *value*: JSON lets half a surrogate pair through, and NUL.

    PostgreSQL has no NUL in text; what one database refuses is refused before any.
    """
    return not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value)


def whole(value: object, field: str, least: int, most: int) -> int | Problem:
    """Give a whole number from *least* to *most*; ``true`` is none."""
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    return Problem(400, f"{field} must be a whole number from {least} to {most}.", field)


def amount(value: object, field: str, most: int) -> float | Problem:
    """Give a number from 0 to *most*; nan and infinity are none."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most:
        return float(value)
    return Problem(400, f"{field} must be a number from 0 to {most}.", field)


def day(value: object, field: str, latest: date) -> date | Problem:
    """Give a day written YYYY-MM-DD, from the year 2000 to *latest*."""
    wrong = Problem(400, f"{field} must be a day from 2000-01-01 to {latest}.", field)
    if not isinstance(value, str) or not DAY.fullmatch(value):
        return wrong
    try:
        read = date.fromisoformat(value)
    except ValueError:
        return wrong
    return read if date(2000, 1, 1) <= read <= latest else wrong
