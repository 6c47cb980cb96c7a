"""What the outside gives: the environment, the clocks, and where upstreams are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a configuration is built with beside its text. *clock* is monotonic; both in seconds."""

    environ: Mapping[str, str]
    wall: Callable[[], float]
    clock: Callable[[], float]
    addresses: Mapping[str, str] = field(default_factory=dict)
    """URLs of upstreams, by name, which win over the file's."""
