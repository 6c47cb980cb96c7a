"""What supervisor and worker say to each other arrives whole, or not at all."""

import asyncio
import socket

import pytest

from router.edge.channel import Channel

Ends = tuple[Channel, Channel]


async def ends() -> Ends:
    """Both ends of a channel."""
    one, other = socket.socketpair()
    return await Channel.over(one), await Channel.over(other)


async def test_messages_arrive_in_order_whatever_their_size() -> None:
    """An empty one, and one that no buffer holds."""
    ours, theirs = await ends()
    messages = [{}, {"told": "x" * 1_000_000}, {"told": "ü\udce4"}]
    for message in messages:
        ours.send(message)
    assert [await theirs.receive() for _ in messages] == messages
    assert ours.is_read
    await ours.close()
    assert await theirs.receive() is None
    await theirs.close()


async def test_what_was_sent_before_the_end_is_heard() -> None:
    """A worker's last figures are those of its last exchange."""
    ours, theirs = await ends()
    ours.send({"told": "x" * 100_000})
    closing = asyncio.create_task(ours.close())
    assert await theirs.receive() == {"told": "x" * 100_000}
    assert await theirs.receive() is None
    await closing
    await theirs.close()


@pytest.mark.parametrize("cut", [2, 6])
async def test_a_message_that_breaks_off_is_none(cut: int) -> None:
    """A worker may be killed while it speaks."""
    raw, other = socket.socketpair()
    theirs = await Channel.over(other)
    raw.sendall((b"\0\0\0\x0a" + b'{"a": "b"}')[:cut])
    raw.close()
    assert await theirs.receive() is None
    await theirs.close()


async def test_what_cannot_be_read_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever another version says: what comes behind it is heard, and the end as well."""
    raw, other = socket.socketpair()
    theirs, heard = await Channel.over(other), list[object]()

    def hear(message: dict[str, object]) -> None:
        heard.append(message["told"])

    for text in (b"{", b"[]", b"7", b"\xff", b'{"else": 1}', b'{"told": 1}', b"", b'{"told": 2}'):
        raw.sendall(len(text).to_bytes(4, "big") + text)
    raw.close()
    await theirs.listen(hear)
    assert heard == [1, 2]
    assert [line.levelname for line in caplog.records] == ["WARNING"]
    await theirs.close()


async def test_to_speak_to_who_has_gone_is_no_error() -> None:
    """Whoever waits for its end will notice."""
    ours, theirs = await ends()
    await theirs.close()
    assert await ours.receive() is None
    ours.send({"do": "drain"})
    await ours.close()


async def test_who_leaves_stays_until_all_was_heard() -> None:
    """A question that crosses its last words must reach a socket that is still there.

    Else it fails, and what the asker has not read yet is thrown away with the connection: the last
    second of what a worker counted.
    """
    raw, other = socket.socketpair()
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    ours = await Channel.over(other)
    ours.send({"told": "totals"})
    leaving = asyncio.create_task(ours.finish())
    said = b""
    async with asyncio.timeout(5):
        while piece := await loop.sock_recv(raw, 4096):
            said += piece
    assert said.endswith(b'{"told":"totals"}')
    await loop.sock_sendall(raw, b"a question")
    assert not leaving.done()
    raw.close()
    await leaving


async def test_who_leaves_waits_for_a_silent_other_end_in_bounds() -> None:
    """A supervisor that hangs keeps no worker."""
    ours, theirs = await ends()
    await ours.finish(within_s=0.05)
    await theirs.close()
