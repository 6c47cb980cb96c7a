"""Heads that came before: nothing is read otherwise than the first time, and no secret is kept."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.headers import Sorted
from router.core.model import Limits
from router.core.onward import forwarded, of_this_hop, upstream_head
from router.core.targets import Target
from router.edge.client.familiar import LONGEST, MOST, Familiar
from router.edge.client.heads import BadRequest, HeadReader, Message
from router.edge.client.unread import Unread
from tests.edge.requests import bearer

HEAD = b"GET /fitness/wod HTTP/1.1\r\nHost: fit.example\r\n%b\r\n"
WITH = b"Authorization: Bearer %b\r\n"
LETTERS = "ABCxyz019-._~+/="


@pytest.fixture(name="loop", scope="module")
def fixture_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that never runs: the parser wants one."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(name="heads")
def fixture_heads(loop: asyncio.AbstractEventLoop) -> Familiar:
    """What knows no head yet."""
    return made(loop)


def made(loop: asyncio.AbstractEventLoop, limits: Limits | None = None) -> Familiar:
    """What knows no head yet, under *limits*."""
    limits = limits or Limits()
    return Familiar(HeadReader(loop, limits), limits)


def told(message: Message) -> tuple[object, ...]:
    """All that the router goes by, and what it would send on."""
    head = message.head
    assert isinstance(head, Sorted)
    facts = [getattr(head, name) for name in FACTS]
    target = Target(message.target, message.target)
    sent = upstream_head(
        message.raw, message.method, target, head, (b"X: 1\r\n",), token=message.token
    )
    assert sent == in_parts(message, target, head), "as it came, and put together, are the same"
    line = (message.method, message.target, message.version, message.has_body, message.stays)
    return (*line, message.token, message.block, sent, *facts)


def learned(heads: Familiar, raw: bytes) -> None:
    """Have *raw* known."""
    for _ in range(2):
        heads.read(raw)
    assert heads.known(raw) is not None


def in_parts(message: Message, target: Target, head: Sorted) -> bytes:
    """What is sent, put together line by line whether that is needed or not."""
    lines = forwarded(message.method, target, head, message.token)
    return lines + b"X: 1\r\n" + of_this_hop(head, upgrade=False) + b"\r\n"


FACTS = (
    *("whole", "host", "content_length", "chunked", "expects_continue", "request_id"),
    *("traceparent", "upgrade", "trailers", "max_forwards", "named", "refusal"),
)
"""What is told by a head; its lines are kept otherwise without the token, and sent on the same."""


def remembered(heads: Familiar) -> bytes:
    """Everything that is kept, as bytes."""
    known = heads._known
    return b"".join(
        part
        for rest, message in known.items()
        for part in (rest, message.raw, repr(message.pairs).encode(), *texts(message))
    )


def texts(message: Message) -> Iterator[bytes]:
    """The bytes within a message that is kept."""
    assert isinstance(message.head, Sorted)
    lines = ("authorization", "forward", "behind")
    values = (getattr(message.head, name) for name in (*lines, *FACTS))
    yield message.token or b""
    yield from (value for value in values if isinstance(value, bytes))


@pytest.mark.parametrize(
    "lines",
    [
        b"",
        WITH % b"abc.def.ghi",
        b"Accept: a\r\n" + WITH % b"abc" + b"Accept: b\r\n",
        b"Connection: keep-alive\r\n" + WITH % b"abc" + b"X-User-Id: root\r\nTE: trailers\r\n",
        WITH % b"abc" + b"Content-Length: 3\r\n",
        WITH % b"abc" + b"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n",
        b"authorization: Bearer abc\r\nConnection: close, X-Odd\r\nX-Odd: 1\r\n",
        b"AUTHORIZATION: Bearer abc\r\n",
        b"Authorization: bearer abc\r\n",
        b"Authorization: Bearer  abc\r\n",
        b"Authorization: Bearer\r\n",
        b"Authorization: Bearer \r\n",
        b"Authorization: Basic abc\r\n",
        b"Cookie: a=b\r\n" + WITH % b"abc",
        b"X-Request-ID: 7\r\n" + WITH % b"abc",
        b"Upgrade: websocket\r\nConnection: Upgrade\r\n" + WITH % b"abc",
    ],
)
def test_a_head_is_read_the_second_time_as_the_first(
    heads: Familiar, loop: asyncio.AbstractEventLoop, lines: bytes
) -> None:
    """Whatever stands in it, and with another token too."""
    other = lines.replace(b"abc", b"other.token-of~somebody/else=")
    for raw in (HEAD % lines, HEAD % lines, HEAD % lines, HEAD % other, HEAD % lines):
        assert told(heads.read(raw)) == told(made(loop).read(raw))


@given(
    st.lists(
        st.sampled_from(
            [b"Accept: a", b"Connection: te", b"TE: trailers", b"X-A:  b ", b"Content-Length: 1",
             b"x_user_id: root", b"Cookie: s=1", b"Via: 1.1 a", b"Max-Forwards: 3",
             b"Authorization: Bearer ", b"authorization: Bearer ", b"Authorization: Bearer"]
        ),
        max_size=5,
    ),
    st.lists(st.text(LETTERS, max_size=8).map(str.encode), min_size=2, max_size=3),
)  # fmt: skip
def test_what_came_before_never_changes_what_is_read(
    lines: list[bytes], tokens: list[bytes]
) -> None:
    """One memory for all of them, against a reader that remembers nothing."""
    for token in tokens:
        spelled = [line + token if line.endswith(b"Bearer ") else line for line in lines]
        raw = HEAD % b"".join(line + b"\r\n" for line in spelled)
        assert outcome(KNOWING, raw) == outcome(made(LOOP), raw)


LOOP = asyncio.new_event_loop()
KNOWING = made(LOOP)


def outcome(heads: Familiar, raw: bytes) -> object:
    """What comes of *raw*, be it a refusal."""
    try:
        message = heads.read(raw)
    except BadRequest as bad:
        return bad.problem
    return told(message) if isinstance(message.head, Sorted) else message.head


@pytest.mark.parametrize("odd", [b"a\nX-User-Id: root", b"a\rb", b"a\0b", b"a b", b"a,b", b"\xe9"])
def test_a_token_of_other_letters_is_read_in_full(
    heads: Familiar, loop: asyncio.AbstractEventLoop, odd: bytes
) -> None:
    """A line end in it would be a field that nobody has looked at."""
    learned(heads, HEAD % (WITH % b"abc"))
    raw = HEAD % (WITH % odd)
    assert outcome(heads, raw) == outcome(made(loop), raw)


def test_a_second_token_is_refused_though_the_rest_is_known(heads: Familiar) -> None:
    """We would judge the one, and the upstream the other."""
    learned(heads, HEAD % (WITH % b"abc"))
    for lines in ((WITH % b"abc") * 2, WITH % b"abc" + b"authorization: Bearer abc\r\n"):
        for _ in range(2):
            assert not isinstance(heads.read(HEAD % lines).head, Sorted)


def test_a_known_head_does_not_let_a_longer_token_pass(loop: asyncio.AbstractEventLoop) -> None:
    """The limit on a field holds for every request."""
    heads = made(loop, Limits(field=256, line=256))
    learned(heads, HEAD % (WITH % b"abc"))
    assert heads.read(HEAD % (WITH % (200 * b"a"))).token == 200 * b"a"
    with pytest.raises(BadRequest):
        heads.read(HEAD % (WITH % (300 * b"a")))


def test_no_token_and_no_other_secret_is_kept(heads: Familiar) -> None:
    """Neither in the key, nor in what is found by it."""
    private = (b"Cookie: s=s3cret", b"Authorization: Basic s3cret", b"Cookie : s3cret")
    for _ in range(3):
        heads.read(HEAD % (WITH % b"s3cret-token"))
        for line in private:
            outcome(heads, HEAD % (line + b"\r\n"))
            outcome(heads, HEAD % (line + b"\r\n" + WITH % b"s3cret"))
        heads.read(HEAD % b"authorization: bearer s3cret\r\nProxy-Authorization: s3cret\r\n")
    assert b"fit.example" in remembered(heads)
    assert b"s3cret" not in remembered(heads)


def test_what_is_kept_is_bounded(heads: Familiar) -> None:
    """In number and in size."""
    for number in range(3 * MOST):
        raw = HEAD % (b"X-Number: %d\r\n" % number)
        heads.read(raw)
        assert heads.known(raw) is None  # it came but once
        heads.read(raw)
        assert heads.known(raw) is not None
        assert len(heads._known) <= MOST
    kept = len(remembered(heads))
    for _ in range(3):
        heads.read(HEAD % (b"X-Long: %b\r\n" % (LONGEST * b"a")))
        heads.read(HEAD % b"X-Request-ID: of-one-request\r\n")
    assert len(remembered(heads)) == kept


@pytest.mark.parametrize("behind", [b"", b"GET / HTTP/1.1\r\n\r\n", b"body\r\n\r\n"])
def test_a_known_head_takes_no_byte_of_what_follows(heads: Familiar, behind: bytes) -> None:
    """Bytes that end as a head does may be more than one."""
    raw = HEAD % f"{bearer()}\r\n".encode()
    learned(heads, raw)
    for _ in range(2):
        unread = Unread()
        unread.add(raw + behind)
        message = unread.head(heads)
        assert message is not None
        assert message.raw == raw
        assert unread.take() == behind
