"""What tokens are verified by: a shared secret, or the public keys that the monolith publishes."""

import json
import logging
import threading
import time
from dataclasses import dataclass
from typing import Protocol

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from coach.jwks import key_set, lifetime_s
from coach.metrics import KEY_REFRESHES

LOG = logging.getLogger(__name__)
LIMIT_S = 1.0
LARGEST = 256 * 1024
RETRY_S = 0.5  # until there is a first set
RETRY_KEPT_S = 10.0  # after a failure, while the set that was kept still holds
STALE_S = 24 * 3600.0


class NoKeysYet(Exception):
    """The monolith's keys could not be had: a token is neither good nor bad."""


class Keys(Protocol):
    """What ``tokens`` needs: one algorithm, and a key for it."""

    @property
    def algorithm(self) -> str:
        """Give the one algorithm that is accepted, whatever a token says."""

    @property
    def are_known(self) -> bool:
        """Say whether tokens can be verified."""

    def key(self, kid: object) -> str | RSAPublicKey:
        """Give the key of that name, or raise ``PyJWTError`` or ``NoKeysYet``."""

    def start(self) -> None:
        """Begin to keep the keys at hand."""

    def stop(self) -> None:
        """Stop it."""


class SharedSecret:
    """HS256: one key, whatever its name."""

    algorithm = "HS256"
    are_known = True

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def key(self, kid: object) -> str:
        """Give the secret."""
        return self._secret

    def start(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A set, and from when to when it holds (``time.monotonic()``)."""

    keys: dict[str, RSAPublicKey]
    at_s: float
    lifetime_s: float


class PublishedKeys:
    """RS256: the key set at *url*, fetched in the background before it grows old.

    A set is kept for a day if it cannot be had again. An unknown name is asked for at once, but
    only one request asks while the others wait, and then nobody for *cooldown_s*: whoever sends
    invented names must not make us flood the monolith.
    """

    algorithm = "RS256"

    def __init__(self, url: str, cooldown_s: float = 30.0, stale_s: float = STALE_S) -> None:
        self._url = url
        self._cooldown_s = cooldown_s
        self._stale_s = stale_s
        # Neither proxies nor .netrc, and a pool of its own: histories must not keep keys waiting.
        self._client = httpx.Client(
            trust_env=False, headers={"User-Agent": "coach", "Accept-Encoding": "identity"}
        )
        self._fetched: Fetched | None = None
        self._cool_until_s = 0.0
        self._fetching = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keys", daemon=True)

    @property
    def are_known(self) -> bool:
        """Say whether there is a set that still holds."""
        fetched = self._fetched
        return fetched is not None and time.monotonic() - fetched.at_s < self._stale_s

    def key(self, kid: object) -> RSAPublicKey:
        """Give the key of that name, or raise ``PyJWTError`` or ``NoKeysYet``."""
        fetched = self._fetched
        if fetched is not None and isinstance(kid, str) and kid not in fetched.keys:
            self._ask_again(fetched)
            fetched = self._fetched
        if fetched is None or not self.are_known:
            raise NoKeysYet
        if not isinstance(kid, str) or kid not in fetched.keys:
            raise jwt.InvalidKeyError
        return fetched.keys[kid]

    def start(self) -> None:
        """Begin to keep the keys at hand."""
        self._thread.start()

    def stop(self) -> None:
        """Stop it."""
        self._stop.set()
        self._thread.join()
        self._client.close()

    def refresh(self) -> bool:
        """Fetch the set once; say whether that went well."""
        try:
            self._fetched = fetch(self._client, self._url)
        except Exception as error:  # noqa: BLE001 - the thread must outlive whatever it was sent
            KEY_REFRESHES.labels("failed").inc()
            LOG.warning("keys not refreshed: %s: %s", type(error).__name__, error)
            return False
        KEY_REFRESHES.labels("fetched").inc()
        return True

    def _ask_again(self, seen: Fetched) -> None:
        """Fetch, unless that was just done in vain, or somebody has since *seen* was."""
        if time.monotonic() < self._cool_until_s:
            return
        with self._fetching:
            if self._fetched is seen and time.monotonic() >= self._cool_until_s:
                self.refresh()
                self._cool_until_s = time.monotonic() + self._cooldown_s

    def _keep(self) -> None:
        while not self._stop.is_set():
            with self._fetching:
                is_fresh = self.refresh()
            self._stop.wait(self._pause_s(is_fresh))

    def _pause_s(self, is_fresh: bool) -> float:
        if self._fetched is None:
            return RETRY_S
        return 0.8 * self._fetched.lifetime_s if is_fresh else RETRY_KEPT_S


def fetch(client: httpx.Client, url: str) -> Fetched:
    """Give the set at *url*; raises if it cannot be had whole in time, or be used."""
    until_s = time.monotonic() + LIMIT_S
    with client.stream("GET", url, timeout=LIMIT_S) as response:
        if response.status_code != 200:
            raise ValueError(f"status {response.status_code}")
        body = b""
        for piece in response.iter_raw():
            body += piece
            if len(body) > LARGEST or time.monotonic() > until_s:
                raise ValueError(f"more than {LARGEST} bytes or {LIMIT_S:g} s")
        lasts_s = lifetime_s(response.headers.get("Cache-Control", ""))
    return Fetched(key_set(json.loads(body)), time.monotonic(), lasts_s)
