"""RS256: the monolith signs, router and coach verify by its key set, also while keys rotate."""

from collections import Counter
from pathlib import Path

import httpx
import jwt
import pytest

from dev.signing import PublishedKey, SharedSecret, signing_in
from dev.stack import Stack, eventually
from monolith.settings import DEMO_PASSWORD
from tests.keys import key
from tests.system.reckoning import access_log, fates_in, reckon
from tests.system.ups import Up

ALICE = {"username": "alice@example.com", "password": DEMO_PASSWORD}


def test_both_ways_of_signing_are_kept_in_the_folder(tmp_path: Path) -> None:
    """The key is for its owner alone, and the same at the next start."""
    made = signing_in(tmp_path, {"DEV_KEYS": "RS256"})
    assert isinstance(made, PublishedKey)
    assert made.file.stat().st_mode & 0o777 == 0o600
    pem = made.file.read_bytes()
    assert PublishedKey(tmp_path).file.read_bytes() == pem
    assert jwt.get_unverified_header(made.token("a@b.c", "fit-api"))["alg"] == "RS256"
    assert isinstance(signing_in(tmp_path, {}), SharedSecret)
    with pytest.raises(ValueError, match="'ES256' is neither HS256 nor RS256"):
        signing_in(tmp_path, {"DEV_KEYS": "ES256"})


def test_the_key_set_takes_the_place_of_the_secret(tmp_path: Path) -> None:
    """In the one line of routes.yaml; a file that has no such line is refused."""
    signing = PublishedKey(tmp_path)
    text = "a: b\njwt: {issuer: fit-api, secret_env: JWT_SECRET}\nc: d\n"
    lines = signing.routes(text, "http://127.0.0.1:1").splitlines()
    assert (lines[0], lines[2]) == ("a: b", "c: d")
    assert "jwks_url: http://127.0.0.1:1/.well-known/jwks.json" in lines[1]
    with pytest.raises(ValueError, match="no line is like"):
        signing.routes("jwt:\n  issuer: x\n", "http://127.0.0.1:1")


@pytest.mark.system
def test_a_whole_stack_on_published_keys(tmp_path: Path) -> None:
    """Logging in, both sides, a forger who has the old secret; nobody but the monolith signs."""
    sent: list[httpx.Request] = []
    with (
        Stack(tmp_path, change=shown, keys="RS256") as stack,
        httpx.Client(base_url=stack.url, timeout=30, trust_env=False) as client,
    ):
        client.event_hooks["request"].append(sent.append)
        given = client.post("/oauth/token", json=ALICE).json()["access_token"]
        assert jwt.get_unverified_header(given)["alg"] == "RS256"
        own = stack.token("somebody@example.com")
        for percent, side, tokens in ((0, "monolith", [given]), (100, "coach", [given, own])):
            stack.set("wod", percent)
            for token in tokens:
                answer = client.get("/fitness/wod", headers={"Authorization": f"Bearer {token}"})
                assert (answer.status_code, answer.headers["X-Served-By"]) == (200, side)
        forged = SharedSecret(tmp_path).token("alice@example.com", "fit-api")
        refused = client.get("/fitness/wod", headers={"Authorization": f"Bearer {forged}"})
        assert refused.status_code == 401
        key("second").write(tmp_path / "signing-key.pem")
        renewed = {"Authorization": f"Bearer {stack.token('somebody@example.com')}"}
        assert client.get("/fitness/wod", headers=renewed).status_code == 200
        old = client.get("/fitness/wod", headers={"Authorization": f"Bearer {given}"})
        assert old.status_code == 401
        for name in ("monolith", "coach", "router"):
            assert "PRIVATE KEY" not in stack.log(name)
        told = fates_in(stack.page("/metrics"))
    reckon(len(sent), told, Counter(line["fate"] for line in access_log(stack) or []))
    assert not any(jwt_secret_of(stack))


@pytest.mark.system
def test_make_up_makes_a_copy_of_the_file_that_names_the_key_set(tmp_path: Path) -> None:
    """The printed request works on it, and what is changed in the copy stays while it runs."""
    up = Up(tmp_path)
    up.environment["DEV_KEYS"] = "RS256"
    with up:
        assert up.curl().startswith("HTTP/1.1 200")
        copy = tmp_path / "state" / "routes.yaml"
        copy.write_text(copy.read_text("utf-8").replace("percent: 10", "percent: 0"), "utf-8")
        assert eventually(lambda: "wod.percent 10 → 0" in up.output, 20.0)
        assert up.run().returncode == 1  # it runs already, and leaves the copy alone
        assert up.run("coach").stdout == "coach runs already, and is ready\n"
        assert "percent: 0" in copy.read_text("utf-8")
        assert up.interrupt() == 0
    up.environment["DEV_KEYS"] = "RS257"
    refused = up.run()
    assert (refused.returncode, "DEV_KEYS: 'RS257' is neither" in refused.stderr) == (1, True)


def jwt_secret_of(stack: Stack) -> list[bool]:
    """Give, for each program, whether it was told the secret."""
    return ["JWT_SECRET" in program.environment for program in stack.plan.programs]


def shown(text: str) -> str:
    """Give the file's text with the header on that says who served."""
    return f"debug_headers: true\n{text}"
