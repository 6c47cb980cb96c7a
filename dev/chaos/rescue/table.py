"""The table that is to be covered: every fault of the candidate, wherever and on whatever."""

from collections.abc import Iterator
from itertools import product

from dev.chaos.rescue.words import Cell, End, Framing, Leaves, Legacy

SMALL, LARGE = 9_000, 200_000
"""Bytes of an upload: one that is kept to be sent again, and one that is not."""
HUGE = 3_000_000
"""One that is under way for long, so that an answer can come before its end."""
BODIES = {
    "GET": (0, SMALL),
    "HEAD": (0,),
    "POST": (0, SMALL, LARGE),
    "PUT": (0, SMALL, LARGE),
}
"""Methods, with the uploads each is tried with. PUT is declared idempotent, POST is not."""
ASKED = [(method, upload) for method, uploads in BODIES.items() for upload in uploads]
KEPT_OR_NEW = (False, True)

BEFORE = "before a byte"
IN_HEAD = ("in the status line", "in a field", "a byte before the head's end")
IN_BODY = ("at the end of the head", "at the first byte", "in mid-body", "at the last byte")
CUTS = {"closes": End.CLOSE, "resets": End.RESET, "stalls": End.STALL}
DIES_ONCE = {"closes once": End.CLOSE, "resets once": End.RESET}
"""Only the first time: on a fresh connection it answers."""

PROTOCOL = (
    "garbage",
    "TLS alert",
    "HTTP/0.9",
    "SSH banner",
    "head without end",
    "head of 1 MiB",
    "two lengths",
    "length and chunked",
    "bare line feeds",
    "status 99",
    "101 unasked",
    "10,000 interim answers",
)
BAD_CHUNKS = ("bad chunk size", "no line end behind a chunk")
FAILING = ("500", "502", "503", "504", "503 overload", "429 overload")
PASSING = ("200", "204", "301", "304", "400", "401", "403", "404", "429")
SOUND = ("bytes after the answer", "100 first", "103 first", "20 interim answers")
UNCONNECTED = ("nameless", "refused", "unreachable", "silent")
AT_ACCEPT = ("closes at accept", "resets at accept", "banner at accept")


def cells() -> list[Cell]:
    """All of them, in an order that never changes."""
    every = (cut, broken, told, slow, unconnected, leaving, both_failing, in_upload)
    return [cell for some in every for cell in some()]


def cut() -> Iterator[Cell]:
    """Answers that end, break off or stop at some byte."""
    for fault, (method, upload), reused in product(CUTS, ASKED, KEPT_OR_NEW):
        for where in (BEFORE, *IN_HEAD):
            yield Cell(fault, where, method, upload, reused, lane_of(reused))
        if method != "HEAD":
            yield from in_body(fault, method, upload, reused)
    for fault, (method, upload), reused in product(DIES_ONCE, ASKED, KEPT_OR_NEW):
        yield Cell(fault, BEFORE, method, upload, reused, lane_of(reused))


def in_body(fault: str, method: str, upload: int, reused: bool) -> Iterator[Cell]:
    """The same behind the head, however it is framed; by a close some end as they should."""
    lane = lane_of(reused)
    for where, framing in product(IN_BODY, Framing):
        if framing is not Framing.UNTIL_CLOSED or fault != "closes":
            yield Cell(fault, where, method, upload, reused, lane, framing)
    for framing in (Framing.LENGTH, Framing.CHUNKED):
        yield Cell(fault, "in mid-body", method, upload, reused, lane, framing, large=True)


def broken() -> Iterator[Cell]:
    """What is no answer, or none that can be trusted."""
    for fault, (method, upload), reused in product(PROTOCOL, ASKED, KEPT_OR_NEW):
        yield Cell(fault, "instead of a head", method, upload, reused, lane_of(reused))
    for fault, (method, upload), reused in product(BAD_CHUNKS, ASKED, KEPT_OR_NEW):
        if method != "HEAD":
            yield Cell(fault, "in the body", method, upload, reused, lane_of(reused))


def told() -> Iterator[Cell]:
    """Whole answers: failures, what passes as it is, and sound ones with something about them."""
    for fault, (method, upload), reused in product(FAILING, ASKED, KEPT_OR_NEW):
        yield Cell(fault, "with a body", method, upload, reused, lane_of(reused))
        yield Cell(fault, "without", method, upload, reused, lane_of(reused))
        yield Cell(fault, "with a huge body", method, upload, reused, lane_of(reused), large=True)
    for fault, (method, upload), reused in product(PASSING + SOUND, ASKED, KEPT_OR_NEW):
        yield Cell(fault, "", method, upload, reused, lane_of(reused))
    for framing, (method, upload), large in product(Framing, ASKED, (False, True)):
        yield Cell("200", f"by {framing}", method, upload, True, "coach", framing, large)
    for method, upload in ASKED:
        if method != "POST" and upload <= SMALL:  # what meets its end must be repeated
            yield Cell("closes what it let be kept", "", method, upload, True, "closing")


def slow() -> Iterator[Cell]:
    """Answers that come too late, as a whole or byte by byte."""
    for fault, (method, upload), reused in product(
        ("head dripped", "late answer"), ASKED, KEPT_OR_NEW
    ):
        yield Cell(fault, "", method, upload, reused, lane_of(reused))


def unconnected() -> Iterator[Cell]:
    """No connection, or one that ends before anything was said."""
    for lane, (method, upload) in product(UNCONNECTED, ASKED):
        yield Cell(lane, "connecting", method, upload, lane=lane)
    for lane, (method, upload) in product(AT_ACCEPT, ASKED):
        if upload <= SMALL:  # how much of a large one has gone by then is anybody's guess
            yield Cell(lane, "connecting", method, upload, lane=lane)


def leaving() -> Iterator[Cell]:
    """Clients that do not wait for the end."""
    for reused in KEPT_OR_NEW:
        lane = lane_of(reused)
        for method in ("GET", "POST"):
            for leaves in (Leaves.BEFORE_HEAD, Leaves.IN_BODY):
                yield Cell("client leaves", leaves, method, 0, reused, lane, leaves=leaves)
        yield Cell(
            "client leaves",
            Leaves.IN_FALLBACK,
            reused=reused,
            lane=lane,
            legacy=Legacy.STALLING,
            leaves=Leaves.IN_FALLBACK,
        )


def both_failing() -> Iterator[Cell]:
    """Legacy fails as well."""
    failing = (Legacy.FAILING, Legacy.RESETTING, Legacy.STALLING)
    for fault, legacy, (method, upload) in product(("500", "garbage", "stalls"), failing, ASKED):
        where = BEFORE if fault == "stalls" else "with a body"
        yield Cell(fault, where, method, upload, lane="fresh", legacy=legacy)
    for legacy, method in product(failing, BODIES):
        yield Cell("refused", "connecting", method, lane="refused", legacy=legacy)


def in_upload() -> Iterator[Cell]:
    """What happens before the upload is read."""
    for method, reused in product(("GET", "POST", "PUT"), KEPT_OR_NEW):
        yield Cell("resets", "while it reads", method, SMALL, reused, lane_of(reused))
        for upload in (SMALL, LARGE, HUGE):
            yield Cell("answers early", "", method, upload, reused, lane_of(reused))


def lane_of(reused: bool) -> str:
    """The upstream whose connections are kept, or the same with a new one for each request."""
    return "coach" if reused else "fresh"
