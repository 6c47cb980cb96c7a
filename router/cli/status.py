"""`strangler status`: is a candidate given up, since when and why; what is left of its budget?"""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from router.cli.arguments import Commands, add_admin, command
from router.cli.output import complain, say, say_json

EXAMPLES = """\
  strangler status                       every route that has a candidate
  strangler status wod                   one of them
  strangler status wod --format json     for a program

A breaker that is open or half open has given the candidate up: its users are with legacy, but for
those who probe. It is told of all workers, the one that gave it up first; each replica has its own.
Exit code 1 where one is not closed.
"""

WHY: Final = {"tripped": "too much failed", "spent": "the budget for fallbacks was spent"}


def add(commands: Commands) -> None:
    """Make the subcommand known."""
    parser = command(
        commands,
        "status",
        summary="say whether a candidate is given up, since when and why",
        examples=EXAMPLES,
    )
    parser.add_argument("route", metavar="ROUTE", nargs="?", help="(every one with a candidate)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(text)")
    add_admin(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Ask the running router; 1 where a breaker is not closed."""
    from router.cli.asking import NoAnswer, get_json

    try:
        routes = get_json(arguments.admin, "/status")
    except NoAnswer as error:
        return complain([error])
    name = arguments.route
    if name is not None and name not in routes:
        others = ", ".join(routes) or "none"
        return complain([f'no route "{name}" has a candidate (those that have: {others})'])
    chosen = {name: routes[name]} if name is not None else routes
    if arguments.format == "json":
        say_json(chosen)
    else:
        say("\n".join(line for route, one in chosen.items() for line in story(route, one)))
    return int(any(is_given_up(one) for one in chosen.values()))


def is_given_up(one: Mapping[str, Any]) -> bool:
    """Whether its breaker is not closed."""
    breaker = one["breaker"]
    return bool(breaker is not None and breaker["state"] != "closed")


def story(route: str, one: Mapping[str, Any]) -> Iterator[str]:
    """One route for a person: its breaker, then its budget."""
    candidate = f"{one['percent']:g} % to {one['candidate']}"
    breaker = one["breaker"]
    yield f"{route}: {candidate}, {'no breaker' if breaker is None else about(breaker)}"
    budget = one["budget"]
    if budget is None:
        yield "  no budget: legacy is asked for all that fails"
        return
    yield (
        f"  budget: {budget['used']:,} spent in ten seconds, {budget['left']:,} left;"
        f" {budget['under_way']:,} of {budget['at_once']:,} fallbacks under way"
    )


def about(breaker: Mapping[str, Any]) -> str:
    """The breaker in words: its state, in how many workers, since when, why, and what comes."""
    state, workers = breaker["state"], breaker["workers"]
    told = f"breaker {state.replace('_', ' ')}"
    if len([count for count in workers.values() if count]) > 1:
        told += f" in {workers[state]} of {sum(workers.values())} workers"
    if breaker["since"] is not None:
        told += f" since {when(breaker['since'])} ({ago(breaker['lasted_s'])})"
    if breaker["why"] is not None:
        told += f": {WHY.get(breaker['why'], breaker['why'])}"
    if state == "open":
        told += f"; a few may probe in {breaker['rests_s']:.1f} s"
    if state == "half_open":
        told += "; a few probe"
    return told


def when(at: float) -> str:
    """A time as the log has it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def ago(seconds: float) -> str:
    """How long, roughly."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
