"""Request targets: what is refused outright, and what an odd spelling of a path would mean."""

import re
from urllib.parse import unquote

# Visible ASCII, no fragment, and every percent sign begins an escape (RFC 3986 2.1; RFC 9112 3.2).
WELL_FORMED = re.compile(r"(?:[!\"$&-~]|%[0-9A-Fa-f]{2})+")

# What makes a path's normal form differ from its bytes.
ODD = re.compile(r"[%\\;]|//|/\.|/$")
NUL_ESCAPE = re.compile(r"%00")
SLASHES = re.compile("//+")
PARAMETERS = re.compile(r";[^/]*")


def is_well_formed(target: str) -> bool:
    """Whether *target* holds only what a request target may: else the answer is 400."""
    return WELL_FORMED.fullmatch(target) is not None and NUL_ESCAPE.search(target) is None


def is_plain(path: str) -> bool:
    """Whether *path* is its own normal form, told without computing it."""
    return ODD.search(path) is None


def normal_form(path: str) -> str:
    """*path* as a lax upstream may read it: escapes decoded once, slashes folded, dots resolved.

    Path parameters (`;x=1`) are left out too, since servlet containers strip them. A final slash
    stays: it makes another path everywhere.
    """
    for change in LAXITIES:
        path = change(path)
    return path


def readings(path: str) -> frozenset[str]:
    """Every path that *path* may be to an upstream that is lax in some of these ways only.

    One that takes `;` for a letter sees a segment in `..;` where another goes up by one, and to
    one that folds no slashes (RFC 3986 5.2.4 does not) `..` behind `//` goes up by nothing.
    """
    found = {path}
    for change in LAXITIES:
        found |= {change(one) for one in found}
    return frozenset(found)


def decoded(path: str) -> str:
    """*path* with its escapes decoded once."""
    return unquote(path, errors="surrogateescape")


def slashed(path: str) -> str:
    """*path* with slashes for backslashes."""
    return path.replace("\\", "/")


def bare(path: str) -> str:
    """*path* without parameters."""
    return PARAMETERS.sub("", path)


def folded(path: str) -> str:
    """*path* with no empty segment within."""
    return SLASHES.sub("/", path)


def resolved(path: str) -> str:
    """*path* without dot segments."""
    segments: list[str] = []
    for segment in path[1:].split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    ends = path.endswith(("/.", "/..")) and segments
    return "/" + "/".join(segments) + ("/" if ends else "")


LAXITIES = (decoded, slashed, bare, folded, resolved, folded)
"""What upstreams do to paths, in the order in which they do it; some do some of it."""
