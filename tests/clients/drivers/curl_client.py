"""curl, a process for each request."""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.clients.drivers.client import Answer, Client, Fields, Request, TimedOut, shown

TIMED_OUT = 28
"""curl's exit code for it."""


class Curl(Client):
    """Heads and bodies go to files: head-0, body-0, ..."""

    def __init__(self) -> None:
        self._temporary = tempfile.TemporaryDirectory()
        self._folder = Path(self._temporary.name)

    def send(self, request: Request) -> Answer:
        """The answer."""
        return self._leave(request) if request.leave else self.send_all([request])[0]

    def send_all(self, requests: Sequence[Request]) -> list[Answer]:
        """The answers; one process sends them all, so that it may reuse a connection."""
        command = ["curl"]
        for number, request in enumerate(requests):
            command += ["--next"] * (number > 0)
            command += self._options(request)
            command += [
                "-D",
                f"{self._folder}/head-{number}",
                "-o",
                f"{self._folder}/body-{number}",
            ]
            (self._folder / f"body-{number}").write_bytes(b"")  # which none may come to replace
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode == TIMED_OUT:
            raise TimedOut(done.stderr)
        assert done.returncode == 0, done.stderr
        return [self._got(number) for number in range(len(requests))]

    def _options(self, request: Request) -> list[str]:
        options = ["-sSg", "--noproxy", "*", "--max-time", f"{request.timeout_s:g}", request.url]
        options += ["--location"] * request.follow
        options += ["--head"] if request.method == "HEAD" else ["-X", request.method]
        fields = [*request.fields, *([("Transfer-Encoding", "chunked")] * request.chunked)]
        for name, value in fields:
            options += ["-H", f"{name}: {value}"]
        if request.body is not None:
            sent = self._folder / "sent"
            sent.write_bytes(request.body)
            options += ["--data-binary", f"@{sent}", "-H", "Content-Type: application/octet-stream"]
        return options

    def _got(self, number: int) -> Answer:
        """The last head, as interim answers and redirects have one each."""
        heads = (self._folder / f"head-{number}").read_bytes()
        last = heads.decode("latin-1").rstrip("\r\n").split("\r\n\r\n")[-1]
        # --head writes the head where a body would go.
        body = (self._folder / f"body-{number}").read_bytes().removeprefix(heads)
        return shown(*parsed(last), body)

    def _leave(self, request: Request) -> Answer:
        """Kill it as soon as it has told something."""
        command = ["curl", "-N", "-i", *self._options(request)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                line = process.stdout.readline()
                assert line, "curl ended"
                head += line
            got = process.stdout.read(16)
            process.kill()
        status, fields = parsed(head.decode("latin-1").rstrip("\r\n"))
        return shown(status, fields, got)

    def close(self) -> None:
        """Remove the files."""
        self._temporary.cleanup()


def parsed(head: str) -> tuple[int, Fields]:
    """Status and fields of a head without its last empty line."""
    first, *lines = head.split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(first.split()[1]), [(name, value.strip()) for name, _, value in pairs]
