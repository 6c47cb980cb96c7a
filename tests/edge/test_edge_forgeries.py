"""Bad tokens for keys of every kind (RFC 7515, 7519, 8725, 6750): 401, and nothing goes upstream.

Those that depend on no kind of key are in `test_edge_auth`.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest

from router.core.fates import Fate
from router.core.model import Jwt, Key
from tests.edge.conftest import Open
from tests.edge.issuers import PUBLIC, Issuer, Pair, pair, pem_file
from tests.edge.requests import SECRET, request

KINDS = ("HS256", *PUBLIC)
NOW = time.time()
DAY_S = 86_400.0
CLAIMS = {"sub": "user-1", "iss": "fit-api", "exp": NOW + DAY_S}


def part(value: object) -> str:
    """One part of a token."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Signer:
    """Who signs with the right key what nobody should sign."""

    def __init__(self, algorithm: str) -> None:
        self.algorithm = algorithm
        self.kid = "one"
        self.key: Any = SECRET if algorithm == "HS256" else pair(algorithm).private

    def signed(self, payload: object = CLAIMS, **header: object) -> str:
        """A token with that payload, and what *header* says beside algorithm and name."""
        said = {"alg": self.algorithm, "kid": self.kid, **header}
        text = f"{part(said)}.{part(payload)}"
        signer = jwt.get_algorithm_by_name(self.algorithm)
        return f"{text}.{part(signer.sign(text.encode(), signer.prepare_key(self.key)))}"

    @property
    def good(self) -> str:
        """A good token."""
        return self.signed()

    def with_signature(self, signature: str) -> str:
        """A good token with another signature."""
        return f"{self.good.rpartition('.')[0]}.{signature}"


def with_public_key_as_secret(signer: Signer) -> str:
    """An HMAC by what everybody may know; PyJWT would not sign so."""
    public = b"x" * 32 if signer.algorithm == "HS256" else pair(signer.algorithm).pem
    text = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(CLAIMS)}"
    return f"{text}.{part(hmac.new(public, text.encode(), hashlib.sha256).digest())}"


def foreign(signer: Signer, **header: object) -> str:
    """Signed with a key of the same kind that is not ours, under the name of ours."""
    other = Signer(signer.algorithm)
    is_secret = signer.algorithm == "HS256"
    other.key = "y" * 40 if is_secret else pair(signer.algorithm, "foreign").private
    return other.signed(**header)


def own_jwk(signer: Signer) -> dict[str, Any]:
    """The foreign key as its owner would have us take it."""
    if signer.algorithm == "HS256":
        return {"kty": "oct", "k": part(b"y" * 40)}
    return pair(signer.algorithm, "foreign").jwk


