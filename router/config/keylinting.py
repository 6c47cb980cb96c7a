"""Rules on how the fields of keys fit together: each key has one source, and can be told apart."""

from collections.abc import Iterator

from router.config.addresses import is_private_way
from router.config.entries import JwtEntry, KeyEntry
from router.config.nodes import Loc
from router.core.keysets import KINDS

Told = Iterator[tuple[Loc, str]]

SECRETS = ("secret_env", "secret_file")
PUBLIC = ("public_key_file", "jwks_url")
FETCHED = ("stale_for", "cache_file", "allow_http")


def lint_jwt(jwt: JwtEntry) -> Told:
    """Exactly one source for each key, and no key twice."""
    short = given(jwt, SECRETS)
    if jwt.keys is None:
        yield from lint_sources(("jwt",), jwt, SECRETS)
    elif short:
        yield ("jwt", "keys"), "give the keys here or one secret beside it, not both"
    for place, key in enumerate(jwt.keys or ()):
        yield from lint_key(("jwt", "keys", place), key)
        yield from lint_alike(jwt.keys or [], place)


def lint_key(loc: Loc, key: KeyEntry) -> Told:
    """One key by itself."""
    yield from lint_sources(loc, key, (*SECRETS, *PUBLIC))
    yield from lint_algorithm(loc, key)
    if key.jwks_url is None:
        for field in given(key, FETCHED):
            yield (*loc, field), "has no meaning without jwks_url"
        return
    if key.kid is not None:
        yield (*loc, "kid"), "has no meaning with jwks_url: each key there has its own"
    if not key.allow_http and not is_private_way(key.jwks_url):
        words = "whoever is on the way could put in keys; use https, or say allow_http: true"
        yield (*loc, "jwks_url"), words


def lint_sources(loc: Loc, key: JwtEntry | KeyEntry, sources: tuple[str, ...]) -> Told:
    """A key comes from one place."""
    found = given(key, sources)
    if not found:
        choice = f"{', '.join(sources[:-1])} or {sources[-1]}"
        yield loc, f"a key is missing; give {choice}"
    for other in found[1:]:
        yield (*loc, other), f"give {found[0]} or {other}, not both"


def lint_algorithm(loc: Loc, key: KeyEntry) -> Told:
    """A secret for HS256, public keys for the rest: a mix-up would make a public key a secret."""
    public = key.algorithm in KINDS
    for field in given(key, SECRETS if public else PUBLIC):
        if public:
            yield (*loc, field), f"{key.algorithm} needs public_key_file or jwks_url, no secret"
        else:
            yield (*loc, field), "HS256 needs a secret; say which other, like algorithm: RS256"


def lint_alike(keys: list[KeyEntry], place: int) -> Told:
    """Two entries that are the same key, or two keys under one name."""
    loc, key = ("jwt", "keys", place), keys[place]
    for before, other in enumerate(keys[:place]):
        if (key.algorithm, scope_of(key)) != (other.algorithm, scope_of(other)):
            continue
        if source_of(key) == source_of(other):
            yield loc, f"is the same key as keys[{before}]; remove one"
        elif key.kid is not None and key.kid == other.kid:
            yield (*loc, "kid"), f"is the kid of keys[{before}] too: nobody could tell them apart"


def scope_of(key: KeyEntry) -> tuple[object, ...]:
    """Whom a key vouches for, beyond what `jwt` says."""
    return key.issuer, sorted(key.audience or ())


def source_of(key: KeyEntry) -> tuple[object, ...]:
    """Where a key comes from."""
    return tuple(getattr(key, name) for name in (*SECRETS, *PUBLIC))


def given(key: JwtEntry | KeyEntry, fields: tuple[str, ...]) -> list[str]:
    """Those of *fields* that the file has."""
    return [name for name in fields if name in key.model_fields_set]
