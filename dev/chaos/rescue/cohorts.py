"""On which side a user is: the rule of the glossary, written a second time."""

from hashlib import sha256

from dev.chaos.rescue.words import PERCENT, SALT, USERS


def name_of(user: int) -> str:
    """Who that is, to the router."""
    return f"user-{user}@example.com"


def is_candidates(user: int) -> bool:
    """Whether the percentage gives this user to the candidate."""
    digest = sha256(f"{SALT}:{name_of(user)}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 100_000 < PERCENT * 1000


CANDIDATES = [user for user in range(USERS) if is_candidates(user)]
