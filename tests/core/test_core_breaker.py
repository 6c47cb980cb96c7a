"""What the breaker and the budget are made of: tables, properties, seeded simulation."""

from random import Random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from router.core.breaker import FIRST_SLICE, NEXT, PROVED, Breaker, Event, State
from router.core.budget import Budget
from router.core.evidence import ENOUGH, LEAST, MULTIPLES, Evidence
from router.core.model import BreakerRules, BudgetRules
from router.core.suspects import MOST, Suspects

RULES = BreakerRules()
TOLERATED = 0.01


def opens_after(outcomes: list[bool], every_s: float = 1.0) -> int | None:
    """How many outcomes it takes; True is a failure."""
    evidence = Evidence(TOLERATED)
    for number, failed in enumerate(outcomes, 1):
        if failed and evidence.failed(number * every_s):
            return number
        if not failed:
            evidence.succeeded(number * every_s)
    return None


@pytest.mark.parametrize("before", [0, 1, 1_000_000])
def test_four_failures_in_a_row_are_enough(before: int) -> None:
    """At any volume, however good it was before: three are not."""
    evidence = Evidence(TOLERATED)
    evidence.succeeded(0.0, before)
    said = [evidence.failed(60.0 * number) for number in range(1, 5)]
    assert said == [False, False, False, True]


@given(st.lists(st.booleans(), max_size=60))
def test_many_successes_are_as_that_many_single_ones(outcomes: list[bool]) -> None:
    """R in closed form is R ← (1 + R) · LR, outcome after outcome."""
    weights = [0.0] * len(MULTIPLES)
    evidence = Evidence(TOLERATED)
    for number, failed in enumerate(outcomes):
        for place, multiple in enumerate(MULTIPLES):
            share = multiple * TOLERATED
            ratio = share / TOLERATED if failed else (1 - share) / (1 - TOLERATED)
            weights[place] = min((1 + weights[place]) * ratio, 1e12)
        if failed:
            evidence.failed(float(number))
            assert evidence.weight == pytest.approx(sum(weights) / len(weights), rel=1e-9)
        else:
            evidence.succeeded(float(number))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40)), min_size=1, max_size=200))
def test_the_last_outcomes_are_those_of_a_second_or_twenty(
    steps: list[tuple[bool, int]],
) -> None:
    """Steps of 50 ms: within what a step of the window leaves open, the share is that of a list."""
    evidence, seen, now = Evidence(TOLERATED), list[tuple[float, bool]](), 100.0
    for failed, wait in steps:
        now += wait * 0.05
        seen.append((now, failed))
        if not failed:
            evidence.succeeded(now)
            continue
        evidence.failed(now)
        share = evidence._recent_share(now)
        windows = [[bad for at, bad in seen if at > now - width] for width in WIDTHS]
        last = [bad for _, bad in seen[-LEAST:]]
        asked = [window if len(window) >= LEAST else last for window in windows]
        shares = [sum(window) / len(window) for window in asked]
        assert any(share == pytest.approx(one) for one in shares)


WIDTHS = [0.951 + 0.0125 * n for n in range(20)]


def test_too_few_of_late_are_not_enough() -> None:
    """However much there is against it from before."""
    evidence = Evidence(TOLERATED)
    for number in range(30):
        evidence.failed(number * 0.01)
    evidence.succeeded(5.0, 30)
    assert evidence.weight >= ENOUGH
    evidence.succeeded(9.9, 25)
    assert not evidence.failed(10.0)  # one of 26 in the last second
    assert evidence.failed(10.01)  # two of 27


MEDIANS = [(0.3, 17, 2_000), (0.1, 81, 1_000), (0.05, 261, 400)]
"""By the formula. With this many runs the median is known to a few per cent."""


@pytest.mark.parametrize(("share", "expected", "runs"), MEDIANS)
def test_how_long_it_takes(share: float, expected: int, runs: int) -> None:
    """The figures of the ADR, simulated."""
    chance = Random(7)
    taken = [
        opens_after([chance.random() < share for _ in range(5_000)]) or 5_000 for _ in range(runs)
    ]
    assert median(taken) == pytest.approx(expected, rel=0.1)


