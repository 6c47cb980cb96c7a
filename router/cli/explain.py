"""`strangler explain`: which side is a user on, and why."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from router.cli.arguments import Commands, add_claims, add_file, addresses, command, merged
from router.cli.output import complain, say, say_json

if TYPE_CHECKING:
    from router.core.claims import Claims
    from router.core.deciding import Decision, Rung
    from router.core.matching import Matched
    from router.core.model import Snapshot
    from router.core.problems import Problem

EXAMPLES = """\
  strangler explain --user a@b.c
  strangler explain --user a@b.c --claim role=qa --path /fitness/wod --method GET
  strangler explain --user a@b.c --format json next.yaml

The answer is a function of the file and the user, so every replica agrees. An open breaker, which
only the running router knows of, sends the candidate's users to legacy for a while.
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """The request that is asked about."""

    method: str
    path: str


def add(commands: Commands) -> None:
    """Make the subcommand known."""
    parser = command(
        commands, "explain", summary="say which side a user is on, and why", examples=EXAMPLES
    )
    parser.add_argument("--user", metavar="U", required=True, help="the token's sub")
    parser.add_argument("--path", metavar="P", help="(what the first route with a candidate has)")
    parser.add_argument("--method", metavar="M", help="(GET, if the route lists it)")
    add_claims(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(text)")
    add_file(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Explain the decision on one request."""
    from router.config.complaints import ConfigError
    from router.config.loading import load_file
    from router.core.deciding import decide, ladder
    from router.core.matching import Matched

    try:
        snapshot = load_file(arguments.file, addresses())
    except ConfigError as error:
        return complain(error.problems)
    asked = what_is_asked(snapshot, arguments.method, arguments.path)
    matched = matched_by(snapshot, asked)
    if not isinstance(matched, Matched):
        return complain([f"{matched.status} {matched.title}: {matched.detail}"])
    claims: Claims = {"sub": arguments.user, **merged(arguments.claim)}
    rungs, decision = list(ladder(matched, claims)), decide(matched, claims)
    if arguments.format == "json":
        say_json({"user": arguments.user, **report(asked, matched, claims, rungs, decision)})
    else:
        say("\n".join(story(asked, matched, claims, rungs, decision)))
    return 0


def what_is_asked(snapshot: "Snapshot", method: str | None, path: str | None) -> Asked:
    """The request, where left open the one that the first route with a candidate is there for."""
    strangled = [route for route in snapshot.routes if route.candidate is not None]
    match = strangled[0].matches[0] if strangled else None
    if path is None:
        path = match.path if match else "/"
        listed = match.methods if match else None
        method = method or ("GET" if not listed or "GET" in listed else min(listed))
    return Asked(method or "GET", path)


def matched_by(snapshot: "Snapshot", asked: Asked) -> "Matched | Problem":
    """The route of the request, or why it would be refused."""
    from router.core.matching import match, table_of
    from router.core.problems import Problem
    from router.core.targets import read_target

    target = read_target(asked.method, asked.path)
    if isinstance(target, Problem):
        return target
    return match(table_of(snapshot), asked.method, target.path)


def report(
    asked: Asked, matched: "Matched", claims: "Claims", rungs: "list[Rung]", decision: "Decision"
) -> dict[str, object]:
    """The explanation for a program; the admin port's `/explain` has the same words."""
    return {
        "method": asked.method,
        "path": asked.path,
        "route": matched.route.name,
        "upstream": decision.upstream.name,
        "cohort": decision.cohort,
        "reason": decision.reason,
        "refused": refused_for(matched, claims),
        "ladder": [asdict(rung) for rung in rungs],
    }


def story(
    asked: Asked, matched: "Matched", claims: "Claims", rungs: "list[Rung]", decision: "Decision"
) -> Iterator[str]:
    """The explanation for a person: the route, each rung, what comes of it."""
    yield f"{asked.method} {asked.path} is route {matched.route.name}"
    for rung in rungs:
        yield f"  {'yes' if rung.holds else 'no ':3} {rung.name:8} {rung.why}"
    side = "" if decision.cohort == "none" else f", cohort {decision.cohort}"
    yield f"→ {decision.upstream.name} (reason {decision.reason}{side})"
    lacking = refused_for(matched, claims)
    if lacking is not None:
        yield f"  but answered 403: route {matched.route.name} requires another {lacking}"


def refused_for(matched: "Matched", claims: "Claims") -> str | None:
    """The claim for whose sake this user is refused, or None."""
    from router.core.claims import lacks

    return lacks(matched.route, claims)
