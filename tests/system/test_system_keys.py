"""RS256: the monolith signs, router and coach verify by its key set, also while keys rotate."""

from pathlib import Path

import jwt
import pytest

from dev.signing import PublishedKey, SharedSecret, signing_in


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
