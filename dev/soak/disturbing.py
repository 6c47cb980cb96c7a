"""What goes on beside the traffic: scrapes, reloads that move users, and logs put aside."""

from contextlib import AbstractContextManager
from itertools import count, cycle

from dev.bench.latency import scrape
from dev.bench.subject import Subject
from dev.meanwhile import meanwhile

SCRAPE_S = 1.0
RELOAD_EVERY = 10
"""Scrapes between two reloads."""
PERCENTS = ("55", "50")


def disturbed(subject: Subject) -> AbstractContextManager[None]:
    """Scraped each second, and every ten seconds reloaded, with the access log put aside."""
    percents, scrapes = cycle(PERCENTS), count(1)

    def disturb() -> None:
        scrape(subject)
        if next(scrapes) % RELOAD_EVERY == 0:
            move(subject, next(percents))
            put_aside(subject)

    return meanwhile(disturb, SCRAPE_S)


def move(subject: Subject, percent: str) -> None:
    """Another percentage, by a new file in the old one's place."""
    path = subject.setting.folder / "routes.yaml"
    lines = path.read_text("utf-8").splitlines()
    moved = [f"    percent: {percent}" if "percent:" in line else line for line in lines]
    beside = path.with_suffix(".new")
    beside.write_text("\n".join([*moved, ""]), "utf-8")
    beside.replace(path)


def put_aside(subject: Subject) -> None:
    """Rotate the log, keeping one old one: half an hour of it would fill a small disk."""
    log = subject.setting.folder / "access.log"
    log.replace(log.with_suffix(".1"))
    subject.running.send("USR1")
