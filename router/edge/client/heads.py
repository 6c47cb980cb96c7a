"""The heads of requests: bytes up to the empty line, judged by aiohttp's parser.

Everything that touches that parser is in this file. It gets one whole head at a time, so in how
many pieces the bytes came makes no difference. Beside it the lines are kept as they stand, since
what is matched is byte for byte what is forwarded.
"""

import asyncio
import re
from typing import Any, Final

from router.core.credentials import bearer
from router.core.fields import NAME, Pair
from router.core.headers import Sorted, sort_out
from router.core.model import Limits
from router.core.problems import Problem, bad_request
from router.edge import piecemeal

piecemeal.put_in_place()
from aiohttp import http_exceptions, http_parser  # noqa: E402 - not before it is in place
from aiohttp.base_protocol import BaseProtocol  # noqa: E402
from aiohttp.streams import EMPTY_PAYLOAD  # noqa: E402

END: Final = b"\r\n\r\n"
AROUND_TARGET: Final = len("  HTTP/1.1")
MOST_AROUND_TARGET: Final = 64
"""Bytes of a request line beside its target: a method, a version, two blanks."""

SERVED: Final = frozenset({b"1.0", b"1.1"})
LINE: Final = re.compile(NAME + rb" [^ ]+ HTTP/([0-9]\.[0-9])")
UNFINISHED_LINE: Final = re.compile(NAME + rb"(?: [\x21-\xff]*(?: [HTP/0-9.]*\r?)?)?")
BARE: Final = re.compile(rb"(?<!\r)\n|\r[^\n]")
"""Half a line end (RFC 9112 2.2)."""


NOT_HTTP: Final = bad_request("The request is not well-formed HTTP/1.1.")
LINE_TOO_LONG: Final = Problem(
    414, "target-too-long", "The request target is too long.", close=True
)
HEAD_TOO_LARGE: Final = Problem(
    431, "head-too-large", "The request's head is too large.", close=True
)
UNKNOWN_METHOD: Final = Problem(501, "method-unknown", "The method is not known here.", close=True)
OTHER_VERSION: Final = Problem(505, "version", "Only HTTP/1.1 and HTTP/1.0 are served.", close=True)


class PureParser(Exception):
    """aiohttp's C parser is not there; its pure-Python one is not strict enough for a door."""


def require_c_parser() -> None:
    """Refuse to serve on aiohttp's pure-Python parser, which lets ambiguous framing pass."""
    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        raise PureParser(
            "aiohttp was installed without its C parser; install a wheel for this platform, or"
            " unset AIOHTTP_NO_EXTENSIONS"
        )


