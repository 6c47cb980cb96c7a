"""Issuers of tokens: key pairs of each algorithm, and a server that publishes key sets."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from tests.edge.requests import SECRET, token

PUBLIC = ("RS256", "ES256", "EdDSA")
READERS: dict[str, Any] = {
    "RS": RSAAlgorithm,
    "PS": RSAAlgorithm,
    "ES": ECAlgorithm,
    "Ed": OKPAlgorithm,
}


@dataclass(frozen=True)
class Pair:
    """A key pair with its name."""

    algorithm: str
    kid: str
    private: Any

    @property
    def pem(self) -> bytes:
        """The public half for a file."""
        return self.private.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def jwk(self) -> dict[str, Any]:
        """The public half for a key set."""
        read = json.loads(READERS[self.algorithm[:2]].to_jwk(self.private.public_key()))
        return read | {"kid": self.kid, "alg": self.algorithm, "use": "sig", "key_ops": ["verify"]}

    def token(
        self, sub: object = "user-1", headers: dict[str, Any] | None = None, **also: Any
    ) -> str:
        """A token that the router takes, but for what *also* says; *headers* win over the kid."""
        claims = jwt.decode(token(sub, **also), options={"verify_signature": False})
        said = {"kid": self.kid} | (headers or {})
        kept = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(claims, self.private, self.algorithm, headers=kept)


@cache
def pair(algorithm: str = "RS256", kid: str = "one") -> Pair:
    """The pair of that name: the same one to whoever asks."""
    if algorithm.startswith(("RS", "PS")):
        return Pair(algorithm, kid, rsa.generate_private_key(65537, 2048))
    if algorithm == "EdDSA":
        return Pair(algorithm, kid, ed25519.Ed25519PrivateKey.generate())
    return Pair(algorithm, kid, ec.generate_private_key(ec.SECP256R1()))


def pem_file(folder: Path, one: Pair) -> Path:
    """The public half of *one* in a file of its own, put there at once."""
    beside = folder / "key.new"
    beside.write_bytes(one.pem)
    return beside.replace(folder / "key.pem")


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Issuer:
    """A key set on a real socket; `answer` replaces it by a fault."""

    def __init__(self, *pairs: Pair) -> None:
        self.published = [one.jwk for one in pairs]
        self.headers: dict[str, str] = {}
        self.answer: Answer | None = None
        self.asked = 0

    @property
    def url(self) -> str:
        """Where the set is."""
        return f"http://127.0.0.1:{self.port}/jwks.json"

    async def start(self) -> None:
        """Serve on a free port."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Serve no more."""
        await self._runner.cleanup()

    async def _serve(self, asked: web.Request) -> web.StreamResponse:
        self.asked += 1
        if self.answer is not None:
            return await self.answer(asked)
        return web.json_response({"keys": self.published}, headers=self.headers)


def says(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    """An answer that is always the same."""

    async def answer(_: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, body=body, headers=named)

    return answer


def slow() -> Answer:
    """An answer whose body does not come."""

    async def answer(asked: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(asked)
        while asked.transport and not asked.transport.is_closing():  # noqa: ASYNC110 - no event for it
            await asyncio.sleep(0.01)
        return response

    return answer


__all__ = ["PUBLIC", "SECRET", "Issuer", "Pair", "pair", "pem_file", "says", "slow"]
