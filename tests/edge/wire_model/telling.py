"""What a peer makes of the bytes that it got, whole or broken off, by RFC 9112 alone."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from tests.differential.reading import Message, read_answer, read_request
from tests.edge.wire_model.loops import Loop
from tests.edge.wire_model.transports import Transport

T = TypeVar("T")


def answers_in(loop: Loop, data: bytes, methods: list[bytes]) -> list[list[Message]]:
    """The answers in *data* that are whole, each behind its interim ones."""
    reader = asyncio.StreamReader(loop=loop)
    reader.feed_data(data)
    reader.feed_eof()
    found = []
    for method in methods:
        try:
            found.append(at_once(read_answer(method, reader)))
        except asyncio.IncompleteReadError:
            break
    return found


def requests_in(loop: Loop, data: bytes) -> list[Message]:
    """The requests in *data* that are whole."""
    reader = asyncio.StreamReader(loop=loop)
    reader.feed_data(data)
    reader.feed_eof()
    found = []
    while not reader.at_eof():
        try:
            head = at_once(reader.readuntil(b"\r\n\r\n"))
            found.append(at_once(read_request(head, reader)))
        except asyncio.IncompleteReadError:
            break
    return found


def whole_answers(loop: Loop, client: Transport, methods: list[bytes]) -> list[list[Message]]:
    """The answers that *client* takes for whole: one that only the end ends is none after RST."""
    found = answers_in(loop, bytes(client.written), methods)
    if found and found[-1][-1].framing == "end" and (client.aborted or not client.lost):
        return found[:-1]
    return found


def at_once(reading: Coroutine[Any, Any, T]) -> T:
    """What *reading* gives, which need not wait."""
    try:
        reading.send(None)
    except StopIteration as stop:
        value: T = stop.value
        return value
    raise AssertionError("it waits")
