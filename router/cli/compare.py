"""`strangler compare`: where do the answers of legacy and candidate differ?"""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from router.cli.arguments import Commands, add_admin, command
from router.cli.output import complain, say, say_json

EXAMPLES = """\
  strangler compare                      every route that says `compare` in the file
  strangler compare wod                  one of them
  strangler compare wod --format json    for a program, with the last 50 pairs that differed

MISMATCH is a path that differs more often than legacy differs from itself; `unproven` one for which
that is not known, or not so. Exit code 1 where there is a mismatch. Values are shown only if the
route says `show_values`; the request's id finds the rest in the logs.
"""

MOST = 20
"""Paths that a person is told; a program gets all."""


LATE = {
    "right": "right but slow",
    "wrong": "wrong",
    "unproven": "unproven",
    "slow": "slow and not compared",
    "failed": "failed",
    "never": "never came",
    "dropped": "not waited for",
}


def add(commands: Commands) -> None:
    """Make the subcommand known."""
    parser = command(
        commands,
        "compare",
        summary="say where the answers of legacy and candidate differ",
        examples=EXAMPLES,
    )
    parser.add_argument("route", metavar="ROUTE", nargs="?", help="(every one that compares)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(text)")
    add_admin(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Ask the running router; 1 where there is a mismatch."""
    from router.cli.asking import NoAnswer, get_json

    try:
        routes = get_json(arguments.admin, "/compare")
    except NoAnswer as error:
        return complain([error])
    name = arguments.route
    if name is not None and name not in routes:
        others = ", ".join(routes) or "none"
        words = f'no route "{name}" compares (those that do: {others}); say compare: {{}} on it'
        return complain([words])
    chosen = {name: routes[name]} if name is not None else routes
    if arguments.format == "json":
        say_json(chosen)
    else:
        say("\n".join(line for route, book in chosen.items() for line in story(route, book)))
    return 1 if any(path["mismatch"] for book in chosen.values() for path in book["paths"]) else 0


def story(route: str, book: Mapping[str, Any]) -> Iterator[str]:
    """One route for a person: how much was compared, what came of it, and each path."""
    yield f"{route}: compared {book['pairs']:,}, legacy asked twice for {book['controls']:,}"
    verdicts = (f"{verdict} {count:,}" for verdict, count in book["verdicts"].items())
    yield f"  {', '.join(verdicts) or 'nothing was compared yet'}"
    if book["late"]:
        yield f"  {about_late(book['late'])}"
    for path in book["paths"][:MOST]:
        yield from about(path, book["pairs"], book["controls"])
    if len(book["paths"]) > MOST:
        yield f"  and {len(book['paths']) - MOST} more paths: --format json"


def about_late(late: Mapping[str, int]) -> str:
    """What came of the attempts that were abandoned at their timeout."""
    told = [f"{late[word]:,} {said}" for word, said in LATE.items() if late.get(word)]
    return f"of {sum(late.values()):,} late answers {', '.join(told)}"


def about(path: Mapping[str, Any], pairs: int, controls: int) -> Iterator[str]:
    """One path: its verdict, how often it differed, and an example."""
    word = "MISMATCH" if path["mismatch"] else "unproven"
    yield (
        f"  {word} {path['path']}: differs in {share(path['differed'], pairs)}, "
        f"legacy from itself in {share(path['control_differed'], controls)}"
    )
    example = path["example"]
    if example is not None:
        when = datetime.fromtimestamp(example["at"], UTC).isoformat(" ", "seconds")
        yield f"    {example['kind']}: legacy {example['legacy']}, candidate {example['candidate']}"
        yield f"    {when}, request {example['request_id']}"


def share(some: int, total: int) -> str:
    """How many of how many."""
    per_cent = f" ({100 * some / total:.3g} %)" if total else ""
    return f"{some:,} of {total:,}{per_cent}"
