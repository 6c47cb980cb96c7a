"""Who is let in: every bad token is 401 with nothing sent upstream, and what a good one lets do."""

import base64
import json
import time

import jwt
import pytest

from router.core.fates import Fate
from tests.edge.conftest import Open, Scene
from tests.edge.requests import SECRET, bearer, request, token


def part(value: object) -> str:
    """One part of a token."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(header: dict[str, object], payload: bytes) -> str:
    """A token with that header and payload, rightly signed."""
    signer = jwt.get_algorithm_by_name("HS256")
    said = f"{part(header)}.{part(payload)}"
    key = signer.prepare_key(SECRET)
    return f"{said}.{part(signer.sign(said.encode(), key))}"


GOOD = token()
HEADER, PAYLOAD, SIGNATURE = GOOD.split(".")
NOW = time.time()
DAY_S = 86_400.0
CLAIMS = {"sub": "user-1", "iss": "fit-api", "exp": NOW + DAY_S}
HEADER_16 = '{"alg": "HS256"}'.encode("utf-16")
TWICE = b'{"alg": "none", "alg": "HS256"}'

BAD = {
    "forged": f"{HEADER}.{part(CLAIMS | {'sub': 'admin'})}.{SIGNATURE}",
    "signature of zeros": f"{HEADER}.{PAYLOAD}.{part(bytes(32))}",
    "signature truncated": GOOD[:-4],
    "signature empty": f"{HEADER}.{PAYLOAD}.",
    "signature stripped": f"{HEADER}.{PAYLOAD}",
    "four parts": f"{GOOD}.more",
    "padded": f"{GOOD}=",
    "another alphabet": GOOD.replace("_", "/").replace("-", "+")[:-2] + "+/",
    "alg none": f"{part({'alg': 'none'})}.{PAYLOAD}.",
    "alg none, with a signature": f"{part({'alg': 'none'})}.{PAYLOAD}.{SIGNATURE}",
    "alg nOnE": f"{part({'alg': 'nOnE'})}.{PAYLOAD}.{SIGNATURE}",
    "alg missing": f"{part({'typ': 'JWT'})}.{PAYLOAD}.{SIGNATURE}",
    "alg a list": f"{part({'alg': ['HS256']})}.{PAYLOAD}.{SIGNATURE}",
    "another algorithm": token(algorithm="HS512", secret=SECRET * 2),
    "another key": token(secret="another-secret-with-more-than-32-bytes"),
    "crit": signed({"alg": "HS256", "crit": ["exp"]}, json.dumps(CLAIMS).encode()),
    "b64 false": signed({"alg": "HS256", "b64": False}, json.dumps(CLAIMS).encode()),
    "header is a list": f"{part(['HS256'])}.{PAYLOAD}.{SIGNATURE}",
    "header nested": f"{part(b'[' * 4000)}.{PAYLOAD}.{SIGNATURE}",
    "header with a key twice": f"{part(TWICE)}.{PAYLOAD}.{SIGNATURE}",
    "payload is no JSON": signed({"alg": "HS256"}, b"hello"),
    "payload is a list": signed({"alg": "HS256"}, b"[]"),
    "payload nested": signed({"alg": "HS256"}, b'{"a":' * 1100),
    "payload with a key twice": signed({"alg": "HS256"}, b'{"sub": "a", "sub": "b", "exp": 9e9}'),
    "payload with NaN": signed({"alg": "HS256"}, b'{"sub": "a", "iss": "fit-api", "exp": NaN}'),
    "header in UTF-16": f"{part(HEADER_16)}.{PAYLOAD}.{SIGNATURE}",
    "payload in UTF-16": signed({"alg": "HS256"}, json.dumps(CLAIMS).encode("utf-16")),
    "payload with a BOM": signed({"alg": "HS256"}, b"\xef\xbb\xbf" + json.dumps(CLAIMS).encode()),
    "payload not UTF-8": signed({"alg": "HS256"}, b'{"sub": "\xff", "exp": 9e9}'),
    "expired": token(exp=NOW - 1),
    "no exp": token(exp=None),
    "exp a text": signed({"alg": "HS256"}, json.dumps(CLAIMS | {"exp": "9e9"}).encode()),
    "exp too large for a float": token(exp=10**400),
    "exp 1e400": signed({"alg": "HS256"}, b'{"sub": "a", "iss": "fit-api", "exp": 1e400}'),
    "exp true": signed({"alg": "HS256"}, b'{"sub": "a", "iss": "fit-api", "exp": true}'),
    "exp negative": token(exp=-5),
    "not yet": token(nbf=NOW + DAY_S),
    "from the future": token(iat=NOW + DAY_S),
    "another issuer": token(iss="somebody"),
    "no issuer": token(iss=None),
    "issuer a list": signed({"alg": "HS256"}, json.dumps(CLAIMS | {"iss": ["fit-api"]}).encode()),
    "no sub": token(None),
    "sub empty": token(""),
    "sub a number": signed({"alg": "HS256"}, json.dumps(CLAIMS | {"sub": 7}).encode()),
    "sub of 2000": token("a" * 2000),
    "sub with a line feed": token("a\nX-User-Role: admin"),
    "sub with half a surrogate pair": token("\ud800"),
    "role an object": token(role={"admin": True}),
    "words": "not-a-token",
    "dots": "..",
    "a JWE": ".".join([HEADER, *"abcd"]),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
async def test_a_bad_token_is_401(scene: Scene, bad: str) -> None:
    """With the challenge of RFC 6750, a problem document, and nothing sent upstream."""
    seen = await scene(request(auth=f"Authorization: Bearer {bad}"))
    assert seen.got.status == seen.got.problem["status"] == 401
    told = seen.got.one("www-authenticate")
    assert told is not None
    assert told.startswith(b'Bearer realm="strangler", error="invalid_token"')
    assert (seen.record.fate, seen.record.attempts) == (Fate.AUTH_REFUSED, [])
    assert not seen.coach + seen.monolith


async def test_a_token_over_8_kib_is_no_field_we_take(scene: Scene) -> None:
    """The head's own limits come first; a token that just fits is as good as any."""
    seen = await scene(request(auth=bearer(padding="x" * 8000)))
    assert (seen.got.status, seen.record.fate) == (431, Fate.BAD_REQUEST)
    assert not seen.coach + seen.monolith
    assert (await scene(request(auth=bearer(padding="x" * 5000)))).got.status == 200


