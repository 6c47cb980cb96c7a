"""Keeps the catalogue at hand: fetched in the background, never while a user waits."""

import logging
import threading
import time

import httpx

from coach.catalogue import Catalogue, CatalogueError, catalogue
from coach.metrics import CHECKED, REFRESHES

LOG = logging.getLogger(__name__)
RETRY_S = 0.5  # until there is a first catalogue; then nothing is urgent any more
LARGEST = 4 * 1024 * 1024


class Shelf:
    """Holds the last good catalogue; ``current`` is None until there was one."""

    def __init__(self, client: httpx.Client, every_s: float) -> None:
        self.current: Catalogue | None = None
        self._client = client
        self._every_s = every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="catalogue", daemon=True)

    def __repr__(self) -> str:
        """Give the state."""
        return f"Shelf(etag={self.current.etag if self.current else None!r})"

    def start(self) -> None:
        """Begin to keep the catalogue."""
        self._thread.start()

    def stop(self) -> None:
        """Stop keeping it."""
        self._stop.set()
        self._thread.join()

    def refresh(self) -> bool:
        """Ask the monolith once; say whether what is held is now known to be good."""
        try:
            result = self._fetch()
        except Exception as error:  # noqa: BLE001 - the thread must outlive whatever it was sent
            REFRESHES.labels("failed").inc()
            LOG.warning("catalogue not refreshed: %s: %s", type(error).__name__, error)
            return False
        REFRESHES.labels(result).inc()
        CHECKED.set(time.time())
        return True

    def _fetch(self) -> str:
        """Replace the catalogue if it has changed."""
        known = self.current.etag if self.current else None
        headers = {"If-None-Match": known} if known else {}
        response = self._client.get("/fitness/exercises", headers=headers, timeout=2.0)
        if response.status_code == 304 and self.current:
            return "confirmed"
        if response.status_code != 200 or len(response.content) > LARGEST:
            raise CatalogueError(f"status {response.status_code}, {len(response.content)} bytes")
        self.current = catalogue(response.json(), response.headers.get("ETag"))
        return "changed"

    def _keep(self) -> None:
        while not self._stop.is_set():
            self.refresh()
            self._stop.wait(self._every_s if self.current else min(RETRY_S, self._every_s))
