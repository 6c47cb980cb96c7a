"""Words of the rescue: what is asked, what goes wrong, and what a scripted upstream does."""

from dataclasses import dataclass
from enum import StrEnum

TIMEOUT_S = 1.5
"""What the candidate may take. Long enough for a machine on which workers are started meanwhile;
those that hang do it side by side, so that it costs little."""
DEADLINE_S = 5.0
CONNECT_S = 0.5
PAUSE_S = 1.5
IDLE_S = 1.0
KEPT = 64 * 1024
"""Bytes of an answer that are held back, and of a request that are kept, as docs/clients has it."""
PERCENT = 90.0
SALT = "chaos"
USERS = 100


class End(StrEnum):
    """What follows the bytes that a scripted upstream sends."""

    KEEP = "keep"  # the next request may come
    CLOSE = "close"
    RESET = "reset"
    STALL = "stall"  # nothing, until the other side goes


class Leaves(StrEnum):
    """When the client goes away."""

    NEVER = "never"
    BEFORE_HEAD = "before the head"
    IN_BODY = "in the body"
    IN_FALLBACK = "during the fallback"


class Legacy(StrEnum):
    """How legacy answers."""

    SOUND = "sound"
    FAILING = "500"
    RESETTING = "resets"
    STALLING = "stalls"


class Framing(StrEnum):
    """How the candidate's answer says where it ends."""

    LENGTH = "length"
    CHUNKED = "chunked"
    UNTIL_CLOSED = "until closed"
    EVENTS = "event stream"


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the table that is to be covered: a fault, where it strikes, and on what."""

    fault: str
    where: str = ""
    method: str = "GET"
    upload: int = 0
    reused: bool = False
    lane: str = "coach"
    framing: Framing = Framing.LENGTH
    large: bool = False
    legacy: Legacy = Legacy.SOUND
    leaves: Leaves = Leaves.NEVER


@dataclass(frozen=True, slots=True)
class Plan:
    """One exchange, all of it: everything that happens follows from this.

    `size` is that of the candidate's answer in bytes of body, `cut` how many of the answer's bytes
    are sent. `keeps` says whether its client's connection has been used before.
    """

    number: int
    cell: Cell
    user: int
    size: int
    cut: int
    chunked_upload: bool
    keeps: bool

    @property
    def key(self) -> str:
        """What its request is known by, in every ledger and log."""
        return f"{self.number}"

    @property
    def primer(self) -> str:
        """The same of the sound exchange that goes before it, to leave a connection."""
        return f"{self.number}.primer"


@dataclass(frozen=True, slots=True)
class Script:
    """What an upstream does with one request.

    It reads *reads* bytes of the body (None: all), waits *after_s*, sends the pieces with *every_s*
    between them, reads what is left of the body if it *drains*, and then comes the end. One that
    *spoils* its connection must not get another request on it.
    """

    pieces: tuple[bytes, ...] = ()
    end: End = End.KEEP
    after_s: float = 0.0
    every_s: float = 0.0
    reads: int | None = None
    drains: bool = False
    spoils: bool = False
