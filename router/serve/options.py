"""What the command line says of the process; everything about traffic is in routes.yaml."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Options:
    """As given to `strangler serve`; *addresses* are URLs that the environment gives upstreams."""

    config: Path = Path("config/routes.yaml")
    addresses: Mapping[str, str] = field(default_factory=dict)
    listen: str = "0.0.0.0:8080"
    admin: str = "127.0.0.1:9901"
    grace_s: float = 30.0
    access_log: str = "-"
    workers: int = 1

    def to_wire(self) -> dict[str, Any]:
        """As JSON has it, for a worker."""
        return {**asdict(self), "config": str(self.config)}

    @classmethod
    def from_wire(cls, said: Mapping[str, Any]) -> "Options":
        """What `to_wire` made JSON of, maybe that of another version."""
        known = {one.name: said[one.name] for one in fields(cls) if one.name in said}
        return cls(**{**known, "config": Path(said["config"])})
