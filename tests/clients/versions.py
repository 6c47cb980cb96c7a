"""Which clients and upstreams are here: `python -m tests.clients.versions [--write PAGE]`."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dev.sections import put
from tests.clients.needs import NODE_PACKAGES, program

NUMBER = re.compile(r"\d+(?:\.\d+)+")
CLIENTS = {
    "curl": "one by one and side by side, chunked uploads, `Expect`, h2c, ranges, HTTP/1.0",
    "requests": "session",
    "urllib3": "pool manager",
    "httpx": "client",
    "aiohttp": "session, WebSocket",
    "Node's fetch": "the undici within Node; streams both ways",
    "undici": "`request`, pipelining",
    "ws": "WebSocket",
    "Chromium": "page, fetch, EventSource with its return, WebSocket",
}
"""The clients, and what of each is tried."""
UPSTREAMS = {
    "gunicorn, sync": ("gunicorn", "Flask"),
    "gunicorn, gthread": ("gunicorn", "Flask"),
    "waitress": ("waitress", "Flask"),
    "uvicorn": ("uvicorn", "plain ASGI"),
    "Node's http": ("node", "with ws for WebSockets"),
    "nginx": ("nginx", "files, fixed answers, a limited location, a proxy to uvicorn"),
}
"""The upstreams: whose version is told, and what they serve."""
COMMANDS = {
    "curl": ("curl", "--version"),
    "node": ("node", "--version"),
    "Node's fetch": ("node", "-p", "process.versions.undici"),
    "nginx": ("nginx", "-v"),
    "Chromium": ("chromium", "--version"),
}
ABSENT = "not here"


def version_of(name: str) -> str:
    """The version of a client or upstream as it says it itself."""
    if name in COMMANDS:
        return said(*COMMANDS[name])
    if name in {"undici", "ws"}:
        file = NODE_PACKAGES / name / "package.json"
        return str(json.loads(file.read_text("utf-8"))["version"]) if file.exists() else ABSENT
    try:
        return version(name)
    except PackageNotFoundError:
        return ABSENT


def said(name: str, *options: str) -> str:
    """The first number that a program prints, wherever it prints it."""
    try:
        done = subprocess.run(
            [program(name), *options], check=True, capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.CalledProcessError):
        return ABSENT
    found = NUMBER.search(done.stdout + done.stderr)
    return found[0] if found else ABSENT


def page() -> str:
    """Both tables."""
    clients = [f"| {name} | {version_of(name)} | {what} |" for name, what in CLIENTS.items()]
    upstreams = [
        f"| {name} | {version_of(what)} | {serves} |" for name, (what, serves) in UPSTREAMS.items()
    ]
    return "\n".join(
        [
            "| client | version | what is tried |\n|---|---|---|",
            *clients,
            "\n| upstream | version | serves |\n|---|---|---|",
            *upstreams,
            f"\nFlask is {version('flask')}.",
        ]
    )


def main(arguments: list[str]) -> int:
    """Print the tables, or put them into a page; the exit code."""
    match arguments:
        case []:
            print(page())
        case ["--write", file]:
            when = f"{datetime.now(UTC):%Y-%m-%d}"
            text = f"Seen by `make test-clients` on {when}.\n\n{page()}"
            put(Path(file), "test-clients", text, title="Clients and upstreams")
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
