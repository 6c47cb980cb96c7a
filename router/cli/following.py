"""Waiting until every replica of the running router serves by a file."""

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from router.cli.asking import NoAnswer, get_json
from router.cli.output import complain, say
from router.cli.replicas import each

POLL_S = 0.1
AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Seen:
    """What one replica said. `problems` are why it refused the file, `instead` what it serves by.

    Both are empty where it serves by the file.
    """

    admin: str
    problems: tuple[str, ...] = ()
    instead: str = ""

    @property
    def follows(self) -> bool:
        """Whether it serves by the file."""
        return not (self.problems or self.instead)

    @property
    def is_settled(self) -> bool:
        """Whether it will say the same later."""
        return not self.instead

    @property
    def why_not(self) -> str:
        """Why it does not follow, in one line."""
        return f"refused it: {'; '.join(self.problems)}" if self.problems else self.instead


def follow(named: Sequence[str], wanted: str, within_s: float) -> int:
    """Wait until all replicas serve by the file of hash *wanted*; 1 if one refuses or is late."""
    end = time.monotonic() + within_s
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while True:
            seen = list(pool.map(lambda admin: look(admin, wanted), each(named)))
            if all(one.follows for one in seen):
                return tell(seen, wanted)
            if all(one.is_settled for one in seen):
                return complain(report(seen, ""))
            if time.monotonic() >= end:
                return complain(report(seen, f" after {within_s:g} s"))
            time.sleep(POLL_S)


def look(admin: str, wanted: str) -> Seen:
    """How the replica at *admin* stands to the file of hash *wanted*."""
    try:
        state = get_json(admin, "/config")
    except NoAnswer as error:
        return Seen(admin, instead=str(error))
    if state.get("hash") == wanted:
        return Seen(admin)
    verdict = state.get("last_reload", {})
    if verdict.get("hash") == wanted and not verdict.get("ok", True):
        return Seen(admin, problems=tuple(verdict.get("problems", ())) or ("it does not say why",))
    instead = f"the router serves {state.get('source')} with hash {state.get('hash')}"
    return Seen(admin, instead=instead)


def tell(seen: Sequence[Seen], wanted: str) -> int:
    """The good news."""
    where = f" at {len(seen)} replicas" if len(seen) > 1 else ""
    say(f"in force{where} (hash {wanted})")
    return 0


def report(seen: Sequence[Seen], when: str) -> Iterable[str]:
    """The bad news: of several replicas those that do not follow, each by its address."""
    if len(seen) == 1:
        [one] = seen
        if one.problems:
            return ["the router refused it:", *one.problems]
        return [f"not in force{when}: {one.instead}"]
    behind = [one for one in seen if not one.follows]
    head = f"not in force at {len(behind)} of {len(seen)} replicas{when}:"
    return [head, *(f"{one.admin}: {one.why_not}" for one in behind)]
