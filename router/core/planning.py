"""What another configuration would move: users, and with them requests, from upstream to upstream.

Each worker answers for the users that it saw, named by a keyed hash, so that one who was seen by
several counts once and nobody is named to whoever reads.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from router.core.deciding import decide
from router.core.matching import Matched, match, table_of
from router.core.model import Match, Snapshot
from router.core.problems import Problem
from router.core.recent import Lately

Answer = Mapping[str, Any]
"""What a worker says of one route, as JSON has it."""


def moves(
    old: Snapshot, new: Snapshot, lately: Mapping[str, Lately], key: bytes
) -> dict[str, Answer]:
    """Who of those that were seen goes where now, and would go where."""
    table = table_of(new)
    told: dict[str, Answer] = {}
    for route in old.routes:
        seen, first = lately.get(route.name), route.matches[0]
        after = match(table, method_of(first), first.path)
        if seen is not None and not isinstance(after, Problem):
            told[route.name] = moves_of(Matched(route, by_method=True), after, seen, key)
    return told


def method_of(one: Match) -> str:
    """A method of a match: GET, if it has that."""
    return "GET" if one.methods is None or "GET" in one.methods else min(one.methods)


def moves_of(before: Matched, after: Matched, lately: Lately, key: bytes) -> Answer:
    """One route: a row for each user, hashed, with both upstreams and the requests."""
    rows = [
        (
            hashed(unit, key),
            decide(before, user.claims).upstream.name,
            decide(after, user.claims).upstream.name,
            user.requests,
        )
        for unit, user in lately.users.items()
    ]
    return {"users": rows, "weight": lately.weight, "seconds": lately.seconds}


def hashed(unit: str, key: bytes) -> str:
    """*unit* as nobody can read it who has not the *key*, which is another one each time."""
    return blake2b(unit.encode(), digest_size=8, key=key).hexdigest()


def planned(answers: Iterable[Mapping[str, Answer]]) -> dict[str, Any]:
    """By route what all workers say together."""
    of_route: dict[str, list[Answer]] = {}
    for answer in answers:
        for route, told in answer.items():
            of_route.setdefault(route, []).append(told)
    return {route: together(told) for route, told in of_route.items()}


def together(answers: Sequence[Answer]) -> dict[str, Any]:
    """One route: users that move, each once, and requests a second at each upstream."""
    ways: dict[str, tuple[str, str, int]] = {}
    rates: dict[str, list[float]] = {}
    for answer in answers:
        weight, seconds = answer["weight"], max(1.0, answer["seconds"])
        for user, before, after, requests in answer["users"]:
            known = ways.get(user)
            ways[user] = (before, after, max(weight, known[2] if known else 1))
            for side, upstream in enumerate((before, after)):
                rates.setdefault(upstream, [0.0, 0.0])[side] += requests * weight / seconds
    users: Counter[tuple[str, str]] = Counter()
    for before, after, weight in ways.values():
        users[before, after] += weight
    moving = [(way, count) for way, count in users.most_common() if way[0] != way[1]]
    return {
        "users": users.total(),
        "estimated": any(answer["weight"] > 1 for answer in answers),
        "seconds": max((answer["seconds"] for answer in answers), default=0.0),
        "moves": [{"from": way[0], "to": way[1], "users": count} for way, count in moving],
        "requests_per_second": {
            upstream: {"now": now, "then": then} for upstream, (now, then) in rates.items()
        },
    }
