"""What was seen in a run, and what the ledgers come to in each fault's time.

A second's goodput is the good workouts that came in it. The first seconds of a fault are not judged
for goodput (the monolith begins with nothing under way), but told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from dev.chaos.goodput.faults import Fault
from dev.chaos.goodput.ledger import Entry, Told, Worked
from load.tally import percentile
from monolith.settings import Settings

SEARCHES = Settings.searches
BREAKER = "breaker"
PASSED_BY = f";{BREAKER}"
RECOVERED = 0.95
"""The share of coach's users that are coach's again."""


@dataclass(frozen=True, slots=True)
class Window:
    """A fault's time: *back* is when coach could serve again, *until* when this was over."""

    fault: Fault
    begin: float
    end: float
    back: float
    until: float


@dataclass(frozen=True, slots=True)
class Alone:
    """The users at the monolith alone; judged from *begin* to *end*."""

    ledger: Sequence[Entry]
    begin: float
    end: float

    @property
    def rate(self) -> float:
        """Its good workouts a second."""
        return rate(self.ledger, self.begin, self.end)

    @property
    def refused(self) -> list[Entry]:
        """Workouts that were asked for and not given."""
        sent = sent_in(self.ledger, self.begin, self.end)
        return [entry for entry in sent if entry.is_wod and not entry.is_good]

    @property
    def native(self) -> list[float]:
        """Milliseconds of what is cheap."""
        return cheap(self.ledger, self.begin, self.end)


@dataclass(frozen=True, slots=True)
class Run:
    """All that was seen. *stalls* are when the whole machine stood still, and for how long."""

    ledger: Sequence[Entry]
    windows: Sequence[Window]
    alone: Sequence[Alone]
    monolith: Mapping[str, Worked]
    told: Mapping[str, Told]
    timeout_s: float
    settle_s: float
    left_out: str = ""
    stalls: Sequence[tuple[float, float]] = ()

    @property
    def capacity(self) -> float:
        """Good workouts a second of the monolith alone, before and after."""
        return fmean(one.rate for one in self.alone)

    @property
    def native_ms(self) -> float:
        """The 95th percentile of what is cheap at the monolith alone."""
        return percentile([ms for one in self.alone for ms in one.native], 95) or 0.0

    @property
    def spells(self) -> list["Spell"]:
        """Each fault's."""
        return [Spell(self, window) for window in self.windows]

    @property
    def away(self) -> list["Spell"]:
        """Those in which coach serves nobody."""
        return [spell for spell in self.spells if spell.window.fault.is_away]


