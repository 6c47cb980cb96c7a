"""The monolith on PostgreSQL: a server that comes late, goes away, hangs, or does not suit."""

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from dev.stack import eventually
from monolith.addresses import database_address
from monolith.app import create_app
from monolith.health import Pulse
from monolith.postgresql import open_postgresql
from monolith.settings import Settings, connections
from monolith.storage import NotPrepared, prepare
from monolith.transactions import write
from tests.postgres import Server
from tests.services import SECRET, Service, bearer

MINE = "/fitness/history"
ENTRY = {"exercises": [{"exercise_id": 1, "reps": 5}]}


def settings(url: str, **others: float) -> Settings:
    """Give settings for a database that is not waited for."""
    return Settings(SECRET, database_url=url, **({"database_wait_s": 0} | others))  # type: ignore[arg-type]


@pytest.fixture
def engine(postgres: Server) -> Iterator[Engine]:
    """Give a filled database with two connections, each answer within a second."""
    engine = open_postgresql(database_address(postgres.new()), 2, 1.0)
    yield engine
    engine.dispose()


@pytest.fixture
def client(postgres: Server) -> Iterator[FlaskClient]:
    """Give a client of a monolith on a database of its own."""
    app = create_app(settings(postgres.new()))
    yield app.test_client()
    app.extensions["monolith.close"]()


def test_the_first_request_after_a_restart_is_answered(
    postgres: Server, client: FlaskClient
) -> None:
    """The pool's connections are dead, and are found so before they are used."""
    assert client.get(MINE, headers=bearer()).status_code == 200
    postgres.stop()
    postgres.start()
    assert client.post(MINE, json=ENTRY, headers=bearer()).status_code == 201


def test_without_a_database_everything_is_503(postgres: Server, client: FlaskClient) -> None:
    """As a problem that says when to come again; what needs no database is answered."""
    alice = {"username": "alice@example.com", "password": "x"}
    with away(postgres):
        answers = [
            client.get("/health"),
            client.get(MINE, headers=bearer()),
            client.post(MINE, json=ENTRY, headers=bearer()),
            client.get("/fitness/wod", headers=bearer()),
            client.get("/fitness/exercises"),
            client.post("/oauth/token", json=alice),
        ]
        assert client.get("/metrics").status_code == 200
    for answer in answers:
        assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
        assert answer.get_json()["detail"] == "The database does not answer."
        assert answer.headers["Retry-After"] == "1"
    assert client.get("/health").get_json() == {"status": "ok", "database": "ok"}


@contextmanager
def away(postgres: Server) -> Iterator[None]:
    """Stop the server until the end of the block."""
    postgres.stop(signal.SIGQUIT)
    yield
    postgres.start()


@contextmanager
def hung(postgres: Server) -> Iterator[None]:
    """Stop the server where it is until the end of the block."""
    postgres.hang()
    try:
        yield
    finally:
        postgres.resume()


def test_a_hung_server_holds_nobody(postgres: Server, engine: Engine) -> None:
    """A statement is given up, and /health does not wait even for that."""
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        pulse = Pulse(engine, limit_s=0.1)
        with hung(postgres):
            began_s = time.monotonic()
            assert not pulse.beats()
            assert time.monotonic() - began_s < 0.9
            with pytest.raises(OperationalError, match=r"no answer within 1 s"):
                connection.execute(text("SELECT 2"))
            assert time.monotonic() - began_s < 4
    assert eventually(pulse.beats, 10)


def test_one_question_is_asked_at_a_time(postgres: Server, engine: Engine) -> None:
    """However many want to know how a hung server is."""
    pulse = Pulse(engine, limit_s=0.05)
    assert eventually(pulse.beats, 5)
    with hung(postgres), ThreadPoolExecutor(8) as many:
        assert not any(many.map(lambda _: pulse.beats(), range(8)))
        named = [thread for thread in threading.enumerate() if thread.name == "pulse"]
        assert len(named) == 1
    assert eventually(pulse.beats, 10)


def test_a_statement_that_takes_too_long_is_ended_by_the_server(engine: Engine) -> None:
    """The connection is as good as before."""
    with pytest.raises(OperationalError, match="statement timeout"), engine.connect() as one:
        one.execute(text("SELECT pg_sleep(10)"))
    with engine.connect() as one:
        assert one.execute(text("SELECT 1")).scalar() == 1


