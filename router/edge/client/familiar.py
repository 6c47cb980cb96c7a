"""Heads that came before: what was read once is not read again.

The users of one program send the same head, letter for letter, but for the token in it. So a head
is known by its bytes without the token, which is kept nowhere here.
"""

from typing import Final

from router.core.credentials import tells_more, without_token
from router.core.forwarding import of_the_way
from router.core.headers import Sorted, parted
from router.core.model import Limits
from router.core.sightings import Sightings
from router.edge.client.heads import HeadReader, Message, block_of

MOST: Final = 512
LONGEST: Final = 2048
"""Heads that are remembered, and bytes that each may have; a token may have as many."""


class Familiar:
    """Reads heads, and remembers what was read in those that came twice.

    What is remembered is emptied when full: whoever sends many makes it slower, not larger.
    """

    def __init__(self, reader: HeadReader, limits: Limits) -> None:
        self.reader = reader
        self._sightings = Sightings()
        self._known: dict[bytes, Message] = {}
        self._longest_token = min(LONGEST, limits.field // 2, limits.head // 4)
        self._longest = min(LONGEST, limits.head // 4)

    def known(self, raw: bytes) -> Message | None:
        """The message whose head *raw* is, if it came before."""
        rest, token = without_token(raw)
        known = self._known.get(rest)
        if known is None or len(token) > self._longest_token:
            return None
        return known.again(raw, token)

    def read(self, raw: bytes) -> Message:
        """The message whose head is *raw*, empty line included; raises `BadRequest`."""
        return self.known(raw) or self.read_anew(raw)

    def read_anew(self, raw: bytes) -> Message:
        """The message whose head is *raw*, which is not known; raises `BadRequest`."""
        message = self.reader.read(raw)
        rest, _ = without_token(raw)
        if self._sightings.again(rest):
            self._learn(rest, message)
        return message

    def _learn(self, rest: bytes, message: Message) -> None:
        """Remember what was read in *rest*, unless it tells a secret, or is of one request."""
        head, block = message.head, block_of(rest)
        if not isinstance(head, Sorted) or head.request_id or head.traceparent:
            return
        if len(rest) > self._longest or tells_more(block):
            return
        head = parted(block, message.version)
        if not isinstance(head, Sorted):
            return
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[rest] = Message(
            message.method,
            message.target,
            message.version,
            of_the_way(message.pairs),
            rest,
            message.has_body,
            message.stays,
            head,
        )
