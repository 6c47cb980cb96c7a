"""Keys that change while the router runs: files, published sets, and how they fail."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from router.core.model import Jwt, Key
from router.edge.current import keys_report
from router.edge.jwks import PublishedKeys
from router.edge.keyfiles import FileKeys
from router.edge.keyring import KeyProblem
from router.edge.publickeys import UnfitKey, from_pem
from router.serve.serving import watched
from tests.edge.conftest import Open
from tests.edge.issuers import PUBLIC, Issuer, Pair, pair, pem_file, says, slow
from tests.edge.requests import request
from tests.edge.stages import Stage, until


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    """Give an issuer that publishes the key `one`."""
    one = Issuer(pair())
    await one.start()
    yield one
    await one.stop()


def published(issuer: Issuer, algorithm: str = "RS256", **also: Any) -> Jwt:
    """Tokens are good that the issuer's keys signed."""
    return Jwt((Key(algorithm, jwks_url=issuer.url, **also),), issuer="fit-api")


async def shows(stage: Stage, text: str) -> int:
    """The status for that token."""
    return (await stage.ask(request(auth=f"Authorization: Bearer {text}"))).status


def verdict(stage: Stage) -> dict[str, Any]:
    """What `/config` says of the one key."""
    return keys_report(stage.current.running)[0]


@pytest.mark.parametrize("algorithm", PUBLIC)
async def test_a_published_key_is_good(stage: Open, issuer: Issuer, algorithm: str) -> None:
    """Also for a request that comes before the first fetch has ended."""
    issuer.published = [pair(name).jwk for name in PUBLIC]
    one = await stage(jwt=published(issuer, algorithm))
    good = pair(algorithm)
    assert await shows(one, good.token()) == 200
    assert await shows(one, good.token("user-2", headers={"kid": None})) == 200
    others = [name for name in PUBLIC if name != algorithm]
    assert [await shows(one, pair(name).token()) for name in others] == [401, 401]
    assert issuer.asked == 1
    assert verdict(one)["kids"] == ["one"]
    assert verdict(one)["problem"] is None
    assert verdict(one)["passed_over"] == []


@pytest.fixture
def _told(caplog: pytest.LogCaptureFixture) -> None:
    """Take warnings of key sets for granted: they are the router's to give here."""
    caplog.set_level("CRITICAL", "router")


FAULTS = {
    "500": (says(500), "the answer is 500, not 200"),
    "404": (says(404, b'{"keys": []}'), "404"),
    "redirect": (says(302, Location="/elsewhere"), "302"),
    "garbage": (says(200, b"<html>"), "no JSON object"),
    "nested": (says(200, b"[" * 100_000), "no JSON object"),
    "a list": (says(200, b"[]"), "no JSON object"),
    "no set": (says(200, b"{}"), 'no list "keys"'),
    "empty set": (says(200, b'{"keys": []}'), "holds no key"),
    "huge": (says(200, b" " * (256 * 1024 + 1)), "larger than"),
    "compressed": (says(200, b"x", Content_Encoding="gzip"), "compressed"),
    "slow": (slow(), "no whole answer within"),
}


@pytest.mark.usefixtures("_told")
@pytest.mark.parametrize(("fault", "words"), FAULTS.values(), ids=FAULTS.keys())
async def test_without_any_set_tokens_are_503_and_with_one_nothing_happens(
    stage: Open, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, fault: Any, words: str
) -> None:
    """Nobody can say whether they are good; the client is told to keep its token and come again.

    As soon as the issuer is well, they are; and when it fails again, the set there is stays.
    """
    monkeypatch.setattr("router.edge.fetching.WITHIN_S", 0.3)
    monkeypatch.setattr("router.core.refreshing.RETRY_S", 0.05)
    monkeypatch.setattr("router.core.refreshing.SHORTEST_S", 0.1)
    issuer.answer, good = fault, pair().token()
    one = await stage(jwt=published(issuer))
    got = await one.ask(request(auth=f"Authorization: Bearer {good}"))
    assert (got.status, got.one("retry-after")) == (503, b"5")
    assert words in verdict(one)["problem"]
    issuer.answer, issuer.headers = None, {"Cache-Control": "max-age=0"}
    await until(lambda: verdict(one)["known"], "the keys")
    assert await shows(one, good) == 200
    issuer.answer = fault
    await until(lambda: verdict(one)["problem"], "a failure")
    await until(lambda: verdict(one)["stale"], "a stale set")
    assert await shows(one, good) == 200
    one.metrics.watch_keys(watched(one.current.running))
    assert one.total("keys_stale", key="jwt.keys.0") == 1
    assert one.total("keys_refresh_success", key="jwt.keys.0") == 0
    assert one.total("keys_known", key="jwt.keys.0") == 1
    assert abs(one.total("keys_refresh_timestamp_seconds") - time.time()) < 60


