"""Passwords are kept as Argon2id hashes."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's least memory-hungry recommendation (19 MiB, 2 passes, 1 lane): about 30 ms here.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
NOBODY = HASHER.hash("nobody has this password")


def hashed(password: str) -> str:
    """Give the hash to keep."""
    return HASHER.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Say whether *password* is the one that *kept* was made of.

    Without a hash (unknown user) it works as long, so that the time does not tell who exists.
    """
    try:
        HASHER.verify(kept or NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None