def test_the_pool_is_bounded(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finds no connection within the pool's limit is told 503."""
    monkeypatch.setattr(engine.pool, "_timeout", 0.1)
    with engine.connect(), engine.connect(), pytest.raises(PoolTimeoutError):
        engine.connect()


@pytest.mark.parametrize(
    ("workers", "total", "each"), [("1", "", 40), ("4", "", 10), ("3", "10", 3)]
)
def test_workers_share_the_connections(workers: str, total: str, each: int) -> None:
    """However many there are, the server's 100 are enough."""
    environ = {"MONOLITH_WORKERS": workers, "MONOLITH_DATABASE_CONNECTIONS": total}
    assert connections(environ) == each


def test_a_database_of_another_encoding_is_refused(postgres: Server) -> None:
    """Names could not be kept in it."""
    postgres.execute("CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0")
    with pytest.raises(NotPrepared, match=r"ascii at .*SQL_ASCII.*ENCODING 'UTF8'"):
        prepare(settings(postgres.url("ascii")))


def test_who_may_not_create_is_told(postgres: Server) -> None:
    """But where the tables are there already, that right is not needed."""
    postgres.execute("CREATE ROLE guest LOGIN")
    for is_empty in (False, True):
        name = str(database_address(postgres.new(is_empty=is_empty)).database)
        postgres.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest", name)
        postgres.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC", name)
        url = postgres.url(name, user="guest")
        if is_empty:
            with pytest.raises(NotPrepared, match="permission denied for schema public"):
                prepare(settings(url))
        else:
            prepare(settings(url))


def test_an_unknown_option_is_told_at_once(postgres: Server) -> None:
    """Waiting would not mend it."""
    with pytest.raises(NotPrepared, match="sslmodes"):
        prepare(settings(postgres.new() + "&sslmodes=off", database_wait_s=60))


def test_what_is_taken_back_is_done_again(postgres: Server, engine: Engine) -> None:
    """Two transactions that PostgreSQL cannot put in a row: both are committed in the end."""
    strict = engine.execution_options(isolation_level="SERIALIZABLE")
    both_have_read = threading.Barrier(2, timeout=10)
    tries: list[str] = []

    def count_then_add(name: str) -> int:
        def work(session: Session) -> int:
            seen = session.scalar(text("SELECT count(*) FROM history")) or 0
            tries.append(name)
            if tries.count(name) == 1:
                both_have_read.wait()
            row = "INSERT INTO history VALUES (DEFAULT, :u, now(), 1, 0, 1, 1)"
            session.execute(text(row), {"u": name})
            return seen

        return write(strict, work)

    with ThreadPoolExecutor(2) as threads:
        counts = list(threads.map(count_then_add, "ab"))
    assert sorted(counts) == [0, 1]
    assert len(tries) == 3


@pytest.mark.system
def test_a_start_waits_for_the_server(postgres: Server, tmp_path: Path) -> None:
    """Saying so, without the password; it is not asked for anything before it can serve."""
    url = postgres.new(is_empty=True).replace("monolith@", "monolith:hidden-password@")
    monolith = Service("monolith", tmp_path, {"DATABASE_URL": url, "MONOLITH_WORKERS": "2"})
    with away(postgres):
        monolith.start(wait=False)
        assert eventually(lambda: "waiting for database" in monolith.log.read_text(), 15)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{monolith.url}/health")
    monolith.wait_until_ready()
    with closing(httpx.Client(base_url=monolith.url)) as client:
        assert len(client.get("/fitness/exercises").json()["exercises"]) == 60
    assert monolith.stop() == 0
    assert "hidden-password" not in monolith.log.read_text()


@pytest.mark.system
def test_sigterm_ends_the_waiting(postgres: Server, tmp_path: Path) -> None:
    """At once and in good order, also where it is the first process of a container."""
    monolith = Service("monolith", tmp_path, {"DATABASE_URL": postgres.url("nowhere")})
    monolith.start(wait=False)
    assert eventually(lambda: "waiting for database" in monolith.log.read_text(), 15)
    assert monolith.stop(within_s=5) == 0


@pytest.mark.system
def test_a_start_does_not_wait_for_ever(postgres: Server, tmp_path: Path) -> None:
    """It ends with what was waited for, and where."""
    environ = {"DATABASE_URL": postgres.url("nowhere"), "MONOLITH_DATABASE_WAIT_S": "0.5"}
    monolith = Service("monolith", tmp_path, environ)
    monolith.start(wait=False)
    assert monolith.wait() == 1
    last = monolith.log.read_text().splitlines()[-1]
    assert last.startswith(f"monolith: database nowhere at {postgres.folder} cannot be had")
    assert "MONOLITH_DATABASE_WAIT_S" in last
    assert 'database "nowhere" does not exist' in last


@pytest.mark.system
def test_a_restart_under_load_costs_503s_alone(postgres: Server, tmp_path: Path) -> None:
    """Whatever is not 503 is right; a write that was answered 201 is there, and only once."""
    url = postgres.new()
    environ = {"DATABASE_URL": url, "MONOLITH_WORKERS": "2"}
    answers: list[httpx.Response] = []
    is_over = threading.Event()

    def work(user: str) -> None:
        with httpx.Client(base_url=monolith.url, headers=bearer(user), timeout=20) as client:
            while not is_over.is_set():
                answers.append(client.post(MINE, json=ENTRY))

    def count(status: int) -> int:
        return sum(answer.status_code == status for answer in answers)

    with Service("monolith", tmp_path, environ) as monolith, ThreadPoolExecutor(6) as users:
        working = [users.submit(work, f"user-{n}") for n in range(6)]
        try:
            assert eventually(lambda: count(201) >= 20, 20)
            postgres.stop(signal.SIGQUIT)  # in the middle of statements, as a crash
            assert eventually(lambda: count(503) >= 20, 20)
            postgres.start()
            before = count(201)
            assert eventually(lambda: count(201) >= before + 20, 20)
        finally:
            is_over.set()
        for future in working:
            future.result()
    assert {answer.status_code for answer in answers} == {201, 503}
    refused = [answer for answer in answers if answer.status_code == 503]
    assert {answer.headers["Content-Type"] for answer in refused} == {"application/problem+json"}
    rows = postgres.execute("SELECT id FROM history", str(database_address(url).database))
    ids = [entry["id"] for a in answers if a.status_code == 201 for entry in a.json()["history"]]
    # Committed but not answered is possible (the commit's answer was lost), the reverse is not.
    assert set(ids) <= {row[0] for row in rows}
    assert len(set(ids)) == len(ids)
    assert "Traceback" not in monolith.log.read_text()
