"""Where keys come from: the environment or a file, never routes.yaml itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from router.core.model import Jwt, Key

MIN_SECRET = 32
"""Bytes an HMAC key must have: as many as its hash (RFC 7518 3.2)."""


class KeyProblem(ValueError):
    """A key cannot be used: what is wrong and how to mend it, without a byte of the key."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A key and the one algorithm it may be used with; `repr` never shows the key."""

    algorithm: str
    material: bytes

    def __repr__(self) -> str:
        return f"VerifyingKey({self.algorithm})"


def keys_of(jwt: Jwt, environ: Mapping[str, str], folder: Path) -> tuple[VerifyingKey, ...]:
    """The keys that routes.yaml names, read now; relative files are looked up in *folder*."""
    return tuple(VerifyingKey(key.algorithm, secret_of(key, environ, folder)) for key in jwt.keys)


def secret_of(key: Key, environ: Mapping[str, str], folder: Path) -> bytes:
    """The secret of an HMAC key, or `KeyProblem`."""
    if key.secret_env is not None:
        secret = environ.get(key.secret_env, "").encode()
        source = f"the environment variable {key.secret_env}"
    else:
        path = folder / (key.secret_file or "")
        secret = read_file(path)
        source = f"the file {path}"
    if not secret:
        raise KeyProblem(f"{source} holds no secret; set it to at least {MIN_SECRET} bytes")
    if len(secret) < MIN_SECRET:
        raise KeyProblem(f"{source} has {len(secret)} bytes; a secret needs {MIN_SECRET} or more")
    return secret


def read_file(path: Path) -> bytes:
    """The secret in *path*, less the line end that editors add."""
    try:
        return path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise KeyProblem(f"the file {path} cannot be read: {error.strerror}") from error
