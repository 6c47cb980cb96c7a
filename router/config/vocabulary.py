"""The closed lists of words that routes.yaml may use, and the nearest known one for a slip."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from router.core.keysets import KINDS
from router.core.model import Cause

# What aiohttp's parser (llhttp) knows; a method it does not know is refused before any matching.
METHOD_NAMES: Final = (
    "GET HEAD POST PUT PATCH DELETE OPTIONS ACL BIND CHECKOUT COPY LINK LOCK M-SEARCH MERGE "
    "MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY PROPFIND PROPPATCH PURGE QUERY REBIND REPORT SEARCH "
    "SOURCE SUBSCRIBE UNBIND UNLINK UNLOCK UNSUBSCRIBE"
)
METHODS: Final = frozenset(METHOD_NAMES.split())
CAUSES: Final = tuple(str(cause) for cause in Cause)
ALGORITHMS: Final = ("HS256", *KINDS)
"""What a key's `algorithm` may be: one with a secret, the rest with public keys."""
UPGRADES: Final = ("refuse", "allow")
"""What a route's `upgrade` may be."""

RESERVED: Final = frozenset({"default", "none"})
"""Names that metrics use for what is no listed route, or no upstream."""


MAX_KNOWN = 100
"""Words that are compared for a hint: it must not cost more than the file is worth."""


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean "percent"?`, or nothing where no known word is near."""
    found = get_close_matches(word[:64], sorted(known)[:MAX_KNOWN], n=1, cutoff=0.6)
    return f'; did you mean "{found[0]}"?' if found else ""


def one_of(word: str, known: Iterable[str]) -> str:
    """The words for a *word* that is not in a short list."""
    listed = list(known)
    return f'"{word}" is none of {", ".join(listed)}{nearest(word, listed)}'