@pytest.mark.usefixtures("_told")
async def test_a_set_that_is_too_old_is_used_no_more(
    stage: Open, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even for tokens that are remembered."""
    monkeypatch.setattr("router.core.refreshing.SHORTEST_S", 0.2)
    monkeypatch.setattr("router.edge.jwks.LOOK_S", 0.05)
    issuer.headers = {"Cache-Control": "max-age=0"}
    one = await stage(jwt=published(issuer, stale_for_s=1.0))
    assert await shows(one, pair().token()) == 200
    issuer.answer = says(500)
    await until(lambda: verdict(one)["known"] == 0, "no keys")
    assert await shows(one, pair().token()) == 503


async def test_a_flood_of_unknown_names_is_one_fetch(stage: Open, issuer: Issuer) -> None:
    """At most one in 30 s, whatever the names; and none of them is remembered as bad."""
    one = await stage(jwt=published(issuer))
    assert await shows(one, pair().token()) == 200
    invented = [pair(kid="forger").token(headers={"kid": f"k{n}"}) for n in range(200)]
    callers = [await one.dial() for _ in range(10)]

    async def flood(place: int) -> list[int]:
        lines = (f"Authorization: Bearer {text}" for text in invented[place::10])
        return [(await one.ask(request(auth=line), on=callers[place])).status for line in lines]

    seen = await asyncio.gather(*map(flood, range(10)))
    assert {status for some in seen for status in some} == {401}
    assert issuer.asked == 2
    await one.quiet()
    assert {record.refusal for record in one.ledger.records[1:]} == {"unknown_key"}


async def test_a_slow_issuer_keeps_nobody_waiting_for_long(
    stage: Open, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request waits for the key it names for a bounded time; those with known keys not at all."""
    monkeypatch.setattr("router.edge.jwks.WAIT_S", 0.2)
    one = await stage(jwt=published(issuer))
    assert await shows(one, pair().token()) == 200
    issuer.answer = slow()
    began = time.monotonic()
    asked = asyncio.create_task(shows(one, pair(kid="two").token()))
    await until(lambda: issuer.asked == 2, "a fetch")
    assert await shows(one, pair().token("user-2")) == 200
    assert not asked.done()
    assert await asked == 401
    assert time.monotonic() - began < 5


async def test_a_rotation_under_load_refuses_no_good_token(
    stage: Open, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Publish, sign with the new one, withdraw: then tokens of the old one are refused."""
    monkeypatch.setattr("router.core.refreshing.SHORTEST_S", 0.5)
    issuer.headers = {"Cache-Control": "max-age=0"}
    one = await stage(jwt=published(issuer))
    old, new = pair(), pair(kid="two")
    signing, over, seen = old, False, {old.kid: 0, new.kid: 0}
    bad: list[tuple[str, int]] = []

    async def client(name: str) -> None:
        caller, count = await one.dial(), 0
        while not over:
            by, count = signing, count + 1
            line = f"Authorization: Bearer {by.token(f'{name}-{count}')}"
            status = (await one.ask(request(auth=line), on=caller)).status
            bad.extend([(by.kid, status)] * (status != 200))
            seen[by.kid] += 1

    clients = [asyncio.create_task(client(f"user{n}")) for n in range(8)]
    await until(lambda: seen[old.kid] > 30, "tokens of the old key")
    issuer.published = [old.jwk, new.jwk]
    signing = new  # at once: the worst order that an issuer may choose
    await until(lambda: seen[new.kid] > 30, "tokens of the new key")
    remembered = old.token("remembered")
    assert await shows(one, remembered) == 200
    issuer.published = [new.jwk]
    await until(lambda: verdict(one)["kids"] == ["two"], "the old key's end")
    assert await shows(one, remembered) == 401
    count = seen[new.kid]
    await until(lambda: seen[new.kid] > count + 30, "more tokens of the new key")
    over = True
    await asyncio.gather(*clients)
    assert not bad


async def test_without_a_name_the_first_four_keys_are_tried(stage: Open, issuer: Issuer) -> None:
    """In the order of the set: a token must not make us try any number of keys."""
    pairs = [pair("ES256", f"k{n}") for n in range(5)]
    issuer.published = [one.jwk for one in pairs]
    one = await stage(jwt=published(issuer, "ES256"))
    seen = [await shows(one, each.token(headers={"kid": None})) for each in pairs]
    assert seen == [200, 200, 200, 200, 401]
    assert await shows(one, pairs[4].token()) == 200


async def test_the_copy_on_disk_serves_while_the_issuer_is_away(
    stage: Open, issuer: Issuer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is for the same address, no older than `stale_for`, and for nobody else to read."""
    cache = tmp_path / "keys.json"
    rules = published(issuer, cache_file=str(cache))
    first = await stage(jwt=rules)
    assert await shows(first, pair().token()) == 200
    await until(cache.exists, "the copy")
    assert cache.stat().st_mode & 0o777 == 0o600
    issuer.answer = says(500)
    clocks = {"clock": time.monotonic, "wall": time.time}
    again = PublishedKeys(rules.keys[0], tmp_path, **clocks)
    assert [one.kid for one in again.keys] == ["one"]
    assert again.is_ready
    late = PublishedKeys(
        rules.keys[0], tmp_path, clock=time.monotonic, wall=lambda: time.time() + 2 * 86400
    )
    assert not late.keys
    kept = json.loads(cache.read_text())
    for spoilt in (kept | {"url": "http://x/y"}, kept | {"fetched_at": "now"}, [], {}):
        cache.write_text(json.dumps(spoilt))
        assert not PublishedKeys(rules.keys[0], tmp_path, **clocks).keys
    assert caplog.text.count("the copy of the keys cannot be used") == 4
    caplog.clear()


class Filed:
    """A key file that is looked at more often than in earnest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = pem_file(folder, pair())
        self.key = Key("RS256", public_key_file=str(self.path))


@pytest.fixture
def filed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Filed:
    """Give a key file with the key `one`."""
    monkeypatch.setattr("router.edge.keyfiles.POLL_S", 0.02)
    monkeypatch.setattr("router.edge.keyfiles.STILL_S", 0.02)
    return Filed(tmp_path)


def renamed(filed: Filed, one: Pair) -> None:
    """Put the key there by rename."""
    pem_file(filed.folder, one)


def written(filed: Filed, one: Pair) -> None:
    """Write into the file that is there."""
    filed.path.write_bytes(one.pem)


def linked(filed: Filed, one: Pair) -> None:
    """Swap a link, as a mounted secret is changed."""
    (filed.folder / "other.pem").write_bytes(one.pem)
    (filed.folder / "link").symlink_to("other.pem")
    (filed.folder / "link").replace(filed.path)


@pytest.mark.parametrize("change", [renamed, written, linked])
async def test_a_key_file_is_read_again_when_it_changes(
    stage: Open, filed: Filed, change: Any
) -> None:
    """And what the old key signed is refused, remembered or not."""
    one = await stage(jwt=Jwt((filed.key,), issuer="fit-api"))
    old, new = pair().token(), pair(kid="two").token()
    assert (await shows(one, old), await shows(one, new)) == (200, 401)
    before = one.current.running.sources[0].keys
    change(filed, pair(kid="two"))
    await until(lambda: one.current.running.sources[0].keys != before, "the new key")
    assert (await shows(one, old), await shows(one, new)) == (401, 200)


@pytest.mark.usefixtures("_told")
async def test_a_broken_key_file_changes_nothing_but_the_verdict(stage: Open, filed: Filed) -> None:
    """The old key is used on, and `/config` and the metric say so, until the file is mended."""
    one = await stage(jwt=Jwt((filed.key,), issuer="fit-api"))
    one.metrics.watch_keys(watched(one.current.running))
    assert one.total("keys_refresh_success") == one.total("keys_known") == 1
    filed.path.write_bytes(b"-----BEGIN")
    await until(lambda: verdict(one)["problem"], "a verdict")
    assert "holds no public key in PEM" in verdict(one)["problem"]
    assert one.total("keys_refresh_success") == 0
    assert await shows(one, pair().token()) == 200
    filed.path.unlink()
    await until(lambda: "cannot be read" in str(verdict(one)["problem"]), "another verdict")
    pem_file(filed.folder, pair())
    await until(lambda: verdict(one)["problem"] is None, "a good verdict")
    assert one.total("keys_refresh_success") == 1


def test_a_key_file_that_will_not_do_is_told_at_the_start(tmp_path: Path) -> None:
    """What is wrong, where, and how to mend it."""
    key = Key("ES256", public_key_file="key.pem")
    with pytest.raises(KeyProblem, match=r"key.pem cannot be read: No such file"):
        FileKeys(key, tmp_path)
    pem_file(tmp_path, pair("RS256"))
    with pytest.raises(KeyProblem, match=r"key.pem is no key for ES256"):
        FileKeys(key, tmp_path)


def test_unfit_public_keys_are_told() -> None:
    """Private halves, short keys, several at once; never a byte of them."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    weak = Pair("RS256", "weak", generate_private_key(65537, 1024))
    private = b"-----BEGIN PRIVATE KEY-----\nsecret"
    for pem, words in (
        (weak.pem, "has 1024 bits; RSA keys need 2048"),
        (private, "private key; give its public half"),
        (pair().pem * 2, "several keys"),
        (b"-----BEGIN CERTIFICATE-----", "certificate; give its key"),
        (b"", "no public key"),
    ):
        with pytest.raises(UnfitKey, match=words) as caught:
            from_pem(pem, "RS256")
        assert "secret" not in str(caught.value)


async def test_weak_and_odd_published_keys_are_passed_over(
    stage: Open, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says so once, and the good one among them is used."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    weak = Pair("RS256", "weak", generate_private_key(65537, 1024)).jwk
    broken = pair().jwk | {"kid": "broken", "n": "!"}
    issuer.published = [weak, broken, pair().jwk | {"kid": "enc", "use": "enc"}, pair().jwk]
    one = await stage(jwt=published(issuer))
    assert await shows(one, pair().token()) == 200
    assert verdict(one)["kids"] == ["one"]
    assert caplog.text.count("key set at") == 3
    assert "1024 bits" in caplog.text
    caplog.clear()