async def test_only_expired_says_so(scene: Scene) -> None:
    """An honest client can mend that one; an attacker learns nothing of the others."""
    said = {
        name: (await scene(request(auth=f"Authorization: Bearer {bad}"))).got.problem["detail"]
        for name, bad in BAD.items()
        if name in {"expired", "forged", "another issuer", "no sub"}
    }
    assert "expired" in said.pop("expired")
    assert len(set(said.values())) == 1


NO_TOKEN = {
    "no header": "",
    "empty": "Authorization: ",
    "scheme alone": "Authorization: Bearer",
    "Basic": "Authorization: Basic dXNlcjpwYXNz",
    "two tokens": f"Authorization: Bearer {GOOD} {GOOD}",
    "two tokens by comma": f"Authorization: Bearer {GOOD}, Bearer {GOOD}",
    "no blank": f"Authorization: Bearer{GOOD}",
    "in the query": "X-Nothing: here",
}


@pytest.mark.parametrize("line", NO_TOKEN.values(), ids=NO_TOKEN.keys())
async def test_no_token_is_401(scene: Scene, line: str) -> None:
    """Without `error`, as RFC 6750 3.1 has it where no token was given."""
    path = f"/fitness/wod?access_token={GOOD}"
    seen = await scene(request("GET", path, auth=line))
    assert seen.got.status == 401
    assert seen.got.one("www-authenticate") is not None
    assert seen.record.fate is Fate.AUTH_REFUSED
    assert not seen.coach + seen.monolith


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer ", "beArer"])
async def test_the_scheme_is_case_blind(scene: Scene, scheme: str) -> None:
    """RFC 9110 11.1; blanks before the token are no matter either."""
    seen = await scene(request(auth=f"Authorization: {scheme} {GOOD}"))
    assert seen.got.status == 200


