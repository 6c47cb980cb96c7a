"""A PostgreSQL of the tests' own, started from the binaries that the machine has.

with Server(folder, binaries) as server:
    server.new()  # a database's address
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import Self

import psycopg

from dev.process import descendants
from dev.stack import eventually
from monolith.settings import Settings
from monolith.storage import prepare
from tests.services import SECRET

# A crash of the server loses no commit even so: only one of the machine would.
QUICK = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB")
TEMPLATE = "filled"
STARTS_WITHIN_S = 30.0


def binaries() -> Path | None:
    """Give the folder that has the server's programs: the newest, or the one in PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=version)
    path = shutil.which("initdb")
    return found[-1].parent if found else Path(path).parent if path else None


def version(initdb: Path) -> int:
    """Give the major version that Debian's folder is named after."""
    return int(initdb.parent.parent.name)


def owner() -> int | None:
    """Give whom the server runs as: it refuses to be root's."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    return None


class Server:
    """A server in a temporary folder, reached by a socket in that folder alone."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._owner = owner()
        # A short path: the address of a socket has room for 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._data = self.folder / "data"
        self.log = self.folder / "log"
        self._names = count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Make a cluster, start it, and fill the database that others are copies of."""
        if self._owner is not None:
            os.chown(self.folder, self._owner, -1)
        asked = ("--no-sync", "--auth=trust", "--username=monolith", "--encoding=UTF8")
        self._run("initdb", "-D", str(self._data), "--locale=C", *asked)
        self.start()
        self.execute(f"CREATE DATABASE {TEMPLATE}")
        prepare(Settings(jwt_secret=SECRET, database_url=self.url(TEMPLATE)))
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it, and remove all of it."""
        self.stop(signal.SIGQUIT)  # nothing of it is kept, so nothing has to be in order
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            user=self._owner,
            cwd=self.folder,
            env={"PATH": os.defpath, "TZ": "UTC"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Start the server, and wait until it lets somebody in."""
        settings = (*QUICK, "listen_addresses=", f"unix_socket_directories={self.folder}")
        options = [word for setting in settings for word in ("-c", setting)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._programs / "postgres"), "-D", str(self._data), *options],
                user=self._owner,
                cwd=self.folder,
                env={"PATH": os.defpath, "TZ": "UTC"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        assert eventually(self._lets_in, STARTS_WITHIN_S), self.log.read_text()

    def _lets_in(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        try:
            psycopg.connect(self.url("postgres", "postgresql")).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends its connections in order, SIGQUIT as a crash would."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(how)
        self._process.wait(30)

    def hang(self) -> None:
        """Stop all its processes where they are: connections stay, nothing is answered."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let them go on."""
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        assert self._process is not None
        for pid in (self._process.pid, *descendants(self._process.pid)):
            os.kill(pid, number)

    def url(self, name: str, scheme: str = "postgres", user: str = "monolith") -> str:
        """Give the address of the database *name*, as a hoster would write it."""
        return f"{scheme}://{user}@/{name}?host={self.folder}"

    def new(self, *, is_empty: bool = False) -> str:
        """Give the address of a new database: a copy of the filled one, or an empty one."""
        name = f"test_{next(self._names)}"
        template = "template1" if is_empty else TEMPLATE
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement as the administrator; give its rows."""
        address = self.url(database, "postgresql")
        with psycopg.connect(address, autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    def waits_for_a_lock(self) -> bool:
        """Say whether some transaction waits for another one."""
        query = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return bool(self.execute(query))
