"""The router behind nginx and behind HAProxy, with the files of deploy/: every step is real.

Skipped where the program is not installed (Debian: `nginx`, `haproxy`).
"""

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dev.stack import Stack, eventually
from tests.docs.fronts import SEARCHED, Front

pytestmark = pytest.mark.system

WOD = "/fitness/wod"
USER = "user-1@example.com"


@pytest.fixture(scope="module", params=["nginx", "haproxy"])
def name(request: pytest.FixtureRequest) -> str:
    """Give the name of a front that this machine has."""
    if shutil.which(request.param, path=SEARCHED) is None:
        pytest.skip(f"{request.param} is not installed")
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Give the real three, everybody on coach, the answers saying who served."""

    def change(text: str) -> str:
        return "debug_headers: true\n" + text.replace("percent: 10", "percent: 100")

    with Stack(tmp_path_factory.mktemp("stack"), change=change) as running:
        yield running


@pytest.fixture
def front(name: str, stack: Stack, tmp_path: Path) -> Iterator[Front]:
    """Give the front before that stack."""
    router, admin = stack.plan.router.places
    monolith = stack.plan.monolith.places[0].port
    ports = {"8080": router.port, "9901": admin.port, "5001": monolith}
    with Front(name, tmp_path, ports) as running:
        yield running


@pytest.fixture
def client(front: Front) -> Iterator[httpx.Client]:
    """Give a client of the front."""
    with httpx.Client(base_url=front.url, timeout=20.0, trust_env=False) as one:
        yield one


def wod(client: httpx.Client, stack: Stack) -> httpx.Response:
    """Ask for the workout of the day."""
    return client.get(WOD, headers={"Authorization": f"Bearer {stack.token(USER)}"})


def served(answer: httpx.Response) -> str:
    """Who served; the monolith that was asked without the router does not say."""
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["exercises"]) == 6
    return answer.headers.get("X-Served-By", "nobody")


def test_its_file_is_good(front: Front) -> None:
    """`nginx -t` and `haproxy -c` have nothing to say against it."""
    done = subprocess.run(front.command(check=True), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in (done.stdout + done.stderr).lower()


def test_a_wod_goes_through_the_router_to_coach(client: httpx.Client, stack: Stack) -> None:
    """One location: the WOD is the router's, and nothing else is."""
    before = stack.total("requests_total")
    assert served(wod(client, stack)) == "coach"
    assert client.get("/fitness/exercises").status_code == 200
    assert client.get("/health").json()["status"] == "ok"
    assert eventually(lambda: stack.total("requests_total") == before + 1, 20.0)


def test_one_request_id_names_it_in_every_log(client: httpx.Client, stack: Stack) -> None:
    """The front's id is kept by the router and sent on."""
    [request_id] = set(wod(client, stack).headers.get_list("X-Request-ID"))
    for name in ("router", "coach"):
        assert eventually(lambda name=name: request_id in stack.log(name), 20.0), name  # type: ignore[misc]


def test_who_has_no_token_hears_it_from_the_router(client: httpx.Client) -> None:
    """The router's own answers pass the front as they are."""
    answer = client.get(WOD)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "strangler" in answer.headers["WWW-Authenticate"]


def test_the_router_rescues_and_the_front_asks_once(client: httpx.Client, stack: Stack) -> None:
    """Coach is killed: the router asks the monolith, the front does not ask again."""
    stack.kill("coach")
    try:
        before = stack.total("requests_total")
        assert served(wod(client, stack)) == "monolith"
        assert eventually(lambda: stack.total("requests_total") == before + 1, 20.0)
        stack.kill("monolith")
        answer = wod(client, stack)
        assert answer.status_code == 502
        assert answer.json()["type"] == "urn:strangler:upstream-failed"
        assert eventually(lambda: stack.total("requests_total") == before + 2, 20.0)
    finally:
        stack.start(*(name for name in ("monolith", "coach") if stack.processes[name].has_ended))


def test_without_a_router_the_monolith_serves(client: httpx.Client, stack: Stack) -> None:
    """The router is stopped: the very next request is answered; once it is back, it serves."""
    stack.stop_one("router")
    try:
        assert served(wod(client, stack)) == "nobody"
    finally:
        stack.start("router")
    assert eventually(lambda: served(wod(client, stack)) == "coach", 15.0)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_write_that_was_sent_is_not_sent_again(name: str, tmp_path: Path, method: str) -> None:
    """A router that dies with a request in its hands: a POST is 502, and nobody else sees it."""
    with Listener(b"") as dying, Listener(OK) as monolith, Listener(READY) as admin:
        ports = {"8080": dying.port, "5001": monolith.port, "9901": admin.port}
        with Front(name, tmp_path, ports) as front:
            answer = httpx.request(method, front.url + WOD, content=b"x=1", trust_env=False)
    assert dying.heads[0].startswith(method.encode())
    if method == "POST":
        assert answer.status_code == 502
        assert monolith.heads == []
    else:  # nginx asks again for what is safe, HAProxy only where nothing was sent
        assert answer.status_code == (200 if name == "nginx" else 502)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
READY = OK


class Listener:
    """An upstream that reads one head a connection, says *answer* and closes."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.heads: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Listener":
        """Serve from now on."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                head = connection.recv(65536)
                if head:  # HAProxy and the test look by connecting alone
                    self.heads.append(head)
                    connection.sendall(self.answer)
