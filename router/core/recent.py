"""Who was seen lately: of each route a bounded number of users, with how often each asked.

A generation lasts a few minutes, and the last two are told of. Where there are more users than are
kept, every second one is left out, and every second of those that are left; so what is kept stays
a fair sample of the users, whoever asks most.
"""

from collections.abc import Mapping
from typing import NamedTuple

from router.core.claims import Claims

GENERATION_S = 300.0
MOST = 4_000
"""Users that are kept of a route and generation; what is kept of each is there for its token."""


class User:
    """A unit's claims, as its last token had them first, and its requests."""

    __slots__ = ("claims", "requests")

    def __init__(self, claims: Claims, requests: int = 1) -> None:
        self.claims = claims
        self.requests = requests


class Lately(NamedTuple):
    """The users of a route in the last *seconds*; each stands for *weight* of them."""

    users: dict[str, User]
    weight: int
    seconds: float


class Generation:
    """The users since *began* (monotonic seconds), of which one in `mask` + 1 is kept."""

    __slots__ = ("began", "mask", "users")

    def __init__(self, began: float) -> None:
        self.began = began
        self.mask = 0
        self.users: dict[str, User] = {}

    def add(self, unit: str, claims: Claims) -> None:
        """Enter a user who is not there yet, if it is one of those that are kept."""
        # The built-in hash is another one in each process: nobody can choose to be in the sample.
        if hash(unit) & self.mask:
            return
        self.users[unit] = User(claims)
        while len(self.users) > MOST:
            self.thin(self.mask * 2 + 1)

    def thin(self, mask: int) -> None:
        """Leave out those whom *mask* does not keep."""
        self.mask = mask
        self.users = {unit: user for unit, user in self.users.items() if not hash(unit) & mask}


class Recent:
    """The users of one route."""

    __slots__ = ("_before", "_now")

    def __init__(self, now: float) -> None:
        self._before = Generation(now)
        self._now = Generation(now)

    def note(self, unit: str, claims: Claims, now: float) -> None:
        """Count a request of *unit*."""
        if now >= self._now.began + GENERATION_S:
            self._turn(now)
        user = self._now.users.get(unit)
        if user is None:
            self._now.add(unit, claims)
        else:
            user.requests += 1

    def lately(self, now: float) -> Lately:
        """Who was seen in both generations, each user once."""
        if now >= self._now.began + GENERATION_S:
            self._turn(now)
        mask = max(self._before.mask, self._now.mask)
        users: dict[str, User] = {}
        for generation in (self._before, self._now):
            for unit, user in generation.users.items():
                if not hash(unit) & mask:
                    known = users.get(unit)
                    asked = user.requests + (0 if known is None else known.requests)
                    users[unit] = User(user.claims, asked)
        return Lately(users, mask + 1, now - self._before.began)

    def _turn(self, now: float) -> None:
        """Begin a generation; the one before is of the past if nobody came for so long."""
        began = self._now.began + GENERATION_S
        if now >= began + GENERATION_S:
            self._before, self._now = Generation(now), Generation(now)
        else:
            self._before, self._now = self._now, Generation(began)


class Recently:
    """Those of every route, by its name."""

    __slots__ = ("_routes",)

    def __init__(self) -> None:
        self._routes: dict[str, Recent] = {}

    def note(self, route: str, unit: str, claims: Claims, now: float) -> None:
        """Count a request of *unit* on *route*."""
        recent = self._routes.get(route)
        if recent is None:
            recent = self._routes[route] = Recent(now)
        recent.note(unit, claims, now)

    def keep(self, names: frozenset[str]) -> None:
        """Forget routes that are none of *names*."""
        self._routes = {name: one for name, one in self._routes.items() if name in names}

    def lately(self, now: float) -> Mapping[str, Lately]:
        """Who was seen, route by route."""
        return {name: recent.lately(now) for name, recent in self._routes.items()}
