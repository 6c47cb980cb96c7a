"""docs/conformance.md: every case with its section and the right answer, made from the tables.

`python -m tests.conformance.book --write` makes it anew; a test checks that it is fresh.
"""

import re
import sys
from pathlib import Path

from tests.conformance.answers import BROKEN, Answer, Gets
from tests.conformance.rows import NOTHING, Arrives, Request, as_sent
from tests.conformance.tables import ANSWERS, REQUESTS

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"

INTRODUCTION = """# HTTP, case by case

What the router does with each of {count} requests and answers, made from the tables of \
`tests/conformance/tables` by `python -m tests.conformance.book --write`. Each is tried in one \
piece, byte by byte (each byte a read of its own), and behind another on the same connection; \
answers on a plain route and on one with fallback.

Numbers are RFCs and their sections. *Broken* means: a `protocol` failure, which legacy answers \
where the route falls back and which is 502 elsewhere; nothing of it is passed on. *Cut* means \
that it breaks off in its body: rescued likewise, or the client's connection is broken off, so \
that it never looks whole.
"""


def page() -> str:
    """The whole page."""
    count = sum(len(rows) for tables in (REQUESTS, ANSWERS) for rows in tables.values())
    parts = [INTRODUCTION.format(count=count), "## Requests\n"]
    for topic, asked in REQUESTS.items():
        parts.append(section(topic, [(one.name, one.rfc, of_request(one)) for one in asked]))
    parts.append("## Answers of upstreams\n")
    for topic, told in ANSWERS.items():
        parts.append(section(topic, [(one.name, one.rfc, of_answer(one)) for one in told]))
    return "\n".join(parts)


def section(topic: str, rows: list[tuple[str, str, str]]) -> str:
    """One table."""
    lines = [f"### {topic[0].upper()}{topic[1:]}", "", "| case | section | right answer |"]
    lines += ["|---|---|---|", *(f"| {' | '.join(map(cell, row))} |" for row in rows), ""]
    return "\n".join(lines)


def cell(text: str) -> str:
    """*text* as it can stand in a table: one line of visible bytes."""
    text = re.sub(r"Bearer ey[\w.-]+", "Bearer ...", text)  # tokens are made anew each time
    visible = "".join(one if " " <= one <= "~" else repr(one)[1:-1] for one in text)
    return (
        visible.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
    )


def of_request(row: Request) -> str:
    """The right answer to a request, in words."""
    if isinstance(row.arrives, Arrives):
        goes = arrival(row.arrives, as_sent(row.sent))
        return f"{goes}, then closed" if row.closes else goes
    status = " or ".join(str(one) for one in sorted(row.status))
    closed = ", closed" if row.closes else ""
    reached = "nothing upstream" if row.arrives == NOTHING else "never whole upstream"
    return f"{status}{closed}; {reached}"


def arrival(right: Arrives, sent: dict[str, object]) -> str:
    """What is changed on the way to the upstream, in words."""
    changes = [f"as {right.line}"] * (right.line != sent["line"])
    if right.fields is not None and right.fields != sent["fields"]:
        kept = [one for one in right.fields if not one.startswith("Host: fit.example")]
        changes += [f"fields: {', '.join(kept) or 'none but Host'}"]
    changes += [f"with {', '.join(right.has)}"] * bool(right.has)
    if right.trailers is not None:
        changes += [f"trailers: {', '.join(right.trailers) or 'none'}"]
    return f"goes on {'; '.join(changes)}" if changes else "goes on as it came"


def of_answer(row: Answer) -> str:
    """What becomes of an upstream's answer, in words."""
    if not isinstance(row.gets, Gets):
        return "broken" if row.gets == BROKEN else "cut"
    told = [str(row.gets.status)]
    told += [f"framed by {row.gets.framing}"] * (row.gets.framing in {"length", "chunked", "end"})
    told += ["never with " + ", ".join(row.gets.lacks)] * bool(row.gets.lacks)
    if row.gets.trailers is not None:
        told += [f"trailers: {', '.join(row.gets.trailers) or 'none'}"]
    told += ["its connection is used again" if row.reused else "its connection is not"] * (
        row.reused is not None
    )
    return "passed on: " + "; ".join(told) + ", or broken" * row.or_broken


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page())
    else:
        print(page())
