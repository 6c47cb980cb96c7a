"""RS256: keys in files sign, are published, and change without a restart."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as elliptic
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from flask.testing import FlaskClient

from monolith import keyfiles
from monolith.app import create_app
from monolith.environment import SettingsError
from monolith.keyfiles import KeyFiles, SigningKey, read_keys, thumbprint
from monolith.settings import DEMO_PASSWORD, Settings, read
from tests.forgeries import FORGED
from tests.keys import key
from tests.services import ROOT

SET = "/.well-known/jwks.json"
ALICE = {"username": "alice@example.com", "password": DEMO_PASSWORD}
Open = Callable[..., FlaskClient]


@pytest.fixture
def open_(tmp_path: Path) -> Iterator[Open]:
    """Give a function that gives a client of a monolith with those key files."""
    apps = []

    def open_(*files: Path) -> FlaskClient:
        settings = Settings(
            "",
            signing_key_files=tuple(map(str, files)),
            database_url=f"sqlite:///{tmp_path}/m.db",
        )
        apps.append(create_app(settings))
        return apps[-1].test_client()

    yield open_
    for app in apps:
        app.extensions["monolith.close"]()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file with the key "first"."""
    return key("first").write(tmp_path / "signing.pem")


def logged_in(client: FlaskClient) -> str:
    """Give the token that a password gives."""
    given: str = client.post("/oauth/token", json=ALICE).get_json()["access_token"]
    return given


def status(client: FlaskClient, given: str) -> int:
    """Give how a request with that token is answered."""
    headers = {"Authorization": f"Bearer {given}"}
    return client.get("/fitness/history", headers=headers).status_code


def published(client: FlaskClient) -> list[str]:
    """Give the names of the keys in the set."""
    return [one["kid"] for one in client.get(SET).get_json()["keys"]]


def test_a_token_is_signed_by_the_first_and_all_are_published(
    open_: Open, file: Path, tmp_path: Path
) -> None:
    """Public halves alone, under the names that RFC 7638 gives them."""
    client = open_(file, key("second").write(tmp_path / "next.pem"))
    answer = client.get(SET)
    assert answer.get_json() == {"keys": [key("first").published, key("second").published]}
    given = logged_in(client)
    assert jwt.get_unverified_header(given) == {
        "alg": "RS256",
        "kid": key("first").kid,
        "typ": "JWT",
    }
    assert jwt.decode(given, key("first").public_pem, ["RS256"])["sub"] == ALICE["username"]
    assert [status(client, one) for one in (given, key("second").token())] == [200, 200]


