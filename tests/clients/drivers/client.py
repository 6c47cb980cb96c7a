"""What is asked of every client, and what it tells."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

PATIENCE_S = 15.0
Fields = Sequence[tuple[str, str]]


class TimedOut(Exception):
    """The client gave up, as it was told to."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; *body* is sent with its length, or in pieces of unknown number (*chunked*).

    *follow*: go where a redirect leads. *leave*: go away with the first bytes of the answer's body.
    """

    method: str
    url: str
    fields: Fields = ()
    body: bytes | None = None
    chunked: bool = False
    follow: bool = False
    leave: bool = False
    timeout_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as the client shows it: names in lower case, values in the order of arrival."""

    status: int
    fields: Fields
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for key, value in self.fields if key == name]

    def first(self, name: str) -> str:
        """A field's first value; it must be there."""
        return self.all(name)[0]

    @property
    def told(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def shown(status: int, fields: Fields, body: bytes) -> Answer:
    """The answer, with the names in lower case."""
    return Answer(status, [(name.lower(), value) for name, value in fields], body)


class Client:
    """One client with its pool of connections."""

    decodes: ClassVar[bool] = False
    """Whether there is no way to see a compressed body as it came."""

    def send(self, request: Request) -> Answer:
        """The answer; `TimedOut` if the client gave up."""
        raise NotImplementedError

    def send_all(self, requests: Sequence[Request]) -> list[Answer]:
        """The answers, one after the other, by what the client has for reusing connections."""
        return [self.send(one) for one in requests]

    def close(self) -> None:
        """Let go of everything."""

    def ask(self, method: str, url: str, **how: Any) -> Answer:
        """`send`, in short."""
        return self.send(Request(method, url, **how))
