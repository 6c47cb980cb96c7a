"""Where keys come from, as the ring of keys sees it; and those that never change."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from router.core.model import Key
from router.edge.keyring import VerifyingKey


def nothing() -> None:
    """Tell nobody: nobody has asked yet."""


@dataclass(frozen=True, slots=True)
class Status:
    """How a source of keys is.

    `fetched_at` is of the wall clock, in seconds; `problem` says why the last look failed.
    """

    source: str
    kids: tuple[str | None, ...]
    fetched_at: float | None = None
    stale: bool = False
    problem: str | None = None
    passed_over: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the last look went well."""
        return self.problem is None

    def report(self) -> dict[str, Any]:
        """The verdict for `/config`."""
        return {
            "source": self.source,
            "known": len(self.kids),
            "kids": list(self.kids),
            "fetched_at": self.fetched_at,
            "stale": self.stale,
            "problem": self.problem,
            "passed_over": list(self.passed_over),
        }


class KeySource(Protocol):
    """One entry of `jwt.keys`. `changed` is called when `keys` has become another."""

    key: Key
    keys: tuple[VerifyingKey, ...]
    changed: Callable[[], None]

    @property
    def is_watched(self) -> bool:
        """Whether keys may change by themselves, so that metrics tell of it."""

    @property
    def is_ready(self) -> bool:
        """Whether tokens can be judged by it at all."""

    def status(self) -> Status:
        """How it is now."""

    def wants(self, kid: str | None) -> bool:
        """Whether waiting for `learn` may bring a key of that name."""

    async def learn(self, kid: str | None) -> None:
        """Wait, not for long, until a key of that name is there or will not be."""

    async def keep(self) -> None:
        """Keep the keys up to date until cancelled."""


class HeldKeys:
    """Keys that are as they were when the configuration was loaded."""

    is_watched = False
    is_ready = True

    def __init__(self, key: Key, keys: tuple[VerifyingKey, ...]) -> None:
        self.key = key
        self.keys = keys
        self.changed: Callable[[], None] = nothing

    def status(self) -> Status:
        """Where they came from."""
        return Status(source_of(self.key), tuple(one.kid for one in self.keys))

    def wants(self, kid: str | None) -> bool:
        """There will be no other."""
        del kid
        return False

    async def learn(self, kid: str | None) -> None:
        """There is nothing to wait for."""

    async def keep(self) -> None:
        """Nothing changes."""
        await asyncio.Event().wait()


def source_of(key: Key) -> str:
    """Where *key* comes from, in the words of routes.yaml."""
    for name in ("secret_env", "secret_file", "public_key_file", "jwks_url"):
        value = getattr(key, name)
        if value is not None:
            return f"{name} {value}"
    raise AssertionError(key)  # `router.config` refuses a key without a source