FORGED: dict[str, tuple[str, Callable[[Signer], str]]] = {
    "none": ("8725 3.1", lambda s: f"{part({'alg': 'none'})}.{part(CLAIMS)}."),
    "nOnE": ("8725 2.1", lambda s: f"{part({'alg': 'nOnE'})}.{part(CLAIMS)}.{part(b'x')}"),
    "HMAC by the public key": ("8725 2.1", with_public_key_as_secret),
    "another key": ("7515 5.2", foreign),
    "embedded jwk": ("8725 3.10", lambda s: foreign(s, jwk=own_jwk(s))),
    "x5c": ("7515 4.1.6", lambda s: foreign(s, x5c=["MIIB"])),
    "crit": ("7515 4.1.11", lambda s: s.signed(crit=["x"], x=1)),
    "crit empty": ("7515 4.1.11", lambda s: s.signed(crit=[])),
    "b64 false": ("7797 3", lambda s: s.signed(b64=False)),
    "kid unknown": ("7515 4.1.4", lambda s: s.signed(kid="two")),
    "kid a number": ("7515 4.1.4", lambda s: s.signed(kid=7)),
    "kid a list": ("7515 4.1.4", lambda s: s.signed(kid=["one"])),
    "kid empty": ("7515 4.1.4", lambda s: s.signed(kid="")),
    "kid a path": ("8725 3.10", lambda s: s.signed(kid="../../../../dev/null")),
    "kid SQL": ("8725 3.10", lambda s: s.signed(kid="' UNION SELECT 'key' --")),
    "kid very long": ("7515 4.1.4", lambda s: s.signed(kid="k" * 3000)),
    "alg of another family": ("8725 3.1", lambda s: s.signed(alg="PS256")),
    "alg lower case": ("7515 4.1.1", lambda s: s.signed(alg=s.algorithm.lower())),
    "signature empty": ("7515 5.2", lambda s: s.with_signature("")),
    "signature truncated": ("7515 5.2", lambda s: s.good[:-8]),
    "signature of zeros": ("7515 5.2", lambda s: s.with_signature(part(bytes(64)))),
    "signature of another payload": (
        "7515 5.2",
        lambda s: s.with_signature(s.signed({"sub": "b"}).rpartition(".")[2]),
    ),
    "padded": ("7515 2", lambda s: s.good + "=="),
    "not the URL alphabet": ("7515 2", lambda s: s.good[:-3] + "+/+"),
    "a blank": ("7515 2", lambda s: s.good.replace(".", ". ", 1)),
    "two parts": ("7515 3.1", lambda s: s.good.rpartition(".")[0]),
    "four parts": ("7515 3.1", lambda s: s.good + ".x"),
    "JWE": ("7516 3.1", lambda s: ".".join([part({"alg": "dir", "enc": "A128GCM"}), *"abcd"])),
    "payload no JSON": ("7519 7.2", lambda s: s.signed(b"hello")),
    "payload a list": ("7519 7.2", lambda s: s.signed([])),
    "payload deep": ("8725 3.10", lambda s: s.signed(b'{"a":' * 900)),
    "payload a key twice": ("7519 4", lambda s: s.signed(b'{"sub":"a","sub":"b","exp":9e9}')),
    "exp missing": ("7519 4.1.4", lambda s: s.signed({"sub": "a", "iss": "fit-api"})),
    "exp past": ("7519 4.1.4", lambda s: s.signed(CLAIMS | {"exp": NOW - 1})),
    "exp text": ("7519 2", lambda s: s.signed(CLAIMS | {"exp": "9999999999"})),
    "exp 1e400": ("7519 2", lambda s: s.signed(b'{"sub":"a","iss":"fit-api","exp":1e400}')),
    "exp NaN": ("8259 6", lambda s: s.signed(b'{"sub":"a","iss":"fit-api","exp":NaN}')),
    "exp negative": ("7519 2", lambda s: s.signed(CLAIMS | {"exp": -1})),
    "nbf ahead": ("7519 4.1.5", lambda s: s.signed(CLAIMS | {"nbf": NOW + DAY_S})),
    "iat ahead": ("7519 4.1.6", lambda s: s.signed(CLAIMS | {"iat": NOW + DAY_S})),
    "iss wrong": ("7519 4.1.1", lambda s: s.signed(CLAIMS | {"iss": "other"})),
    "iss a list": ("7519 4.1.1", lambda s: s.signed(CLAIMS | {"iss": ["fit-api"]})),
    "aud wrong": ("7519 4.1.3", lambda s: s.signed(CLAIMS | {"aud": "theirs"})),
    "sub missing": ("7519 4.1.2", lambda s: s.signed({"iss": "fit-api", "exp": NOW + DAY_S})),
    "sub a number": ("7519 4.1.2", lambda s: s.signed(CLAIMS | {"sub": 7})),
    "sub empty": ("7519 4.1.2", lambda s: s.signed(CLAIMS | {"sub": ""})),
    "sub 2 KiB": ("7519 4.1.2", lambda s: s.signed(CLAIMS | {"sub": "a" * 2048})),
}
"""What is wrong, the section of the RFC that says so, and how it is made."""


