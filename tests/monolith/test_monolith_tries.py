"""Wrong passwords: so many a name, so many an address, whichever worker they come to."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from monolith.app import create_app
from monolith.settings import DEMO_PASSWORD, Settings
from monolith.tables import Tries
from monolith.tries import WINDOW_MIN, Limit, place
from tests.conftest import NewDatabase
from tests.services import SECRET

ALICE = "alice@example.com"
HOME = "203.0.113.7"
Open = Callable[..., FlaskClient]


@pytest.fixture
def open_(new_database: NewDatabase) -> Iterator[Open]:
    """Give a function that gives a client of one more worker on the same database."""
    url = new_database()
    apps: list[Flask] = []

    def open_(**others: int) -> FlaskClient:
        apps.append(create_app(Settings(SECRET, database_url=url, **others)))  # type: ignore[arg-type]
        return apps[-1].test_client()

    yield open_
    for app in apps:
        app.extensions["monolith.close"]()


def status(client: FlaskClient, password: str, name: str = ALICE, address: str = HOME) -> int:
    """Give what a login is answered; the router says where it comes from."""
    sent = {"username": name, "password": password}
    came = {"X-Forwarded-For": address}
    return client.post("/oauth/token", json=sent, headers=came).status_code


def test_wrong_passwords_are_limited_by_name_over_all_workers(open_: Open) -> None:
    """From whatever address; the right one is refused too, and other names are served."""
    one, other = (open_(tries_per_name=4) for _ in range(2))
    tries = [
        status(who, "wrong", address=f"198.51.100.{n}") for n, who in enumerate((one, other) * 2)
    ]
    assert tries == [401] * 4
    refused = other.post("/oauth/token", json={"username": " Alice@Example.com", "password": "x"})
    assert (refused.status_code, refused.content_type) == (429, "application/problem+json")
    assert 0 < int(refused.headers["Retry-After"]) <= 60 * WINDOW_MIN
    assert status(one, DEMO_PASSWORD) == 429
    assert status(one, DEMO_PASSWORD, "bob@example.com") == 200


def test_wrong_passwords_are_limited_by_address(open_: Open) -> None:
    """Whatever names are tried, users or not; others come in."""
    client = open_(tries_per_address=3)
    assert [status(client, "x", f"user-{n}@example.com") for n in range(5)] == [401] * 3 + [429] * 2
    assert status(client, DEMO_PASSWORD) == 429
    assert status(client, DEMO_PASSWORD, address="203.0.113.8") == 200


def test_what_a_client_says_before_the_proxies_counts_for_nothing(open_: Open) -> None:
    """Only the last address of the field is a proxy's word; without proxies none is."""
    client = open_(tries_per_address=2)
    forged = [status(client, "x", f"u{n}@b.c", f"10.0.0.{n}, {HOME}") for n in range(3)]
    assert forged == [401, 401, 429]
    bare = open_(tries_per_address=2, proxies=0)
    assert [status(bare, "x", f"v{n}@b.c", f"10.0.0.{n}") for n in range(3)] == [401, 401, 429]


def test_right_passwords_are_not_counted(open_: Open) -> None:
    """And begin a name anew; an address only gets back the try that was right."""
    client = open_(tries_per_name=2, tries_per_address=3)
    for _ in range(4):
        assert status(client, DEMO_PASSWORD) == 200
    assert [status(client, "x"), status(client, DEMO_PASSWORD), status(client, "x")] == [
        401,
        200,
        401,
    ]
    assert [status(client, DEMO_PASSWORD), status(client, "x")] == [200, 401]
    assert status(client, DEMO_PASSWORD) == 429


def test_a_window_ends(database: Engine) -> None:
    """What is over counts no longer, and its rows go."""
    now = [1e9]
    limit = Limit(database, 1, 10, lambda: now[0])
    assert limit.begin(ALICE, HOME) is None
    refused = limit.begin(ALICE, HOME)
    assert refused is not None
    assert refused.headers == {"Retry-After": str(60 * WINDOW_MIN)}
    now[0] += 60 * WINDOW_MIN - 0.5
    assert limit.refusal(ALICE, HOME) is not None
    now[0] += 1
    assert limit.refusal(ALICE, HOME) is None
    limit.succeeded(ALICE, HOME)  # of a window that is over: no try is given for it
    assert limit.begin("bob@example.com", "192.0.2.1") is None
    with Session(database) as session:
        assert session.scalar(select(func.count()).select_from(Tries)) == 3


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("unknown", "unknown", True),
    ],
)
def test_an_ipv6_household_is_one_address(one: str, other: str, same: bool) -> None:
    """Its /64 is one customer's."""
    assert (place(one) == place(other)) is same