def test_the_set_may_be_kept_for_a_while(open_: Open, file: Path) -> None:
    """And asked for again by its ETag; it needs neither a token nor the database."""
    client = open_(file)
    answer = client.get(SET)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = client.get(SET, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    key("second").write(file)
    changed = client.get(SET, headers={"If-None-Match": answer.headers["ETag"]})
    assert (changed.status_code, changed.headers["ETag"] != answer.headers["ETag"]) == (200, True)


def test_without_key_files_nothing_is_published(client: FlaskClient) -> None:
    """The secret is nobody's to know."""
    answer = client.get(SET)
    assert (answer.status_code, answer.get_json()) == (200, {"keys": []})


def test_the_thumbprint_is_the_rfcs() -> None:
    """The example of RFC 7638 section 3.1."""
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJE"
        "CPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Q"
        "vzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6"
        "WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    members = {"n": modulus, "e": "AQAB", "kty": "RSA"}
    assert thumbprint(members) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_keys_rotate_without_a_restart(
    open_: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Published, then signing, then withdrawn: no token that still holds is refused between."""
    monkeypatch.setattr(keyfiles, "PUBLISHED_S", 0.0)
    old, new = key("first"), key("second")
    files = [tmp_path / name for name in ("signing.pem", "next.pem", "previous.pem")]
    signing, next_, previous = files
    for one in files:
        old.write(one)
    client = open_(*files)
    before = logged_in(client)
    assert published(client) == [old.kid]  # one key in three files is one key

    new.write(next_)
    assert published(client) == [old.kid, new.kid]
    assert jwt.get_unverified_header(logged_in(client))["kid"] == old.kid

    new.write(signing)
    assert published(client) == [new.kid, old.kid]
    after = logged_in(client)
    assert jwt.get_unverified_header(after)["kid"] == new.kid
    assert [status(client, one) for one in (before, after)] == [200, 200]

    new.write(previous)
    assert published(client) == [new.kid]
    assert [status(client, one) for one in (before, after)] == [401, 200]


def test_a_new_key_signs_once_other_workers_must_have_read_it(tmp_path: Path) -> None:
    """It is published at once; with no other key left it signs at once, as a leak asks for."""
    now = [100.0]
    signing, old_file = tmp_path / "signing.pem", tmp_path / "old.pem"
    old, new = key("first"), key("second")
    old.write(signing)
    old.write(old_file)
    keys = KeyFiles([str(signing), str(old_file)], clock=lambda: now[0])
    assert keys.signing().kid == old.kid
    new.write(signing)
    assert [one.kid for one in keys.current()] == [new.kid, old.kid]
    now[0] += keyfiles.PUBLISHED_S / 2
    assert keys.signing().kid == old.kid
    now[0] += keyfiles.PUBLISHED_S / 2
    assert keys.signing().kid == new.kid
    third = key("third")
    third.write(signing)
    third.write(old_file)
    assert keys.signing().kid == third.kid


def test_nobody_is_given_the_old_keys_while_new_ones_are_read(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token by the new key may come in that moment, signed by another worker."""
    keys = KeyFiles([str(file)])
    begun, go_on = Event(), Event()

    def read_slowly(files: Sequence[str]) -> tuple[SigningKey, ...]:
        begun.set()
        assert go_on.wait(60)
        return read_keys(files)

    monkeypatch.setattr(keyfiles, "read_keys", read_slowly)
    key("second").write(file)
    with ThreadPoolExecutor() as threads:
        first = threads.submit(keys.current)
        assert begun.wait(60)
        second = threads.submit(keys.current)
        assert not wait([second], timeout=0.05).done
        go_on.set()
        found = [[one.kid for one in each.result(60)] for each in (first, second)]
    assert found == [[key("second").kid]] * 2


@pytest.mark.parametrize("content", [None, b"", b"half a k"])
def test_a_file_that_breaks_changes_nothing(
    file: Path, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names it, once; when it is whole again it is read."""
    keys = KeyFiles([str(file)])
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    with caplog.at_level(logging.ERROR):
        kids = {one.kid for _ in range(3) for one in keys.current()}
    assert kids == {key("first").kid}
    assert len(caplog.records) == 1
    assert str(file) in caplog.text
    key("second").write(file)
    assert [one.kid for one in keys.current()] == [key("second").kid]


def wrong_files() -> dict[str, tuple[bytes | None, str]]:
    """Give what cannot be a signing key, and what is said of it."""
    encryption = BestAvailableEncryption(b"password")
    private = key("first").private
    curve = elliptic(SECP256R1())
    return {
        "missing": (None, "cannot be read: No such file"),
        "empty": (b"", "does not hold a private key"),
        "public": (key("first").public_pem, "does not hold a private key"),
        "with a password": (
            private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption),
            "without a password",
        ),
        "short": (key("short", 1024).pem, "1024 bits, and at least 2048 are needed"),
        "elliptic": (
            curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            "not RSA",
        ),
    }


@pytest.mark.parametrize("name", wrong_files())
def test_a_file_that_is_no_signing_key_is_refused(tmp_path: Path, name: str) -> None:
    """At the start, by name, with how to make one; what is in it stays there."""
    content, why = wrong_files()[name]
    file = tmp_path / "wrong.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=f"MONOLITH_SIGNING_KEY_FILES: {file} .*{why}") as wrong:
        KeyFiles([str(file)])
    assert "BEGIN" not in str(wrong.value)


def test_gunicorn_ends_with_a_word_on_the_key(tmp_path: Path) -> None:
    """Before it listens, and without a traceback."""
    file = key("short", 1024).write(tmp_path / "short.pem")
    ended = subprocess.run(
        [sys.executable, "-m", "gunicorn", "-c", "monolith/gunicorn.conf.py"],
        cwd=ROOT,
        env={"MONOLITH_SIGNING_KEY_FILES": str(file), "MONOLITH_BIND": "127.0.0.1:0"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"monolith: MONOLITH_SIGNING_KEY_FILES: {file} holds an RSA key")
    assert "Traceback" not in ended.stderr


def test_with_key_files_there_need_be_no_secret(file: Path) -> None:
    """A list may have blanks; a secret that is set is not used."""
    settings = read({"MONOLITH_SIGNING_KEY_FILES": f" {file} ,", "JWT_SECRET": "short"})
    assert (settings.signing_key_files, settings.jwt_secret) == ((str(file),), "")


def test_no_key_is_shown(file: Path) -> None:
    """Neither in a log nor where somebody prints it."""
    [one] = KeyFiles([str(file)]).current()
    assert repr(one) == f"SigningKey({key('first').kid})"


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_401(open_: Open, file: Path, name: str) -> None:
    """The algorithm and the keys are ours, never the token's word."""
    client = open_(file)
    assert status(client, key("first").token()) == 200
    assert status(client, FORGED[name](key("first"))) == 401


def test_without_any_key_there_is_no_service() -> None:
    """An empty secret would be everybody's."""
    with pytest.raises(SettingsError, match="JWT_SECRET"):
        create_app(Settings("", database_url="sqlite://"))
