"""What a stage measures: a peer that runs, and what there is to load it with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.bench.peers import Peer, Setting
from dev.bench.running import Running


@dataclass(frozen=True, slots=True)
class Subject:
    """A peer that runs; *tokens* are files by name, *big* is 1 GiB to upload."""

    peer: Peer
    setting: Setting
    running: Running
    tokens: Mapping[str, Path]
    big: Path
    seconds: float
