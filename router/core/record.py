"""The story of one exchange: what the log line, the metrics and the fate are told from."""

from typing import Final

from router.core.fallback import Why
from router.core.fates import Fate
from router.core.model import Cohort

NOBODY: Final = "none"
"""The label where no route was matched, or no upstream gave the answer."""

NO_COHORT: Final = Cohort.NONE


class Attempted:
    """One attempt in the story: at whom, what came of it (`core.outcome.label_of`), how long."""

    __slots__ = ("outcome", "seconds", "upstream")

    def __init__(self, upstream: str, outcome: str, seconds: float) -> None:
        self.upstream = upstream
        self.outcome = outcome
        self.seconds = seconds


class Record:
    """One exchange. `fate` is set exactly once; None means that it is still under way."""

    __slots__ = (
        "attempts",
        "cause",
        "client",
        "cohort",
        "fate",
        "method",
        "path",
        "query",
        "reason",
        "refusal",
        "request_id",
        "rescue_of",
        "route",
        "seconds",
        "sent",
        "served",
        "started",
        "status",
        "trace_id",
        "why",
    )

    def __init__(
        self, request_id: str, client: str, method: str, started: float, trace_id: str = ""
    ) -> None:
        self.request_id = request_id
        self.client = client
        self.method = method
        self.started = started
        self.trace_id = trace_id
        self.path = ""
        self.query: str | None = None
        self.route = NOBODY
        self.cohort = NO_COHORT
        self.reason: str = NOBODY
        self.served = NOBODY
        self.status = 0
        self.sent = 0
        self.seconds = 0.0
        self.fate: Fate | None = None
        self.refusal: str | None = None
        self.cause: str | None = None
        self.why: Why | None = None
        self.rescue_of: str | None = None
        self.attempts: list[Attempted] = []

    def end(self, fate: Fate) -> None:
        """Settle the fate; the first one stands, since what was committed cannot change."""
        if self.fate is None:
            self.fate = fate
