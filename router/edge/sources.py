"""The sources of the keys that routes.yaml names; what is known already is used on."""

from collections.abc import Iterable
from pathlib import Path

from router.core.model import Jwt, Key
from router.edge.jwks import PublishedKeys
from router.edge.keyfiles import FileKeys
from router.edge.keyring import KeyProblem, VerifyingKey, secret_of
from router.edge.keysources import HeldKeys, KeySource
from router.edge.publickeys import UnfitKey
from router.edge.surroundings import Surroundings


def sources_of(
    jwt: Jwt, around: Surroundings, folder: Path, known: Iterable[KeySource]
) -> tuple[KeySource, ...]:
    """A source for each key of *jwt*, or `KeyProblem`; relative paths start from *folder*.

    A source of *known* that is still asked for stays: a reload for another reason neither waits
    for an issuer nor trips over a key file that was broken since.
    """
    before = {source.key: source for source in known}
    return tuple(source_of(key, around, folder, before.get(key)) for key in jwt.keys)


def source_of(key: Key, around: Surroundings, folder: Path, before: KeySource | None) -> KeySource:
    """The source of one key; *before* is what it was until now."""
    if key.secret_env is not None:
        return held(key, around, folder, before)
    if before is not None:
        return before
    if key.jwks_url is not None:
        return PublishedKeys(key, folder, clock=around.clock, wall=around.wall)
    return FileKeys(key, folder)


def held(key: Key, around: Surroundings, folder: Path, before: KeySource | None) -> KeySource:
    """A secret from the environment, read anew: a file that a variable names may have changed."""
    try:
        secret = VerifyingKey(key.algorithm, secret_of(key, around.environ, folder), key.kid)
    except UnfitKey as unfit:
        raise KeyProblem(f"the secret {unfit}") from None
    if before is not None and before.keys == (secret,):
        return before
    return HeldKeys(key, (secret,))
