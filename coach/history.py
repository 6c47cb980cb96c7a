"""What a user did yesterday and which level they have, asked of the monolith with their token."""

import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

import httpx

LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Past:
    """What the choice has to know of a user: level 1 to 5 and yesterday's exercises."""

    level: int
    done: frozenset[int]


UNKNOWN = Past(level=3, done=frozenset())  # what is assumed of a user when nothing can be had


class Memory:
    """Remembers the last *most* pasts for *kept_s* each; time is an argument."""

    def __init__(self, most: int, kept_s: float) -> None:
        self._most = most
        self._kept_s = kept_s
        self._pasts: OrderedDict[tuple[str, date], tuple[float, Past]] = OrderedDict()
        self._lock = Lock()

    def recall(self, user: str, day: date, now_s: float) -> Past | None:
        """Give the past of *user* as of *day* if it is remembered and fresh."""
        with self._lock:
            kept = self._pasts.get((user, day))
            if kept is None or now_s - kept[0] >= self._kept_s:
                return None
            self._pasts.move_to_end((user, day))
            return kept[1]

    def remember(self, user: str, day: date, past: Past, now_s: float) -> None:
        """Keep *past*, in place of the one not asked for the longest if there are too many."""
        with self._lock:
            self._pasts[user, day] = (now_s, past)
            self._pasts.move_to_end((user, day))
            if len(self._pasts) > self._most:
                self._pasts.popitem(last=False)


class Histories:
    """Fetches histories over kept connections, each within *limit_s* from first to last.

    A timeout of an HTTP client is one for each read, so a server that drips could hold us for
    ever. The limit is therefore on waiting for the thread that does the fetching.
    """

    def __init__(self, client: httpx.Client, fetchers: int, limit_s: float) -> None:
        self._client = client
        self._limit_s = limit_s
        self._fetchers = ThreadPoolExecutor(fetchers, thread_name_prefix="history")

    def fetch(self, authorization: str, yesterday: date, headers: dict[str, str]) -> Past | None:
        """Give the past of whom the token speaks for, or None if it cannot be had in time."""
        give_up_s = time.monotonic() + self._limit_s
        asked = self._fetchers.submit(
            self._ask, {"Authorization": authorization, **headers}, yesterday, give_up_s
        )
        try:
            return past(asked.result(self._limit_s), yesterday)
        except (TimeoutError, httpx.HTTPError, ValueError, RecursionError):
            asked.cancel()
            return None

    def close(self) -> None:
        """Stop fetching."""
        self._fetchers.shutdown(wait=False, cancel_futures=True)

    def _ask(self, headers: dict[str, str], since: date, give_up_s: float) -> Any:
        """Give the monolith's answer as JSON; in a thread of its own."""
        left_s = give_up_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        asked = self._client.stream(
            "GET",
            "/fitness/history",
            params={"since": since.isoformat()},
            headers=headers,
            timeout=left_s,
        )
        with asked as response:
            response.raise_for_status()
            body = b""
            for piece in response.iter_bytes():
                body += piece
                if len(body) > LARGEST or time.monotonic() > give_up_s:
                    raise TimeoutError
        return httpx.Response(200, content=body).json()


def past(content: Any, yesterday: date) -> Past:
    """Give the past that the JSON *content* describes, or raise ``ValueError``."""
    try:
        level = content["level"]
        entries = content["history"]
        done = {e["exercise_id"] for e in entries if e["date"] == yesterday.isoformat()}
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a history: {error!r}") from error
    if level not in (1, 2, 3, 4, 5) or not all(isinstance(i, int) for i in done):
        raise ValueError("not a history: level or exercise ids are wrong")
    return Past(level, frozenset(done))
