"""A hundred users who play their exchanges, one after the other, while the router is disturbed."""

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from dev.chaos.rescue.clients import Client, Got, request_of, upload_of
from dev.chaos.rescue.judging import Answered, looked_at
from dev.chaos.rescue.scene import Scene
from dev.chaos.rescue.scripts import PRIMED, body_of, legacy_body
from dev.chaos.rescue.words import Leaves, Plan

RELOAD_S = 1.0
LOOK_S = 0.05
ROLLS = (0.1, 0.4, 0.7)
"""The shares of the exchanges after which all workers are replaced."""


@dataclass
class Played:
    """What came of it so far: what each client has, and which primers were not sound."""

    answered: dict[int, Answered] = field(default_factory=dict)
    primers: int = 0
    unsound: list[str] = field(default_factory=list)
    disturbed: Counter[str] = field(default_factory=Counter)
    lag_s: float = 0.0
    marks: dict[int, asyncio.Event] = field(default_factory=dict)

    def enter(self, number: int, answered: Answered) -> None:
        """Enter what the client of exchange *number* has."""
        self.answered[number] = answered
        if len(self.answered) in self.marks:
            self.marks[len(self.answered)].set()

    async def when(self, count: int) -> None:
        """Wait until so many are over."""
        if len(self.answered) < count:
            await self.marks.setdefault(count, asyncio.Event()).wait()


async def play(scene: Scene, plans: Sequence[Plan], played: Played) -> None:
    """Play *plans*, each user's in order and all users at once."""
    of_user: defaultdict[int, list[Plan]] = defaultdict(list)
    for plan in plans:
        of_user[plan.user].append(plan)
    async with asyncio.TaskGroup() as users:
        for user, own in of_user.items():
            users.create_task(one_user(scene, scene.client(user), own, played))


async def one_user(scene: Scene, client: Client, plans: Sequence[Plan], played: Played) -> None:
    """The exchanges of one user."""
    for plan in plans:
        if not plan.keeps:
            client.hang_up()
        if plan.cell.reused:
            await prime(scene, client, plan, played)
        got = await one_exchange(scene, client, plan)
        played.enter(plan.number, looked_at(plan, got))
    client.hang_up()


async def prime(scene: Scene, client: Client, plan: Plan, played: Played) -> None:
    """A sound exchange, which leaves a connection to the upstream."""
    request = request_of(plan, scene.tokens[plan.user], primer=True)
    got = await client.ask(request, b"", "GET")
    played.primers += 1
    right = (body_of("candidate", plan.number, PRIMED), legacy_body(plan))
    if not got.whole or got.status != 200 or bytes(got.body) not in right:
        played.unsound.append(f"{plan.primer}: {got.status} {got.error} {bytes(got.body[:60])!r}")


async def one_exchange(scene: Scene, client: Client, plan: Plan) -> Got:
    """One exchange, as its client has it."""
    request = request_of(plan, scene.tokens[plan.user])
    leaves = plan.cell.leaves
    if leaves is Leaves.NEVER:
        return await client.ask(request, upload_of(plan), plan.cell.method)
    fallback = leaves is Leaves.IN_FALLBACK
    ledger = scene.ledgers.legacy if fallback else scene.ledgers.candidate
    return await client.ask_and_leave(request, leaves, ledger.reached[plan.key])


@contextlib.asynccontextmanager
async def disturbed(scene: Scene, played: Played, count: int) -> AsyncIterator[asyncio.Task[None]]:
    """Reload the file again and again, and replace all workers now and then.

    What it gives ends with the last replacement.
    """
    rolling = asyncio.create_task(roll(scene, played, count))
    tasks = [
        rolling,
        asyncio.create_task(reload(scene, played.disturbed)),
        asyncio.create_task(watch(played)),
    ]
    try:
        yield rolling
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def reload(scene: Scene, done: Counter[str]) -> None:
    """Put another edition of the file in the place of the last."""
    while True:
        await asyncio.sleep(RELOAD_S)
        scene.edition += 1
        await asyncio.to_thread(scene.stack.write, scene.text())
        done["reloads"] += 1


async def roll(scene: Scene, played: Played, count: int) -> None:
    """Replace all workers, each time that many exchanges are over."""
    for share in ROLLS:
        await played.when(int(share * count))
        done = await asyncio.to_thread(scene.stack.strangler, "restart")
        played.disturbed["rolls" if done.returncode == 0 else "failed rolls"] += 1


async def watch(played: Played) -> None:
    """Note for how long this very process was kept from its work: far less than any limit."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LOOK_S
        await asyncio.sleep(LOOK_S)
        played.lag_s = max(played.lag_s, loop.time() - due)
