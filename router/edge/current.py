"""What the program runs on now: one value, swapped by one assignment, and the last verdict."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from router.config.changes import changes
from router.config.complaints import Complaint, ConfigError
from router.config.loading import load, read_file, reload
from router.core.matching import Locator, Table, table_of
from router.core.model import Snapshot
from router.edge.keyring import KeyProblem
from router.edge.keysources import KeySource
from router.edge.signatures import Signatures, label_of
from router.edge.sources import sources_of
from router.edge.surroundings import Surroundings
from router.edge.tokens import Tokens
from router.edge.upstream.dialling import tls_of

log = logging.getLogger("router")


@dataclass(frozen=True, slots=True)
class Running:
    """A snapshot with all that was computed from it at load time."""

    snapshot: Snapshot
    table: Table
    sources: tuple[KeySource, ...]
    tokens: Tokens | None
    locator: Locator


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the last reload went: of which content, and every problem if it was refused."""

    ok: bool
    hash: str
    problems: tuple[str, ...] = ()


class Current:
    """The configuration in force. An exchange takes `running` once and keeps what it took.

    `content` is its text, and `since` the wall clock's time at which it was last accepted.
    """

    def __init__(self, running: Running, around: Surroundings, content: bytes = b"") -> None:
        self.running = running
        self.content = content
        self.since = around.wall()
        self.verdict = Verdict(ok=True, hash=running.snapshot.hash)
        self.accepted: list[Callable[[Running], None]] = []
        self.refused: list[Callable[[Verdict], None]] = []
        self._around = around

    @classmethod
    def first(cls, path: Path, around: Surroundings, in_force: bytes | None = None) -> "Current":
        """The configuration at start; raises `ConfigError` or `KeyProblem`.

        *in_force* is what other workers serve by. Whoever joins them begins with it, whatever is
        on disk by now: the file is then judged as a change, as they have judged it. A start of its
        own would take a file that they refused, or fail for one with a mistake.
        """
        content = read_file(path) if in_force is None else in_force
        snapshot = load(str(path), content, around.addresses)
        if in_force is None:
            for warning in snapshot.warnings:
                log.warning("%s", warning)
        return cls(build(snapshot, around, None), around, content)

    async def offer(self, path: Path, content: bytes, digest: str) -> None:
        """Take *content* as the new configuration, or say why not and go on with the old one.

        Judging takes 0.2 ms a route, so it is done beside the event loop. Whoever offers waits
        for one verdict before the next offer: the latest content is the one in force.
        """
        try:
            running = await asyncio.to_thread(self._judge, path, content)
        except ConfigError as error:
            self.refuse(digest, tuple(str(problem) for problem in error.problems))
        except KeyProblem as error:
            self.refuse(digest, (f"{path}: jwt: {error}",))
        else:
            self._swap(running, content)

    def _judge(self, path: Path, content: bytes) -> Running:
        old = self.running
        snapshot = reload(old.snapshot, str(path), content, self._around.addresses)
        return build(snapshot, self._around, old)

    def refuse(self, digest: str, problems: tuple[str, ...]) -> None:
        """Note that what is on disk was not taken, and why."""
        self.verdict = Verdict(ok=False, hash=digest, problems=problems)
        for problem in problems:
            log.error("reload refused: %s", problem)
        for listener in self.refused:
            listener(self.verdict)

    def _swap(self, running: Running, content: bytes) -> None:
        old, self.running = self.running, running
        self.content, self.since = content, self._around.wall()
        self.verdict = Verdict(ok=True, hash=running.snapshot.hash)
        moved = changes(old.snapshot, running.snapshot) or ["nothing but comments or layout"]
        log.info(
            "configuration reloaded: %s",
            "; ".join(moved),
            extra={"fields": {"hash": running.snapshot.hash, "changes": moved}},
        )
        for warning in running.snapshot.warnings:
            log.warning("%s", warning)
        for listener in self.accepted:
            listener(running)

    def report(self) -> dict[str, Any]:
        """The verdict for `/config`."""
        verdict = self.verdict
        return {"ok": verdict.ok, "hash": verdict.hash, "problems": list(verdict.problems)}


def keys_report(running: Running) -> list[dict[str, Any]]:
    """The verdict of each key for `/config`: where from, which, since when, and how it went."""
    return [
        {"key": label_of(place), "algorithm": source.key.algorithm, **source.status().report()}
        for place, source in enumerate(running.sources)
    ]


def build(snapshot: Snapshot, around: Surroundings, old: Running | None) -> Running:
    """*snapshot* made ready to serve; remembered tokens live on while keys and rules stay."""
    folder = Path(snapshot.source).parent
    check_authorities(snapshot, folder)
    sources: tuple[KeySource, ...] = ()
    tokens = None
    if snapshot.jwt is not None:
        known = () if old is None else old.sources
        sources = sources_of(snapshot.jwt, around, folder, known)
        signatures = Signatures(snapshot.jwt, sources)
        tokens = Tokens(snapshot.jwt, signatures, wall=around.wall, clock=around.clock)
    if old is not None and (old.sources, old.snapshot.jwt) == (sources, snapshot.jwt):
        tokens = old.tokens
    return running_on(snapshot, sources, tokens)


def running_on(
    snapshot: Snapshot, sources: tuple[KeySource, ...], tokens: Tokens | None
) -> Running:
    """*snapshot* with what is computed from it alone."""
    table = table_of(snapshot)
    return Running(snapshot, table, sources, tokens, Locator(table))


def check_authorities(snapshot: Snapshot, folder: Path) -> None:
    """`ConfigError` where a `ca_file` cannot be used: better now than at the first connection."""
    problems = []
    for upstream in snapshot.upstreams.values():
        try:
            tls_of(upstream, folder)
        except OSError as error:
            words = f"{upstream.ca_file} cannot be used: {error.strerror or error}"
            place = f"upstreams.{upstream.name}.ca_file"
            problems.append(Complaint(snapshot.source, None, None, place, words))
    if problems:
        raise ConfigError(problems)
