"""The story of one exchange: what the log line, the metrics and the fate are told from."""

from dataclasses import dataclass, field

from router.core.fallback import Why
from router.core.fates import Fate
from router.core.model import Cohort

NOBODY = "none"
"""The label where no route was matched, or no upstream gave the answer."""


@dataclass(slots=True)
class Attempted:
    """One attempt in the story: at whom, what came of it (`core.outcome.label_of`), how long."""

    upstream: str
    outcome: str
    seconds: float


@dataclass(slots=True)
class Record:
    """One exchange. `fate` is set exactly once; None means that it is still under way."""

    request_id: str
    client: str
    method: str
    started: float
    trace_id: str = ""
    path: str = ""
    query: str | None = None
    route: str = NOBODY
    cohort: Cohort = Cohort.NONE
    reason: str = NOBODY
    served: str = NOBODY
    status: int = 0
    sent: int = 0
    seconds: float = 0.0
    fate: Fate | None = None
    refusal: str | None = None
    cause: str | None = None
    why: Why | None = None
    rescue_of: str | None = None
    attempts: list[Attempted] = field(default_factory=list)

    def end(self, fate: Fate) -> None:
        """Settle the fate; the first one stands, since what was committed cannot change."""
        if self.fate is None:
            self.fate = fate
