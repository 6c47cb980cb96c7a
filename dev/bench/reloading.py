"""Having a peer read its configuration again, in its own way."""

import http.client

from dev.bench.running import NoBench
from dev.bench.subject import Subject


def reload(subject: Subject) -> None:
    """By a signal, by a changed file, or by its admin port."""
    match subject.peer.reload:
        case "edit":
            edit(subject)
        case "load":
            load(subject)
        case signal:
            subject.running.send(signal)


def edit(subject: Subject) -> None:
    """A line more: another content, so that it is taken for new."""
    with (subject.setting.folder / "routes.yaml").open("a", encoding="utf-8") as file:
        file.write("# and again\n")


def load(subject: Subject) -> None:
    """Caddy's `POST /load`, which its own `caddy reload` uses too."""
    text = (subject.setting.folder / "Caddyfile").read_bytes()
    headers = {"Content-Type": "text/caddyfile", "Cache-Control": "must-revalidate"}
    connection = http.client.HTTPConnection("127.0.0.1", subject.setting.admin, timeout=10.0)
    connection.request("POST", "/load", text, headers)
    answer = connection.getresponse()
    if answer.status != 200:
        raise NoBench(f"Caddy does not reload: {answer.read()!r}")
    connection.close()
