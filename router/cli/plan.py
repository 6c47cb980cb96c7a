"""`strangler plan`: what would the file move, if the running router took it?"""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from router.cli.arguments import Commands, add_admin, add_file, command
from router.cli.output import complain, say, say_json

EXAMPLES = """\
  strangler plan                         the file as it was edited, beside what is in force
  strangler plan next.yaml               another file
  strangler plan --format json           for a pipeline

Nothing is changed. Counted are the users whom the router saw in the last 5 to 10 minutes; who has
not come lately is not in it. `strangler check` says more about the file itself, keys included.
"""


def add(commands: Commands) -> None:
    """Make the subcommand known."""
    parser = command(
        commands, "plan", summary="say what a file would move, before it does", examples=EXAMPLES
    )
    add_file(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(text)")
    add_admin(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Send the file to be judged; 1 if there is a problem with it, or nobody answers."""
    from router.cli.asking import NoAnswer, post_json
    from router.config.complaints import ConfigError
    from router.config.loading import read_file

    try:
        content = read_file(arguments.file)
        path = f"/plan?file={quote(str(arguments.file))}"
        plan = post_json(arguments.admin, path, content, good={200, 422})
    except ConfigError as error:
        return complain(error.problems)
    except NoAnswer as error:
        return complain([error])
    if arguments.format == "json":
        say_json(plan)
    elif not plan["problems"]:
        say("\n".join(story(plan)))
        complain(f"warning: {warning}" for warning in plan["warnings"])
    return complain(plan["problems"]) if plan["problems"] else 0


def story(plan: Mapping[str, Any]) -> Iterator[str]:
    """The plan for a person: who moves, and every change."""
    if not plan["changes"]:
        yield f"nothing changes (hash {plan['hash']['now']} → {plan['hash']['then']})"
        return
    yield from plan["changes"]
    for route, told in plan["routes"].items():
        yield f"{route}: {movement(told)}"
        rates = told["requests_per_second"].items()
        flows = [f"{name} {flow(rate)}" for name, rate in rates if rate["now"] != rate["then"]]
        if flows:
            yield f"{route}: {', '.join(flows)} requests/s"


def movement(told: Mapping[str, Any]) -> str:
    """Who moves, in words."""
    about = "about " if told["estimated"] else ""
    seen = f"{about}{told['users']:,} recently seen user{'' if told['users'] == 1 else 's'}"
    if not told["moves"]:
        return f"moves nobody of {seen}"
    return "; ".join(way(one, back, seen, told["users"]) for one, back in both_ways(told["moves"]))


def both_ways(moves: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], int]]:
    """Each way with how many go it back, which is not told again as a way of its own."""
    counts = {(one["from"], one["to"]): one["users"] for one in moves}
    told: set[tuple[str, str]] = set()
    for one in moves:
        there, back = (one["from"], one["to"]), (one["to"], one["from"])
        if back not in told:
            told.add(there)
            yield one, counts.get(back, 0)


def way(one: Mapping[str, Any], back: int, seen: str, total: int) -> str:
    """One way and back: `moves 412 of 8,290 recently seen users (4.97 %) a → b, 0 back`."""
    share = f"{100 * one['users'] / total:.3g} %"
    return f"moves {one['users']:,} of {seen} ({share}) {one['from']} → {one['to']}, {back:,} back"


def flow(rate: Mapping[str, float]) -> str:
    """A rate now and then."""
    return f"from {rate['now']:.3g} to {rate['then']:.3g}"