@dataclass(frozen=True, slots=True)
class Spell:
    """What was seen in a fault's window."""

    run: Run
    window: Window

    @property
    def settled(self) -> float:
        """From when on it is judged."""
        return self.window.begin + self.run.settle_s

    @property
    def seconds(self) -> float:
        """For how long it is judged."""
        return self.window.end - self.settled

    @property
    def goodput(self) -> float:
        """Good workouts a second."""
        return rate(self.run.ledger, self.settled, self.window.end)

    @property
    def refused(self) -> list[Entry]:
        """Workouts that were not given, of those that were asked for in the judged time."""
        sent = sent_in(self.run.ledger, self.settled, self.window.end)
        return [entry for entry in sent if entry.is_wod and not entry.is_good]

    @property
    def excess(self) -> list[Entry]:
        """Those of them that had not waited for coach: probes have, and are few."""
        return [entry for entry in self.refused if not self.has_waited(entry)]

    @property
    def cheap(self) -> list[float]:
        """Milliseconds of what is cheap."""
        return cheap(self.run.ledger, self.settled, self.window.end)

    @property
    def in_vain(self) -> int:
        """Workouts that the monolith computed, by its log, and no client got."""
        of_client = {entry.id: entry.is_good for entry in self.run.ledger}
        return sum(
            work.status == 200 and not of_client.get(identity, True)
            for identity, work in self.run.monolith.items()
            if self.settled <= work.ended < self.window.end
        )

    @property
    def busy(self) -> float:
        """The share of the time in which the monolith had as many to compute as it can at once."""
        works = self.run.monolith.values()
        return together(works, SEARCHES, self.settled, self.window.end) / self.seconds

    @property
    def stalled_s(self) -> float:
        """For how long the machine stood still meanwhile."""
        within = (s for at, s in self.run.stalls if self.window.begin <= at < self.window.until)
        return sum(within)

    @property
    def wods(self) -> list[Entry]:
        """Workouts asked for while the fault was."""
        sent = sent_in(self.run.ledger, self.window.begin, self.window.end)
        return [entry for entry in sent if entry.is_wod]

    @property
    def candidates(self) -> list[Entry]:
        """The same, of coach's users."""
        return [entry for entry in self.wods if entry.group == "candidate"]

    def waited_s(self, entry: Entry) -> float:
        """How long an exchange waited for coach: until the monolith began on it, or a refusal.

        Where the answer says that coach was passed by, it waited for something else.
        """
        if entry.decision.endswith(PASSED_BY):
            return 0.0
        work = self.run.monolith.get(entry.id)
        return entry.ms / 1000 if work is None else work.began - entry.at

    @property
    def longest_s(self) -> float:
        """The longest that any waited."""
        return max(map(self.waited_s, self.candidates), default=0.0)

    @property
    def opened_s(self) -> float | None:
        """How long after the beginning the first was sent that passed coach by; None: none was.

        By the router's log: what it refuses does not say so.
        """
        passed = (e.at for e in self.candidates if self.reason(e) == BREAKER)
        first = next(passed, None)
        return None if first is None else first - self.window.begin

    def reason(self, entry: Entry) -> str:
        """Why it went where it went."""
        told = self.run.told.get(entry.id)
        return "" if told is None else told.reason

    @property
    def waiting(self) -> tuple[int, int]:
        """Of those sent from then on (or once it had settled): how many waited, and all."""
        opened = self.settled if self.opened_s is None else self.window.begin + self.opened_s
        later = [entry for entry in self.candidates if entry.at >= opened]
        return sum(map(self.has_waited, later)), len(later)

    def has_waited(self, entry: Entry) -> bool:
        """Whether it waited for a coach that did not answer."""
        return self.waited_s(entry) > self.run.timeout_s / 2

    @property
    def recovered_s(self) -> float | None:
        """How long after coach was back its users were coach's again; None: not in the time."""
        back, until = self.window.back, self.window.until
        asked = [
            entry
            for entry in sent_in(self.run.ledger, back, until)
            if entry.is_wod and entry.group == "candidate"
        ]
        good = [entry.is_good and entry.served == "coach" for entry in asked]
        for place, entry in enumerate(asked):
            if good[place] and fmean(good[place:]) >= RECOVERED:
                return entry.at - back
        return None


def rate(ledger: Iterable[Entry], begin: float, end: float) -> float:
    """Good workouts a second that came in that time."""
    came = sum(one.is_wod and one.is_good and begin <= one.end < end for one in ledger)
    return came / (end - begin)


def cheap(ledger: Iterable[Entry], begin: float, end: float) -> list[float]:
    """Milliseconds of good answers to what only the monolith serves, workouts aside."""
    return [one.ms for one in sent_in(ledger, begin, end) if not one.is_wod and one.is_good]


def sent_in(ledger: Iterable[Entry], begin: float, end: float) -> list[Entry]:
    """What was sent in that time."""
    return [entry for entry in ledger if begin <= entry.at < end]


def together(works: Iterable[Worked], many: int, begin: float, end: float) -> float:
    """For how many seconds, from *begin* to *end*, so *many* or more were at work."""
    edges = sorted(
        edge
        for one in works
        if one.ended > begin and one.began < end
        for edge in ((max(one.began, begin), 1), (min(one.ended, end), -1))
    )
    seconds, at_work, since = 0.0, 0, begin
    for at, step in edges:
        seconds += at - since if at_work >= many else 0.0
        at_work, since = at_work + step, at
    return seconds