class BadRequest(Exception):
    """Bytes that are no request: `problem` is the answer, and the connection's last."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class Message:
    """The head of one request.

    `raw` is all of it as it came, `pairs` its fields as the parser read them, `head` what the rules
    make of them, and `token` what the client shows for itself. `stays` says whether it keeps its
    connection for a further request.
    """

    __slots__ = (
        "has_body",
        "head",
        "method",
        "pairs",
        "raw",
        "stays",
        "target",
        "token",
        "version",
    )

    def __init__(
        self,
        method: str,
        target: str,
        version: tuple[int, int],
        pairs: tuple[Pair, ...],
        raw: bytes,
        has_body: bool,
        stays: bool,
        head: Sorted | Problem,
        token: bytes | None = None,
    ) -> None:
        self.method = method
        self.target = target
        self.version = version
        self.pairs = pairs
        self.raw = raw
        self.has_body = has_body
        self.stays = stays
        self.head = head
        self.token = token

    @property
    def block(self) -> bytes:
        """The lines of its fields as they stand, the line end before each."""
        return block_of(self.raw)

    def again(self, raw: bytes, token: bytes) -> "Message":
        """The same head once more, with *token* in it: *raw* is all of it."""
        return Message(
            self.method,
            self.target,
            self.version,
            self.pairs,
            raw,
            self.has_body,
            self.stays,
            self.head,
            token or None,
        )


UNREAD: Final = Message("", "", (1, 1), (), b"", has_body=True, stays=False, head=NOT_HTTP)
"""What stands for a request that could not be read; nobody knows what follows it."""


class HeadReader:
    """Reads whole heads; one serves every connection, since between heads it holds nothing."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limits: Limits) -> None:
        require_c_parser()
        self._loop = loop
        self._limits = limits
        self._protocol = BaseProtocol(loop)
        self._parser: Any = None  # the C parser's types are not those that aiohttp declares

    def read(self, raw: bytes) -> Message:
        """The message whose head is *raw*, empty line included; raises `BadRequest`."""
        if len(raw) > self._limits.head:
            raise BadRequest(self._too_large(raw))
        parser, self._parser = self._parser or self._new_parser(), None
        try:
            read = parser.feed_data(raw)
        except http_exceptions.HttpProcessingError as error:
            raise BadRequest(self._problem_of(error, raw)) from None
        messages, upgraded = read[0], read[1]
        if len(messages) != 1:
            raise BadRequest(problem_of_line(raw))
        message, payload = messages[0]
        end = raw.find(b"\r\n")
        block, pairs = raw[end:-4], message.raw_headers
        many = block.count(b"\r\n")
        target = message.path or ""  # the parser has none for a bare `CONNECT `
        if many != len(pairs) or not is_line(raw[:end], message.method, target):
            raise BadRequest(problem_of_line(raw))  # the parser and we do not read the same
        has_body, stays = payload is not EMPTY_PAYLOAD, not message.should_close
        if stays and not (has_body or upgraded):
            self._parser = parser  # it is as new; otherwise it waits for more of this message
        head = sort_out(block, version=message.version)
        token = token_of(head) if isinstance(head, Sorted) else None
        return Message(
            message.method, target, message.version, pairs, raw, has_body, stays, head, token
        )

    def check_part(self, part: bytes, *, since: int) -> None:
        """Raise `BadRequest` where *part* cannot become a head any more.

        What is before *since* has been looked at already.
        """
        if len(part) > self._limits.head:
            raise BadRequest(self._too_large(part))
        end = part.find(b"\r\n")
        if BARE.search(part, max(0, since - 1)) is not None:
            raise BadRequest(problem_of_line(part))
        if end < 0 or end >= since:
            self._check_line(part if end < 0 else part[:end], LINE if end >= 0 else UNFINISHED_LINE)

    def _check_line(self, line: bytes, pattern: re.Pattern[bytes]) -> None:
        if len(line) > self._limits.line + MOST_AROUND_TARGET:
            raise BadRequest(LINE_TOO_LONG)
        if pattern.fullmatch(line) is None:
            raise BadRequest(problem_of_line(line))

    def _new_parser(self) -> Any:
        limits = self._limits
        return http_parser.HttpRequestParser(
            self._protocol,
            self._loop,
            limits.buffer,
            max_line_size=limits.line,
            max_field_size=limits.field,
            max_headers=limits.fields,
            auto_decompress=False,
        )

    def _problem_of(self, error: http_exceptions.HttpProcessingError, raw: bytes) -> Problem:
        if isinstance(error, http_exceptions.LineTooLong) or "Too many" in error.message:
            return self._too_large(raw)
        problem = problem_of_line(raw)
        unknown = problem is NOT_HTTP and isinstance(error, http_exceptions.BadHttpMethod)
        return UNKNOWN_METHOD if unknown and is_request_line(raw) else problem

    def _too_large(self, raw: bytes) -> Problem:
        end = raw.find(b"\r\n")
        too_long = end < 0 or end > self._limits.line
        return LINE_TOO_LONG if too_long else HEAD_TOO_LARGE


def block_of(raw: bytes) -> bytes:
    """The lines behind the request line of the head *raw*, the line end before each."""
    return raw[raw.find(b"\r\n") : -len(END)]


def token_of(head: Sorted) -> bytes | None:
    """What the client shows for itself, if it is one bearer token."""
    return bearer(head.authorization) if head.authorization is not None else None


def is_line(line: bytes, method: str, target: str) -> bool:
    """Whether the request line is no more than what the parser read in it, and two blanks."""
    return (
        len(line) == len(method) + len(target) + AROUND_TARGET
        and line.count(b" ") == 2
        and line[-9:-1] == b" HTTP/1."
    )


def is_request_line(raw: bytes) -> bool:
    """Whether the first line has the form of a request line, whatever its method."""
    return LINE.fullmatch(raw.partition(b"\r\n")[0]) is not None


def problem_of_line(raw: bytes) -> Problem:
    """What a client is told whose head is refused, as its request line has it."""
    found = LINE.fullmatch(raw.partition(b"\r\n")[0])
    return OTHER_VERSION if found is not None and found[1] not in SERVED else NOT_HTTP
