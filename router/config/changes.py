"""What moved from one configuration to the next, in words; and what must not move unasked."""

from collections.abc import Iterator, Mapping
from typing import Any

from router.config.effective import effective
from router.config.linting import Finding
from router.core.model import Match, Route, Snapshot


def changes(old: Snapshot, new: Snapshot) -> list[str]:
    """Everything that moved, a line each: `wod.percent 10 → 25`, `route wod added`."""
    before, after = effective(old), effective(new)
    return [
        *came_and_went("route", before.pop("routes"), after.pop("routes")),
        *came_and_went("upstream", before.pop("upstreams"), after.pop("upstreams"), "upstreams."),
        *moved(before, after, ""),
    ]


def came_and_went(
    noun: str, before: Mapping[str, Any], after: Mapping[str, Any], prefix: str = ""
) -> Iterator[str]:
    """Entries by name: removed, added, and what moved in those that stayed."""
    yield from (f"{noun} {name} removed" for name in before if name not in after)
    yield from (f"{noun} {name} added" for name in after if name not in before)
    for name in after:
        if name in before:
            yield from moved(before[name], after[name], f"{prefix}{name}.")


def moved(before: Mapping[str, Any], after: Mapping[str, Any], prefix: str) -> Iterator[str]:
    """Each field that is not what it was."""
    for key in [*after, *(key for key in before if key not in after)]:
        old, new = before.get(key), after.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from moved(old, new, f"{prefix}{key}.")
        elif old != new:
            name = prefix + key if key != "url" else prefix.rstrip(".")
            yield f"{name} {told(old)} → {told(new)}"


def told(value: Any) -> str:
    """A value on one line of a log."""
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(told, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {told(item)}" for key, item in value.items()) + "}"
    return str(value)


def renamed_without_salt(old: Snapshot, new: Snapshot) -> list[Finding]:
    """Routes that go on under another name and, without `salt`, would re-deal every user."""
    names = {route.name for route in new.routes}
    before = {route.name for route in old.routes}
    gone = {
        (match, candidate_name(route)): route
        for route in old.routes
        if route.candidate is not None and route.name not in names
        for match in route.matches
    }
    return [
        (("routes", now.name), rename_words(was, now))
        for now in new.routes
        if now.name not in before and now.salt == now.name
        for was in goes_on(gone, now)
        if now.salt != was.salt
    ]


def goes_on(gone: Mapping[tuple[Match, str | None], Route], now: Route) -> list[Route]:
    """The route of *gone*, if there is one, whose requests and candidate are now those of *now*."""
    name = candidate_name(now)
    return [gone[match, name] for match in now.matches if (match, name) in gone][:1]


def candidate_name(route: Route) -> str | None:
    """The name of a route's candidate, if it has one."""
    return None if route.candidate is None else route.candidate.name


def rename_words(was: Route, now: Route) -> str:
    """What is wrong with a rename, and how to mend it."""
    return (
        f"this is route {was.name} under another name, which would deal every user anew; "
        f'add "salt: {was.salt}" to keep users where they are'
    )