def test_a_tolerated_share_is_tolerated_at_a_thousand_a_second() -> None:
    """Half a per cent for an hour: 3,600,000 outcomes, successes between failures at once."""
    chance, evidence, count = Random(5), Evidence(TOLERATED), 0
    while count < 3_600_000:
        good = int(chance.expovariate(0.005))
        for _ in range(good // 50):  # as relayed, and never more than 50 ms at once
            count += 50
            evidence.succeeded(count / 1_000, 50)
        count += good % 50 + 1
        evidence.succeeded(count / 1_000, good % 50)
        assert not evidence.failed(count / 1_000)


def test_a_unit_is_one_failure_until_a_minute_and_enough_others_have_passed() -> None:
    """Both, for at low volume a minute is few outcomes."""
    suspects = Suspects(200)
    table = [(0.0, 0, True), (59.0, 900, False), (60.0, 199, False), (60.0, 200, True)]
    assert [suspects.is_new(7, now, count) for now, count, _ in table] == [new for *_, new in table]
    assert not suspects.is_new(7, 119.0, 900)
    assert suspects.is_new(8, 119.0, 900)


def test_few_suspects_are_remembered() -> None:
    """The one that failed longest ago is forgotten first."""
    suspects = Suspects(200)
    for unit in range(MOST + 1):
        assert suspects.is_new(unit, 0.0, 0)
    assert len(suspects) == MOST
    assert not suspects.is_new(1, 0.0, 0)
    assert suspects.is_new(0, 0.0, 0)


# The breaker.


def tripped(now: float = 0.0, at_once: int = 2) -> Breaker:
    """One that has just opened, for five seconds."""
    breaker = Breaker(RULES, at_once)
    breaker.trip(now, 0.0)
    return breaker


def test_the_open_time_doubles_up_to_the_longest() -> None:
    """While probes fail; and chance only shortens it."""
    breaker, now, times = tripped(), 0.0, list[float]()
    for _ in range(4):
        times.append(breaker.left_s(now))
        now += breaker.left_s(now)
        assert breaker.may_probe(now, 0.0)
        breaker.refuted(now, now, 0.0)
    assert times == [5.0, 10.0, 15.0, 15.0]
    assert breaker.may_probe(now + 15.0, 0.0)
    breaker.refuted(now + 15.0, now + 15.0, 1.0)
    assert breaker.left_s(now + 15.0) == 12.0


@pytest.mark.parametrize(("closed_s", "expected"), [(299.0, 10.0), (300.0, 5.0)])
def test_it_is_as_good_as_new_after_five_minutes(closed_s: float, expected: float) -> None:
    """Until then a half-broken upstream would flap."""
    breaker = tripped()
    for _ in range(PROVED):
        assert breaker.may_probe(6.0, 0.0)
        breaker.proved(6.0, 6.0)
        breaker.probe_ended(6.0)
    assert breaker.is_closed
    breaker.trip(6.0 + closed_s, 0.0)
    assert breaker.left_s(6.0 + closed_s) == expected


def test_probes_are_few_and_of_the_lowest_buckets() -> None:
    """A slice that doubles with each open time that brings no probe; one that ends makes room."""
    breaker = tripped()
    assert not breaker.may_probe(4.9, 0.0)
    assert not breaker.may_probe(5.0, FIRST_SLICE)
    assert [breaker.slice_at(at) for at in (5.0, 10.0, 15.0, 20.0, 99.0)] == [
        0.125, 0.25, 0.5, 1.0, 1.0,
    ]  # fmt: skip
    assert [breaker.may_probe(10.0, depth) for depth in (0.3, 0.2, 0.1, 0.0)] == [
        False, True, True, False,
    ]  # fmt: skip
    breaker.probe_ended(10.0)
    assert breaker.may_probe(10.1, 0.0)


def test_a_slice_does_not_shrink_with_its_probes() -> None:
    """Who is deep in the cohort and alone can close it, once it has got that far."""
    breaker = tripped()
    for second in (19.9, 20.0, 20.5, 25.1, 25.2, 25.3):
        assert breaker.may_probe(second, 0.9) is (second >= 20.0)
        if second >= 20.0:
            breaker.probe_ended(second)
            breaker.proved(second, second)
    assert breaker.is_closed
    breaker = tripped()
    breaker.proved(4.5, 4.0)
    assert breaker.slice_at(4.6) == FIRST_SLICE


def test_other_processes_probes_count() -> None:
    """Also where this one still waits, for less chance shortened its open time."""
    breaker = tripped()
    for number in range(PROVED):
        breaker.proved(4.5, 4.0 + number / 10)
    assert breaker.is_closed
    breaker = tripped()
    breaker.refuted(4.5, 4.0, 0.0)
    assert breaker.state is State.OPEN
    assert breaker.left_s(4.5) == 10.0


A_MOMENT = 1e-6
"""No transition is at the very time at which probes from before it began."""


class BreakerMachine(RuleBasedStateMachine):
    """Whatever happens, only what is in the table, and never more probes than may be."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.breaker = Breaker(RULES, 3)
        self.probes: list[float] = []
        self.before = self.breaker.state

    @rule(seconds=st.sampled_from([0.0, 0.1, 5.0, 20.0, 400.0]))
    def wait(self, seconds: float) -> None:
        """Time passes; that alone changes nothing."""
        self.now += seconds

    @rule(jitter=st.floats(0, 1), event=st.sampled_from([Event.TRIPPED, Event.SPENT]))
    def trip(self, jitter: float, event: Event) -> None:
        """Enough evidence, or no budget."""
        self.now += A_MOMENT
        self.breaker.trip(self.now, jitter, event)
        assert self.breaker.state is State.OPEN
        assert 4.0 <= self.breaker._open_s * 0.8 <= 12.0

    @rule(depth=st.floats(0, 0.999))
    def ask(self, depth: float) -> None:
        """Somebody of the cohort comes."""
        found = self.breaker.state_at(self.now)
        if self.breaker.may_probe(self.now, depth):
            assert found is State.HALF_OPEN
            self.probes.append(self.now)

    @precondition(lambda self: self.probes)
    @rule(ended=st.sampled_from(["proved", "refuted", "left"]), jitter=st.floats(0, 1))
    def end(self, ended: str, jitter: float) -> None:
        """A probe ends; one from before a transition is no news."""
        self.now += A_MOMENT
        began = self.probes.pop(0)
        if not self.breaker.is_news(began):
            return
        self.breaker.probe_ended(began)
        if ended == "proved":
            self.breaker.proved(self.now, began)
        elif ended == "refuted":
            self.breaker.refuted(self.now, began, jitter)
            assert self.breaker.state is State.OPEN

    @invariant()
    def only_what_the_table_has(self) -> None:
        """A step makes two transitions at most: it is found half open, and judged."""
        after, self.before = self.breaker.state, self.before
        ways = {(self.before, self.before)}
        ways |= {(one, there) for (one, _), there in NEXT.items()}
        ways |= {(one, far) for one, near in ways for (mid, _), far in NEXT.items() if mid is near}
        assert (self.before, after) in ways
        self.before = after

    @invariant()
    def probes_are_few(self) -> None:
        """Those that are news are under way, and no more of them than may be."""
        assert len([began for began in self.probes if self.breaker.is_news(began)]) <= 3
        assert self.breaker.is_closed is (self.breaker.state is State.CLOSED)


TestBreakerMachine = BreakerMachine.TestCase


def test_what_is_not_in_the_table_moves_nothing() -> None:
    """An open one that is tripped stays open for as long as it was to."""
    breaker = tripped()
    breaker.trip(3.0, 0.0)
    assert breaker.left_s(3.0) == 2.0
    assert (State.CLOSED, Event.FAILED) not in NEXT


# The budget.


def spent(budget: Budget, now: float) -> int:
    """How many fallbacks it lets through at once."""
    many = 0
    while budget.withdraw(now):
        budget.end()
        many += 1
    return many


@pytest.mark.parametrize(
    ("rules", "workers", "deposits", "expected"),
    [
        (BudgetRules(), 1, 0, 100),
        (BudgetRules(), 4, 0, 25),
        (BudgetRules(), 1, 1_000, 300),
        (BudgetRules(min_per_s=0.0), 1, 1_000, 200),
        (BudgetRules(ratio=1.0, min_per_s=0.0), 1, 7, 7),
    ],
)
def test_what_a_budget_allows(
    rules: BudgetRules, workers: int, deposits: int, expected: int
) -> None:
    """A fifth of what the candidate was asked, and ten a second in any case, over ten seconds."""
    budget = Budget(rules, workers)
    for _ in range(deposits):
        budget.deposit(50.0)
    assert spent(budget, 50.0) == expected
    assert spent(budget, 58.9) == 0
    assert spent(budget, 60.0) == round(rules.min_per_s * 10 / workers)


def test_few_are_under_way_at_once() -> None:
    """The share of a worker of those that may be; the end of one lets another in."""
    budget = Budget(BudgetRules(at_once=8), 4)
    assert [budget.withdraw(1.0) for _ in range(3)] == [True, True, False]
    budget.end()
    assert budget.withdraw(1.0)


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(0, 30), st.integers(0, 30)), max_size=60))
def test_no_ten_seconds_have_more_than_their_share(
    steps: list[tuple[float, int, int]],
) -> None:
    """Fallbacks in any ten seconds: the reserve, and a fifth of the deposits of twenty."""
    budget, now = Budget(BudgetRules(min_per_s=1.0), 1), 100.0
    deposits, fallbacks = list[float](), list[float]()
    for wait, asked, failed in steps:
        now += wait
        for _ in range(asked):
            budget.deposit(now)
            deposits.append(now)
        for _ in range(failed):
            if budget.withdraw(now):
                budget.end()
                fallbacks.append(now)
        lately = len([at for at in fallbacks if at > now - 9.0])
        assert lately <= 10 + 0.2 * len([at for at in deposits if at > now - 20.0]) + 1e-6
