"""A run of the rescue: play, settle, compare."""

import argparse
import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev.chaos.rescue.judging import Difference, judged, observed, told_otherwise
from dev.chaos.rescue.leftovers import REST_S, Held, complaints, held, too_much
from dev.chaos.rescue.model import Result
from dev.chaos.rescue.planning import plan_of
from dev.chaos.rescue.playing import Played, disturbed, play
from dev.chaos.rescue.report import report, write
from dev.chaos.rescue.scene import Scene, until
from dev.chaos.rescue.words import Plan
from dev.soak.samples import Page

COUNT = 10_000
WORKERS = 4
ROLLED_SHARE = 0.6
"""Of the exchanges, those during which workers are replaced: what the others leave over, stays."""
REUSED_SHARE = 0.8
"""Of those that are to come on a connection used before: the rest met others who wanted it."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is over: what was played, and everything that was not as it has to be."""

    seed: int
    plans: Sequence[Plan]
    played: Played
    results: Mapping[int, Result]
    differences: Sequence[Difference]
    wrong: Sequence[str]
    before: Held
    after: Held
    seconds: float

    def fate(self, plan: Plan) -> str:
        """How an exchange ended that went as predicted."""
        return self.results[plan.number].fate

    @property
    def is_good(self) -> bool:
        """Whether all is as it has to be."""
        return not (self.differences or self.wrong)


def run(options: argparse.Namespace) -> int:
    """Play what the command line asks for; 1 where anything is not as predicted."""
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    count = COUNT if options.count is None else options.count
    numbers = range(count) if options.exchange is None else [options.exchange]
    print(f"rescue: {len(numbers)} exchanges, SEED={seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="strangler-chaos-") as folder:
        done = asyncio.run(ran(seed, numbers, Path(folder)))
    print(f"\n{report(done)}")
    if options.write is not None:
        write(options.write, done)
        print(f"written: {options.write}")
    return 0 if done.is_good else 1


async def ran(seed: int, numbers: Sequence[int], folder: Path, workers: int = WORKERS) -> Run:
    """Play exchanges *numbers* of *seed*, and compare everything with everything."""
    plans = [plan_of(seed, number) for number in numbers]
    scene, played = Scene(seed), Played()
    loop = asyncio.get_running_loop()
    async with scene.open(folder, workers):
        before = await asyncio.to_thread(held, scene)
        began = loop.time()
        before_last = int(len(plans) * ROLLED_SHARE)
        async with disturbed(scene, played, before_last) as rolling:
            await play(scene, plans[:before_last], played)
            await rolling
            await play(scene, plans[before_last:], played)
        seconds = loop.time() - began
        sent = len(plans) + played.primers
        await until(lambda: has_settled(scene, before, sent), REST_S)
        after = await asyncio.to_thread(held, scene)
        fates = Page(int(scene.stack.admin.rpartition(":")[2])).fates()
        await until(lambda: len(scene.told()) >= sent, REST_S)
        told = scene.told()
        wrong = [
            *played.unsound,
            *too_much(before, after),
            *complaints(scene.stack.log("router")),
            *accounts(scene, plans, played, fates, told),
        ]
    differences = [
        one
        for plan in plans
        if (one := judged(plan, played.answered[plan.number], scene.ledgers)) is not None
    ]
    results = {
        plan.number: observed(plan, played.answered[plan.number], scene.ledgers) for plan in plans
    }
    return Run(seed, plans, played, results, differences, wrong, before, after, seconds)


def has_settled(scene: Scene, before: Held, sent: int) -> bool:
    """Whether the router has told everything, and let everything go."""
    try:
        now = held(scene)
    except OSError:  # the machine is so busy that not even the admin port answers
        return False
    return (
        now.requests >= sent
        and not now.under_way
        and now.workers == before.workers
        and now.descriptors <= before.descriptors
        and now.tasks <= before.tasks
    )


def accounts(
    scene: Scene,
    plans: Sequence[Plan],
    played: Played,
    fates: Mapping[str, int],
    told: Mapping[str, Mapping[str, Any]],
) -> list[str]:
    """Where metrics and access log do not agree with what was sent."""
    wrong = []
    sent = len(plans) + played.primers
    if sum(fates.values()) != sent:
        wrong.append(f"{sent} exchanges, and fates of {sum(fates.values())} in /metrics")
    logged = Counter(one["fate"] for one in told.values())
    if logged != Counter(fates):
        wrong.append(f"the access log has {dict(logged)}, /metrics {dict(fates)}")
    spoiled = scene.ledgers.candidate.on_spoiled
    wrong += [f"{key} came on a connection with bytes of nobody's" for key in spoiled]
    by_key = {key: one["fate"] for key, one in told.items()}
    wrong += told_otherwise(by_key, scene.ledgers, plans)
    wanted = [plan for plan in plans if plan.cell.reused and plan.cell.lane == "coach"]
    had = [plan for plan in wanted if any(scene.ledgers.reused(plan.key))]
    if len(wanted) > 20 and len(had) < REUSED_SHARE * len(wanted):
        wrong.append(f"{len(had)} of {len(wanted)} came on a connection that had been used")
    if played.disturbed["failed rolls"]:
        wrong.append(f"{played.disturbed['failed rolls']} times the workers were not replaced")
    return wrong
