"""Request targets: what is refused outright, and what an odd spelling of a path would mean."""

import re
from urllib.parse import unquote

# Visible ASCII, no fragment, and every percent sign begins an escape (RFC 3986 2.1; RFC 9112 3.2).
WELL_FORMED = re.compile(r"(?:[!\"$&-~]|%[0-9A-Fa-f]{2})+")

# What makes a path's normal form differ from its bytes.
ODD = re.compile(r"[%\\;]|//|/\.|/$")
NUL_ESCAPE = re.compile(r"%00")


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
    decoded = unquote(path, errors="surrogateescape").replace("\\", "/")
    segments: list[str] = []
    for raw in decoded.split("/"):
        segment = raw.split(";", 1)[0]
        if segment == "..":
            del segments[-1:]
        elif segment not in {"", "."}:
            segments.append(segment)
    slash = "/" if decoded.endswith(("/", "/.", "/..")) and segments else ""
    return "/" + "/".join(segments) + slash
