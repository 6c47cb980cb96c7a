"""Keys in files: read again whenever their content has changed, however it was changed.

The content is looked at every half second, as routes.yaml is: that sees a rename, a swapped link
and a bind mount alike. A file that cannot be used changes nothing but the verdict.
"""

import asyncio
import logging
import time
from hashlib import sha256
from pathlib import Path

from router.core.model import Key
from router.edge.keyring import KeyProblem, VerifyingKey, checked, read_file
from router.edge.keysources import HeldKeys, Status, source_of
from router.edge.publickeys import UnfitKey, from_pem

POLL_S = 0.5
STILL_S = 0.2
"""A file may be seen half written: it must stand still this long."""

log = logging.getLogger("router")


class FileKeys(HeldKeys):
    """The key in one file; `KeyProblem` if there is none at the start."""

    is_watched = True

    def __init__(self, key: Key, folder: Path) -> None:
        self._path = folder / (key.public_key_file or key.secret_file or "")
        content = self._read()
        self._seen = digest_of(content)
        super().__init__(key, (verifying_key(key, self._path, content),))
        self._read_at = time.time()
        self._problem: str | None = None

    def status(self) -> Status:
        """How the last look at a changed file went."""
        kids = tuple(one.kid for one in self.keys)
        return Status(source_of(self.key), kids, self._read_at, problem=self._problem)

    async def keep(self) -> None:
        """Look at the file until cancelled."""
        while True:
            await asyncio.sleep(POLL_S)
            await self._look()

    async def _look(self) -> None:
        content = self._read()
        if digest_of(content) == self._seen:
            return
        await asyncio.sleep(STILL_S)
        if digest_of(self._read()) == digest_of(content):
            self._seen = digest_of(content)
            self._take(content)

    def _take(self, content: bytes | KeyProblem) -> None:
        try:
            key = verifying_key(self.key, self._path, content)
        except KeyProblem as problem:
            self._problem = str(problem)
            log.error("the key in use stays: %s", problem)  # noqa: TRY400 - no fault of ours
            return
        self._problem, self._read_at = None, time.time()
        if self.keys != (key,):
            self.keys = (key,)
            self.changed()
            log.info("another key is in use: %s", self._path)

    def _read(self) -> bytes | KeyProblem:
        """The content, or why there is none."""
        try:
            return read_file(self._path)
        except KeyProblem as problem:
            return problem


def verifying_key(key: Key, path: Path, content: bytes | KeyProblem) -> VerifyingKey:
    """The key that *path* holds, or `KeyProblem`."""
    if isinstance(content, KeyProblem):
        raise content
    try:
        if key.public_key_file is None:
            secret = checked(content.rstrip(b"\r\n"), f"the file {path}")
            return VerifyingKey(key.algorithm, secret, key.kid)
        return VerifyingKey(key.algorithm, from_pem(content, key.algorithm), key.kid)
    except UnfitKey as unfit:
        raise KeyProblem(f"the file {path} {unfit}") from None


def digest_of(content: bytes | KeyProblem) -> bytes:
    """What tells one state of a file from another."""
    return sha256(content if isinstance(content, bytes) else str(content).encode()).digest()
