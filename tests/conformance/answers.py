"""What a row of the tables of answers says, and the words to say it with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.conformance.ways import Way


class On(StrEnum):
    """The two kinds of route: without fallback the answer goes on as it comes, with it late."""

    PLAIN = "plain"
    FALLBACK = "fallback"


BROKEN = "broken"
"""A `protocol` failure: legacy answers, or 502 where there is no fallback; never passed on."""

CUT = "cut"
"""It breaks off in its body: legacy answers, or the client sees that it is not whole (or 502)."""

Interims = Mapping[On, Collection[tuple[int, ...]]]

NO_INTERIM: Interims = {On.PLAIN: [()], On.FALLBACK: [()]}


@dataclass(frozen=True, slots=True)
class Gets:
    """An answer as its client gets it.

    `fields`: every end-to-end field, in order and case. `lacks`: names that are not there.
    `framing`: `none`, `length`, `chunked` or `end` (of the connection). `interim`: which runs of
    interim answers are right, by route.
    """

    status: int
    reason: str
    fields: tuple[str, ...] | None
    lacks: tuple[str, ...] = ()
    body: str = ""
    framing: str | None = None
    trailers: tuple[str, ...] | None = None
    interim: Interims = field(default_factory=lambda: NO_INTERIM)


@dataclass(frozen=True, slots=True)
class Answer:
    """A row: an upstream that says these bytes, and what its client gets.

    `ends`: the upstream closes then. `reused`: whether its connection serves again (None: either
    is right). `or_broken`: a failure is right too. `only`: the one kind of route it is about.
    `method`, `asks` and `version` are the client's.
    """

    name: str
    rfc: str
    said: bytes
    gets: Gets | str
    method: str = "GET"
    asks: tuple[str, ...] = ()
    version: str = "1.1"
    ends: bool = False
    reused: bool | None = None
    or_broken: bool = False
    only: On | None = None
    unless: Mapping[Way, str] = field(default_factory=dict)

    @property
    def spoils_connection(self) -> bool | None:
        """Whether the upstream's connection is used no more; None where either is right."""
        if isinstance(self.gets, str):
            return True
        return None if self.reused is None else not self.reused


OF_THE_ROW = frozenset(Answer.__dataclass_fields__)
NEVER_KEPT = frozenset({"transfer-encoding", "connection", "trailer"})


def passes(name: str, rfc: str, said: bytes, **also: Any) -> Answer:
    """An answer that goes on: what *also* does not say of it is as the upstream said it."""
    row = {key: value for key, value in also.items() if key in OF_THE_ROW}
    told = {key: value for key, value in also.items() if key not in OF_THE_ROW}
    whole = told if "status" in told else as_said(said) | told
    return Answer(name, rfc, said, Gets(**whole), **row)


def broken(name: str, rfc: str, said: bytes, **also: Any) -> Answer:
    """An answer that no client may be given."""
    return Answer(name, rfc, said, BROKEN, **also)


def cut(name: str, rfc: str, said: bytes, **also: Any) -> Answer:
    """An answer that is not whole, or whose body breaks its framing."""
    return Answer(name, rfc, said, CUT, **also)


def as_said(said: bytes) -> dict[str, Any]:
    """Status, reason, end-to-end fields and body (by length) of the final answer in *said*."""
    head, _, body = said.decode("latin-1").partition("\r\n\r\n")
    while head[9:10] == "1":  # an interim answer
        head, _, body = body.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    _, status, reason = first.split(" ", 2)
    kept = tuple(one for one in lines if one.partition(":")[0].lower() not in NEVER_KEPT)
    chunked = len(kept) < len(lines) and "chunked" in head.lower()
    told: dict[str, Any] = {"status": int(status), "reason": reason, "fields": kept}
    return told if chunked else {**told, "body": body}
