"""The copy of a key set on disk, for a start while its issuer cannot be reached."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from router.core.strictjson import strict_json
from router.edge.fetching import MAX_SIZE


@dataclass(frozen=True, slots=True)
class Kept:
    """A key set, when it was fetched (wall clock), and for how long it was good."""

    key_set: Mapping[str, Any]
    fetched_at: float
    lifetime_s: float


def recall(path: Path, url: str) -> Kept:
    """What was fetched from *url* last; `OSError` or `ValueError` if that is not known."""
    with path.open("rb") as file:
        found = strict_json(file.read(2 * MAX_SIZE))
    key_set, fetched_at, lifetime_s = (
        found.get(name) for name in ("key_set", "fetched_at", "lifetime_s")
    )
    if found.get("url") != url:
        raise ValueError("is a copy of another address")
    if not isinstance(key_set, dict) or not all(
        isinstance(one, int | float) for one in (fetched_at, lifetime_s)
    ):
        raise ValueError("is no copy of a key set")
    return Kept(key_set, float(fetched_at or 0), float(lifetime_s or 0))


def store(path: Path, url: str, kept: Kept) -> None:
    """Put *kept* in the place of what is at *path*, in one step; `OSError` if that fails."""
    text = json.dumps(
        {
            "url": url,
            "fetched_at": kept.fetched_at,
            "lifetime_s": kept.lifetime_s,
            "key_set": kept.key_set,
        }
    )
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    beside.write_text(text, "utf-8")
    beside.chmod(0o600)
    beside.replace(path)
