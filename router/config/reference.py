"""docs/configuration.md: every field of routes.yaml, from the same text as the editor's hover."""

from collections.abc import Iterator
from typing import Any

from router.config.entries import LABELS

INTRODUCTION = """\
# routes.yaml

<!-- Made by `python -m router.config.jsonschema`; the text is in router/config. -->

The whole configuration of the traffic is one YAML file. Every key it may have is below, with its
default and, where there is one, the danger. `strangler check` says what is wrong with a file,
`strangler check --effective` prints everything that is in force.

Durations are written `200ms`, `2s`, `1m` or `1h`, sizes `64KiB`, `10MiB` or `1GiB`. Text that YAML
tools read in different ways (`on`, `012`, `12:30`) must stand in quotes; anchors, aliases, tags and
merge keys are not taken. The file is UTF-8, at most 1 MiB and 10,000 values
(lists, mappings and words, keys too).
"""

BESIDE_NGINX = """
## Limits and timeouts beside nginx's

Everything that is bounded, what nginx has in its place, and what the client sees of it. Numbers of
connections are those of one worker. The grace time of a stop is `STRANGLER_GRACE`, 30 s (nginx:
`worker_shutdown_timeout`, no limit).

| here | default | nginx | the client sees |
|---|---|---|---|
"""
COMPARED = ("Default", "nginx", "The client sees")

SECTIONS = (
    ("RoutesFile", "The file"),
    ("LimitsEntry", "Limits: `limits`"),
    ("UpstreamEntry", "An upstream: `upstreams.<name>`"),
    ("JwtEntry", "Tokens: `jwt`"),
    ("KeyEntry", "A key: `jwt.keys[]`"),
    ("RouteEntry", "A route: `routes.<name>`"),
    ("MatchEntry", "A match: `routes.<name>.match`"),
    ("PinEntry", "Pins: `routes.<name>.pin`"),
    ("BreakerEntry", "Breaker: `routes.<name>.breaker`"),
    ("BudgetEntry", "Budget: `routes.<name>.budget`"),
    ("CompareEntry", "Comparison: `routes.<name>.compare`"),
)


def reference(schema: dict[str, Any]) -> str:
    """The page, made of the JSON Schema."""
    definitions = {**schema["definitions"], "RoutesFile": schema}
    sections = (section(title, definitions[name]) for name, title in SECTIONS)
    rows = (row for name, title in SECTIONS for row in bounded(title, definitions[name]))
    return INTRODUCTION + "".join(sections) + BESIDE_NGINX + "".join(rows)


def section(title: str, entry: dict[str, Any]) -> str:
    """One mapping of the file with its keys."""
    needed = entry.get("required", ())
    parts = [f"\n## {title}\n", f"{entry['description']}\n"]
    for name, field in entry["properties"].items():
        parts += [f"### `{name}`" + (" (required)" if name in needed else "") + "\n"]
        parts += [f"{paragraph}\n" for paragraph in paragraphs(field["description"])]
    return "\n".join(parts)


def paragraphs(description: str) -> Iterator[str]:
    """The parts of a description, with what each is in bold."""
    for part in description.split("\n\n"):
        label, colon, rest = part.partition(": ")
        yield f"**{label}**: {rest}" if colon and label in LABELS else part


def bounded(title: str, entry: dict[str, Any]) -> Iterator[str]:
    """A row for each field of *entry* that has a counterpart in nginx."""
    place = title.partition("`")[2].rstrip("`")
    for name, field in entry["properties"].items():
        said = dict(part.partition(": ")[::2] for part in field["description"].split("\n\n"))
        if "nginx" in said:
            cells = (said[label].removesuffix(".") for label in COMPARED)
            yield f"| `{place}.{name}` | {' | '.join(cells)} |\n"
