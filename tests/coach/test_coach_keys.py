"""Coach verifies RS256 by the keys that the monolith publishes."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient

from coach.jwks import KeySetError, key_set, lifetime_s
from coach.keys import NoKeysYet, PublishedKeys
from tests.coach.conftest import Start, until
from tests.coach.monolith import Monolith
from tests.forgeries import FORGED
from tests.keys import key
from tests.services import free_port

SET = "/.well-known/jwks.json"
FIRST = key("first")


@pytest.fixture
def monolith() -> Iterator[Monolith]:
    """Give a scripted monolith that publishes the key "first"."""
    with Monolith() as scripted:
        publish(scripted, "first")
        yield scripted


@pytest.fixture
def client(start: Start, monolith: Monolith) -> FlaskClient:
    """Give a client of a coach that has catalogue and keys."""
    client = start(jwks_url=monolith.url + SET)
    until(lambda: client.get("/health").get_json()["keys"])
    return client


@pytest.fixture
def keys(monolith: Monolith) -> Iterator[PublishedKeys]:
    """Give the key set alone, fetched once; nothing fetches it in the background."""
    keys = PublishedKeys(monolith.url + SET, cooldown_s=60)
    keys.refresh()
    yield keys
    keys._client.close()


def publish(monolith: Monolith, *names: str) -> None:
    """Have the monolith publish the keys of those names."""
    monolith.script.keys = {"keys": [key(name).published for name in names]}


def status(client: FlaskClient, token: str) -> int:
    """Give how a request with that token is answered."""
    headers = {"Authorization": f"Bearer {token}"}
    return client.get("/fitness/wod", headers=headers).status_code


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_401(client: FlaskClient, name: str) -> None:
    """The algorithm and the keys are ours, never the token's word."""
    assert status(client, FORGED[name](FIRST)) == 401
    assert status(client, FIRST.token()) == 200


def test_requests_do_not_ask_for_the_keys(client: FlaskClient, monolith: Monolith) -> None:
    """They are kept for as long as the monolith says, a minute at least."""
    assert {status(client, FIRST.token(f"user-{n}")) for n in range(5)} == {200}
    assert len(monolith.asked(SET)) == 1


def test_a_new_key_is_known_within_one_request(client: FlaskClient, monolith: Monolith) -> None:
    """And the one that was withdrawn is refused from then on."""
    publish(monolith, "second")
    assert status(client, key("second").token()) == 200
    assert status(client, FIRST.token()) == 401
    assert len(monolith.asked(SET)) == 2


def test_a_flood_of_invented_names_asks_once(keys: PublishedKeys, monolith: Monolith) -> None:
    """Whoever comes meanwhile waits for that answer; good tokens pass."""
    monolith.script.keys_delay_s = 0.2
    with ThreadPoolExecutor(8) as many:
        known = list(many.map(lambda n: knows(keys, f"invented-{n}"), range(40)))
    assert not any(known)
    assert knows(keys, FIRST.kid)
    assert len(monolith.asked(SET)) == 2


def test_all_who_wait_for_a_new_key_get_it(keys: PublishedKeys, monolith: Monolith) -> None:
    """One fetch serves the eight requests that came with it at once."""
    monolith.script.keys_delay_s = 0.2
    publish(monolith, "first", "second")
    with ThreadPoolExecutor(8) as many:
        assert all(many.map(lambda _: knows(keys, key("second").kid), range(8)))
    assert len(monolith.asked(SET)) == 2


def knows(keys: PublishedKeys, kid: str) -> bool:
    """Say whether a token under that name can be verified."""
    try:
        keys.key(kid)
    except jwt.PyJWTError:
        return False
    return True