async def test_two_authorization_fields_are_400(scene: Scene) -> None:
    """With two, one might be judged here and the other there."""
    seen = await scene(request("GET", "/fitness/wod", bearer()))
    assert (seen.got.status, seen.record.fate) == (400, Fate.BAD_REQUEST)
    assert not seen.coach + seen.monolith


@pytest.mark.parametrize("named", ["Authorization", "close, authorization", "HOST", "Cookie"])
async def test_connection_may_not_name_what_was_judged(scene: Scene, named: str) -> None:
    """The upstream would see another request than the one that was let in."""
    seen = await scene(request("GET", "/fitness/wod", f"Connection: {named}"))
    assert (seen.got.status, seen.record.fate) == (400, Fate.BAD_REQUEST)
    assert not seen.coach + seen.monolith


@pytest.mark.parametrize(
    ("role", "status"),
    [("admin", 200), (["user", "admin"], 200), ("user", 403), (["a", "b"], 403), (None, 403)],
)
async def test_a_role_that_is_required(scene: Scene, role: object, status: int) -> None:
    """One of them is enough; without it the answer is 403 and nothing is sent upstream."""
    seen = await scene(request(path="/admin/users", auth=bearer(role=role)))
    assert seen.got.status == status
    if status == 403:
        assert b'error="insufficient_scope"' in (seen.got.one("www-authenticate") or b"")
        assert seen.got.problem["type"].endswith("role-missing")
        assert (seen.record.fate, seen.record.refusal) == (Fate.AUTH_REFUSED, "role")
        assert not seen.monolith


async def test_a_remembered_token_expires(stage: Open) -> None:
    """What was verified is remembered, but the wall clock is asked at each use."""
    one = await stage()
    sent = request(auth=bearer(exp=time.time() + 100))
    assert (await one.ask(sent)).status == 200
    one.ahead_s = 99
    assert (await one.ask(sent)).status == 200
    one.ahead_s = 101
    seen = await one.seen(await one.ask(sent))
    assert (seen.got.status, seen.record.refusal) == (401, "expired")
    assert len(seen.coach) == 2
    one.ahead_s = -3600  # stepped back: good again, which is what its `exp` says
    assert (await one.ask(sent)).status == 200


async def test_refusals_are_counted_by_reason(stage: Open) -> None:
    """Each has a series of its own, and they all have the fate `auth_refused`."""
    one = await stage()
    for sent in (request(auth=""), request(auth=bearer(iss="x")), request(auth=bearer(iss="y"))):
        await one.ask(sent)
    await one.quiet()
    assert one.total("auth_refusals_total", reason="missing") == 1
    assert one.total("auth_refusals_total", reason="issuer") == 2
    assert one.total("requests_total", fate="auth_refused", code="4xx", served="none") == 3


async def test_the_connection_stays_after_401(stage: Open) -> None:
    """A client that comes back with a token need not connect again."""
    one = await stage()
    caller = await one.dial()
    assert (await one.ask(request(auth=""), on=caller)).status == 401
    assert (await one.ask(request(), on=caller)).status == 200


async def test_what_no_route_lists_passes_its_token_on(scene: Scene) -> None:
    """The monolith checks its own: a token that we would refuse goes through unread."""
    seen = await scene(request(path="/oauth/whatever", auth="Authorization: Basic dXNlcjpwYXNz"))
    assert seen.got.status == 200
    assert seen.monolith[0].one(b"authorization") == b"Basic dXNlcjpwYXNz"
    assert seen.monolith[0].one(b"x-user-id") is None