def rules(kind: str, folder: Path) -> Jwt:
    """One key of that kind, for one issuer."""
    key = Key(secret_env="JWT_SECRET", kid="one")
    if kind != "HS256":
        key = Key(kind, public_key_file=str(pem_file(folder, pair(kind))), kid="one")
    return Jwt((key,), issuer="fit-api")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_forged_token_is_401_for_keys_of_every_kind(
    stage: Open, tmp_path: Path, kind: str
) -> None:
    """With the challenge of RFC 6750 3, and nothing sent upstream; good ones go on being good."""
    signer, one = Signer(kind), await stage(jwt=rules(kind, tmp_path))
    caller = await one.dial()
    for name, (section, forge) in FORGED.items():
        sent = request(auth=f"Authorization: Bearer {forge(signer)}")
        if name == "aud wrong":
            continue  # nobody asks for an audience here: the next test does
        seen = await one.seen(await one.ask(sent, on=caller))
        assert (seen.got.status, seen.record.fate) == (401, Fate.AUTH_REFUSED), (name, section)
        assert b"Bearer realm=" in (seen.got.one("www-authenticate") or b""), name
        assert not seen.coach + seen.monolith, name
    assert (await one.ask(request(auth=f"Authorization: Bearer {signer.good}"))).status == 200


@pytest.mark.parametrize("kind", PUBLIC)
async def test_a_token_names_no_place_to_fetch_a_key_from(
    stage: Open, tmp_path: Path, kind: str
) -> None:
    """`jku` and `x5u` (RFC 7515 4.1.2, 4.1.5): nobody is asked."""
    trap = Issuer(pair(kind, "foreign"))
    await trap.start()
    one = await stage(jwt=rules(kind, tmp_path))
    for where in ("jku", "x5u"):
        bad = foreign(Signer(kind), **{where: trap.url})
        assert (await one.ask(request(auth=f"Authorization: Bearer {bad}"))).status == 401
    assert trap.asked == 0
    await trap.stop()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_key_vouches_for_its_own_issuer_and_audience(
    stage: Open, tmp_path: Path, kind: str
) -> None:
    """RFC 8725 3.8, 3.9: another issuer's key is good for nothing here, though we know it."""
    own = rules(kind, tmp_path).keys[0]
    (tmp_path / "b").mkdir()
    other = pair("RS256", "mobile")
    path = str(pem_file(tmp_path / "b", other))
    mobile = Key("RS256", public_key_file=path, issuer="mobile", audience=frozenset({"app"}))
    one = await stage(jwt=Jwt((own, mobile), issuer="fit-api"))
    signer = Signer(kind)
    shown = {
        signer.good: 200,
        signer.signed(CLAIMS | {"iss": "mobile", "aud": "app"}): 401,
        other.token(iss="mobile", aud="app"): 200,
        other.token(iss="mobile", aud=["x", "app"]): 200,
        other.token(iss="mobile", aud="theirs"): 401,
        other.token(iss="mobile"): 401,
        other.token(iss="fit-api", aud="app"): 401,
    }
    for text, status in shown.items():
        got = await one.ask(request(auth=f"Authorization: Bearer {text}"))
        assert got.status == status, text


@pytest.mark.parametrize("kind", KINDS)
async def test_a_token_too_large_to_be_one_goes_nowhere(
    stage: Open, tmp_path: Path, kind: str
) -> None:
    """10,000 levels, a subject of 10 KiB, a token of 1 MiB: the head ends it, before any parsing.

    401 from 8 KiB of token, 431 where the field itself is over its limit (RFC 6585 5).
    """
    signer, one = Signer(kind), await stage(jwt=rules(kind, tmp_path))
    large = {
        "10,000 levels": signer.signed(b'{"a":' * 10_000),
        "sub of 10 KiB": signer.signed(CLAIMS | {"sub": "a" * 10_240}),
        "1 MiB": "a" * 2**20,
    }
    for name, text in large.items():
        got = await one.ask(request(auth=f"Authorization: Bearer {text}"))
        assert got.status in (401, 431), name
        assert not one.coach.received + one.monolith.received, name


def test_every_row_has_its_source() -> None:
    """A number of an RFC, and its section."""
    assert all(source.split()[0].isdigit() for source, _ in FORGED.values())
    assert isinstance(pair(), Pair)