BAD: dict[str, dict[str, Any]] = {
    "failing": {"keys_status": 500},
    "redirect": {"keys_status": 302},
    "no object": {"keys": []},
    "no keys": {"keys": {}},
    "empty": {"keys": {"keys": []}},
    "too many": {"keys": {"keys": [key("second").published] * 101}},
    "huge": {"keys": {"keys": [key("second").published], "more": "x" * 300_000}},
    "slow": {"keys_delay_s": 4.0},
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
def test_a_set_that_cannot_be_had_leaves_the_old(
    keys: PublishedKeys, monolith: Monolith, change: dict[str, Any]
) -> None:
    """In about a second at most."""
    for name, value in change.items():
        setattr(monolith.script, name, value)
    began_s = time.monotonic()
    assert not keys.refresh()
    assert time.monotonic() - began_s < 3
    assert knows(keys, FIRST.kid)


def test_a_dead_monolith_leaves_the_old_for_a_day(keys: PublishedKeys, monolith: Monolith) -> None:
    """After that a token can neither be taken nor refused."""
    monolith.stop()
    assert not keys.refresh()
    assert knows(keys, FIRST.kid)
    keys._stale_s = 0.0
    assert not keys.are_known
    with pytest.raises(NoKeysYet):
        keys.key(FIRST.kid)


def test_without_keys_it_is_503_until_they_come(start: Start, monolith: Monolith) -> None:
    """Not 401: the token may be good. Coach may be started first."""
    monolith.script.keys_status = 503
    client = start(jwks_url=monolith.url + SET)
    headers = {"Authorization": f"Bearer {FIRST.token()}"}
    answer = client.get("/fitness/wod", headers=headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert client.get("/fitness/wod").status_code == 401
    health = client.get("/health")
    assert (health.status_code, health.get_json()["keys"]) == (200, False)
    monolith.script.keys_status = 200
    until(lambda: status(client, FIRST.token()) == 200)


def test_nobody_is_waited_for_at_the_end(start: Start) -> None:
    """A coach that never had keys stops at once."""
    client = start(jwks_url=f"http://127.0.0.1:{free_port()}{SET}")
    began_s = time.monotonic()
    client.application.extensions["coach.close"]()
    assert time.monotonic() - began_s < 1.5


def changed(**members: Any) -> dict[str, Any]:
    """Give a set of a good key and one that is not for us."""
    other = key("second").published | members
    return {"keys": [FIRST.published, {k: v for k, v in other.items() if v is not None}]}


@pytest.mark.parametrize(
    "members",
    [
        {"kty": "EC"},
        {"use": "enc"},
        {"alg": "RS512"},
        {"kid": None},
        {"kid": ""},
        {"kid": 7},
        {"kid": "x" * 300},
        {"n": None},
        {"n": "!"},
        {"n": 7},
        {"e": "AA"},
        key("short", 1024).jwk,
    ],
    ids=lambda members: str(members)[:20],  # without the key, which is another in each process
)
def test_a_key_that_is_not_for_us_is_passed_over(members: dict[str, Any]) -> None:
    """The others of the set are used."""
    assert set(key_set(changed(**members))) == {FIRST.kid}


def test_use_and_algorithm_need_not_be_said() -> None:
    """RFC 7517 lets both be left out."""
    assert set(key_set(changed(use=None, alg=None))) == {FIRST.kid, key("second").kid}


def test_a_set_without_a_key_for_us_is_none() -> None:
    """So a monolith that signs with a secret is found out."""
    with pytest.raises(KeySetError, match="none of its 1 keys"):
        key_set({"keys": [FIRST.published | {"use": "enc"}]})


@pytest.mark.parametrize(
    ("header", "lasts_s"),
    [
        ("public, max-age=300", 300),
        ("MAX-AGE=300", 300),
        ("max-age=5", 60),
        ("max-age=99999", 3600),
        ("no-store", 60),
        ("s-max-age=300", 60),
        ("", 60),
    ],
)
def test_how_long_a_set_is_kept(header: str, lasts_s: float) -> None:
    """As the monolith says, from a minute to an hour."""
    assert lifetime_s(header) == lasts_s
