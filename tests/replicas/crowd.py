"""Clients of the balancer, who count: kept connections, each with one request after the other.

httpx sends nothing twice: what fails on a kept connection is seen, not repeated in silence.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import httpx

from tests.system.conftest import WOD

AT_ONCE = 8
USERS = [f"user-{number}@example.com" for number in range(60)]


@dataclass
class Seen:
    """What they saw: answers by kind, and for each user who served."""

    ended: Counter[str] = field(default_factory=Counter)
    served: dict[str, set[str]] = field(default_factory=dict)

    @property
    def answers(self) -> int:
        """How many requests ended, well or not."""
        return self.ended.total()


class Crowd:
    """The clients of *url*; *token* gives a user's."""

    def __init__(self, url: str, token: Callable[[str], str]) -> None:
        self._url = url
        self._headers = {user: {"Authorization": f"Bearer {token(user)}"} for user in USERS}

    @contextlib.asynccontextmanager
    async def asking(self, methods: Sequence[str] = ("GET",)) -> AsyncIterator[Seen]:
        """Ask all through the block, with *methods* in turn; a write is a write to the monolith."""
        seen, stop = Seen(), asyncio.Event()

        async def work(first: int) -> None:
            limits = httpx.Limits(max_connections=1)
            async with httpx.AsyncClient(
                base_url=self._url, timeout=20, trust_env=False, limits=limits
            ) as client:
                number = first
                while not stop.is_set():
                    await self._ask(client, USERS[number % len(USERS)], methods, number, seen)
                    number += AT_ONCE

        workers = [asyncio.create_task(work(first)) for first in range(AT_ONCE)]
        try:
            yield seen
        finally:
            stop.set()
            await asyncio.gather(*workers)

    async def _ask(
        self, client: httpx.AsyncClient, user: str, methods: Sequence[str], number: int, seen: Seen
    ) -> None:
        method = methods[number // AT_ONCE % len(methods)]
        path, body = (WOD, b"") if method == "GET" else ("/fitness/history", b"done")
        try:
            answer = await client.request(
                method, path, headers=self._headers[user], content=body or None
            )
        except httpx.HTTPError as error:
            seen.ended[f"{method}: {error!r}"] += 1
            return
        seen.ended[f"{method}: {answer.status_code}"] += 1
        if method == "GET":
            seen.served.setdefault(user, set()).add(answer.text)
