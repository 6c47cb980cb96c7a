"""A whole answer for somebody who is no client: read to its end, or given up."""

import asyncio

from router.core.comparing.reading import Answer
from router.core.outcome import Phase
from router.edge.upstream.attempt import Attempt, Wanted
from router.edge.upstream.pool import Pool


async def whole_answer(pool: Pool, wanted: Wanted, most: int) -> Answer | None:
    """The answer, of which no more than a piece past *most* bytes is read; None if none came whole.

    As an exchange does, a kept connection that was just being closed is followed by a fresh one.
    """
    reading = Reading(pool, wanted, most)
    try:
        answer = await reading.ended
    finally:
        reading.close()
    outcome = reading.attempt.outcome
    if answer is None and outcome is not None and outcome.is_stale and not wanted.fresh:
        again = Wanted(wanted.upstream, wanted.method, wanted.head, wanted.due, fresh=True)
        return await whole_answer(pool, again, most)
    return answer


class Reading:
    """An attempt whose answer is kept: `ended` is it, or None."""

    def __init__(self, pool: Pool, wanted: Wanted, most: int) -> None:
        self.ended: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self.attempt = Attempt(wanted, pool, None, self._settled, pass_over)
        self._most = most
        self._body = bytearray()
        self.attempt.start()

    def close(self) -> None:
        """Let go of the connection."""
        self.ended.cancel()
        self.attempt.close()

    def _settled(self, attempt: Attempt) -> None:
        """The head is here, or what prevents it."""
        connection, outcome = attempt.connection, attempt.outcome
        if connection is None or outcome is None or outcome.phase is not Phase.ANSWER:
            self._end(None)
        else:
            connection.on_change = self._more
            self._more()

    def _more(self) -> None:
        """More of the body is here, or its end, or what prevents that."""
        connection = self.attempt.connection
        if connection is None or connection.head is None or connection.fault is not None:
            self._end(None)
            return
        self._body += connection.take()
        if connection.complete or len(self._body) > self._most:
            head = connection.head
            self._end(Answer(head.status, head.block, bytes(self._body)))

    def _end(self, answer: Answer | None) -> None:
        if not self.ended.done():
            self.ended.set_result(answer)


def pass_over(_: object) -> None:
    """An interim answer is nobody's here."""
