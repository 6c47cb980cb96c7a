"""What was seen of each request: by its client, by the upstreams' logs, by the router's."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

WOD = "wod"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the client's ledger. *at* is when it was sent, in seconds of the epoch.

    *group* is the user's: `candidate`, or `legacy` for those who are pinned to it. *status* is 0
    where no whole answer came; *served* and *decision* are what the answer's head says.
    """

    id: str
    group: str
    what: str
    at: float
    ms: float
    status: int
    served: str = ""
    decision: str = ""

    @property
    def end(self) -> float:
        """When the answer was whole."""
        return self.at + self.ms / 1000

    @property
    def is_wod(self) -> bool:
        """Whether a workout was asked for."""
        return self.what == WOD

    @property
    def is_good(self) -> bool:
        """Whether it was answered as wanted."""
        return 200 <= self.status < 400

    def line(self) -> str:
        """As it lies in the file."""
        return f"{json.dumps(asdict(self))}\n"

    @classmethod
    def read(cls, path: Path) -> list[Self]:
        """All lines of a file, in the order of sending."""
        return sorted((cls(**line) for line in lines(path)), key=lambda entry: entry.at)


@dataclass(frozen=True, slots=True)
class Worked:
    """What an upstream's log says of a request: when it began on it, and how that ended."""

    began: float
    ended: float
    status: int


def worked(log: Path, path: str = "/fitness/wod") -> dict[str, Worked]:
    """The requests for *path* that an upstream's log has, by their ids."""
    return {
        line["request_id"]: of(line)
        for line in lines(log)
        if line.get("message") == "request" and line.get("path") == path
    }


def of(line: dict[str, Any]) -> Worked:
    """One line."""
    ended = datetime.fromisoformat(line["time"]).timestamp()
    return Worked(ended - line["ms"] / 1000, ended, line["status"])


@dataclass(frozen=True, slots=True)
class Told:
    """What the router's log says of a request."""

    fate: str
    reason: str = ""


def told(log: Path) -> dict[str, Told]:
    """The requests that the router's log has, by their ids."""
    return {
        line["request_id"]: Told(line["fate"], line.get("reason") or "")
        for line in lines(log)
        if "fate" in line
    }


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a log; what is none is passed over."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for text in file:
            if text.startswith("{"):
                yield json.loads(text)
