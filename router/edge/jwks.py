"""Keys that an issuer publishes: fetched before they grow old, and when an unknown one is named.

When to fetch is decided in `router.core.refreshing`; here are the waiting and what it brings.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from router.core.keysets import NoKeySet, usable
from router.core.model import Key
from router.core.refreshing import LONGEST_S, SHORTEST_S, Refreshing, Standing
from router.edge.fetching import Fetched, NotFetched, fetch
from router.edge.keycache import Kept, recall, store
from router.edge.keyring import VerifyingKey
from router.edge.keysources import Status, nothing, source_of
from router.edge.publickeys import UnfitKey, from_jwk

WAIT_S = 2.0
"""How long a request waits for a key it names: as long as the candidate usually gets."""

LOOK_S = 5.0
"""The longest sleep between two looks at what is due."""

log = logging.getLogger("router")


class PublishedKeys:
    """The keys at one `jwks_url`. *clock* is monotonic, *wall* the wall clock, both in seconds."""

    is_watched = True

    def __init__(
        self, key: Key, folder: Path, *, clock: Callable[[], float], wall: Callable[[], float]
    ) -> None:
        self.key = key
        self.url = key.jwks_url or ""
        self.keys: tuple[VerifyingKey, ...] = ()
        self.changed: Callable[[], None] = nothing
        self._clock = clock
        self._wall = wall
        self._state = Refreshing(key.stale_for_s)
        self._flight: asyncio.Task[None] | None = None
        self._fetched_at: float | None = None
        self._problem: str | None = "not fetched yet"
        self._passed_over: tuple[str, ...] = ()
        self._cache = None if key.cache_file is None else folder / key.cache_file
        self._recall()

    @property
    def is_ready(self) -> bool:
        """Whether there is a set that still counts."""
        return self._state.standing(self._clock()) is not Standing.NONE

    def status(self) -> Status:
        """What is known, since when, and how the last fetch went."""
        return Status(
            source=source_of(self.key),
            kids=tuple(one.kid for one in self.keys),
            fetched_at=self._fetched_at,
            stale=self._state.standing(self._clock()) is Standing.STALE,
            problem=self._problem,
            passed_over=self._passed_over,
        )

    def wants(self, kid: str | None) -> bool:
        """Whether a fetch is under way, or may be begun, that could bring that key."""
        missing = not self.keys if kid is None else not self._has(kid)
        return missing and (self._flight is not None or self._state.may_ask(self._clock()))

    async def learn(self, kid: str | None) -> None:
        """Wait for the fetch under way; then, if the key is still unknown, for one of our own.

        The first may have begun before the key was published.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAIT_S):
                if self._flight is not None:
                    await asyncio.wait([self._flight])
                if self.wants(kid):
                    self._state = self._state.asked(self._clock())
                    await asyncio.wait([self._fly()])

    async def keep(self) -> None:
        """Fetch whenever it is time, until cancelled."""
        try:
            while True:
                self._drop_what_is_too_old()
                if self._state.due_s(self._clock()) == 0:
                    await asyncio.wait([self._fly()])
                await asyncio.sleep(min(LOOK_S, max(0.01, self._state.due_s(self._clock()))))
        finally:
            if self._flight is not None:
                self._flight.cancel()

    def _has(self, kid: str) -> bool:
        return any(one.kid == kid for one in self.keys)

    def _fly(self) -> asyncio.Task[None]:
        """The one fetch under way."""
        if self._flight is None:
            self._flight = asyncio.get_running_loop().create_task(self._refresh())
        return self._flight

    async def _refresh(self) -> None:
        try:
            fetched = await fetch(self.url)
            self._take(fetched.key_set)
        except (NotFetched, NoKeySet) as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001 - whatever is served, it is asked again
            self._fail(f"{type(error).__name__} in what was served")
        else:
            self._state = self._state.succeeded(self._clock(), fetched.lifetime_s)
            self._problem, self._fetched_at = None, self._wall()
            await self._store(fetched, self._fetched_at)
        finally:
            self._flight = None

    def _fail(self, why: str) -> None:
        self._state = self._state.failed(self._clock())
        if why != self._problem:
            log.warning("keys not fetched from %s: %s", self.url, why)
        self._problem = why

    def _take(self, key_set: Mapping[str, Any]) -> None:
        """Use the keys of *key_set* from now on; `NoKeySet` if there is none to use."""
        keys, passed_over = keys_in(key_set, self.key.algorithm)
        if not keys:
            raise NoKeySet("; ".join(["holds no key that can be used", *passed_over]))
        if passed_over != self._passed_over:
            for why in passed_over:
                log.warning("key set at %s: %s", self.url, why)
        self._passed_over = passed_over
        self._use(keys)

    def _use(self, keys: tuple[VerifyingKey, ...]) -> None:
        if keys != self.keys:
            self.keys = keys
            self.changed()
            kids = [one.kid for one in keys]
            log.info("keys of %s", self.url, extra={"fields": {"kids": kids}})

    def _drop_what_is_too_old(self) -> None:
        if self.keys and not self.is_ready:
            log.error("the keys of %s are too old to be used on", self.url)
            self._use(())

    def _recall(self) -> None:
        """Begin with the copy on disk, as old as the wall clock says it is."""
        if self._cache is None:
            return
        try:
            kept = recall(self._cache, self.url)
            age_s = max(0.0, self._wall() - kept.fetched_at)
            lifetime_s = min(max(kept.lifetime_s, SHORTEST_S), LONGEST_S)
            state = self._state.succeeded(self._clock() - age_s, lifetime_s)
            if state.standing(self._clock()) is not Standing.NONE:
                self._take(kept.key_set)
                self._state, self._fetched_at = state, kept.fetched_at
        except FileNotFoundError:
            log.info("no copy of the keys yet: %s", self._cache)
        except (OSError, ValueError, RecursionError) as error:
            log.warning("the copy of the keys cannot be used: %s: %s", self._cache, error)

    async def _store(self, fetched: Fetched, at: float) -> None:
        if self._cache is None:
            return
        kept = Kept(fetched.key_set, at, fetched.lifetime_s)
        try:
            await asyncio.to_thread(store, self._cache, self.url, kept)
        except OSError as error:
            log.warning("no copy of the keys can be kept: %s: %s", self._cache, error.strerror)


def keys_in(
    key_set: Mapping[str, Any], algorithm: str
) -> tuple[tuple[VerifyingKey, ...], tuple[str, ...]]:
    """The keys of a set that can be used, in its order, and why the others cannot."""
    found, passed_over = usable(key_set, algorithm)
    keys = []
    for jwk in found:
        try:
            keys.append(VerifyingKey(algorithm, from_jwk(jwk, algorithm), jwk.get("kid")))
        except UnfitKey as unfit:
            passed_over.append(f"key {jwk.get('kid')!r} {unfit}")
    return tuple(keys), tuple(passed_over)
