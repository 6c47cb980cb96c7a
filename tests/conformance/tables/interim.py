"""Interim answers (RFC 9110 15.2): each goes on, and none is the end of the exchange."""

from collections.abc import Iterable

from tests.conformance.answers import Answer, On, passes
from tests.conformance.writing import answer, message

RFC = "9110 15.2; 9112 9.2"
SOUND = answer("Content-Length: 5", body="hello")


def interim(*codes: int) -> bytes:
    """Interim answers of these statuses, then a sound one."""
    return b"".join(message(f"HTTP/1.1 {code} Wait", "X-A: b") for code in codes) + SOUND


def relayed(
    name: str, *codes: int, held: Iterable[tuple[int, ...]] = ((),), **also: object
) -> Answer:
    """They go on where there is no fallback; *held* is what goes on where there is one."""
    expected = {On.PLAIN: [codes], On.FALLBACK: list(held)}
    return passes(name, RFC, interim(*codes), interim=expected, reused=True, **also)


INTERIM = [
    relayed("103", 103),
    relayed("103 twice", 103, 103),
    relayed("102", 102, held=[(), (102,)]),
    relayed("one that nobody knows", 199, held=[(), (199,)]),
    relayed("100 that nobody waited for", 100, held=[(), (100,)]),
    relayed("100, then 103", 100, 103, held=[(), (100,)]),
    passes("103 to HTTP/1.0, which knows none", RFC, interim(103), version="1.0", reused=True),
    passes("100 to HTTP/1.0, which knows none", RFC, interim(100), version="1.0", reused=True),
    passes(
        "103 before 204",
        RFC,
        message("HTTP/1.1 103 Early Hints") + answer(status="204 No Content"),
        interim={On.PLAIN: [(103,)], On.FALLBACK: [()]},
        framing="none",
        reused=True,
    ),
    passes(
        "103 before HEAD's answer",
        RFC,
        message("HTTP/1.1 103 Early Hints") + answer("Content-Length: 9"),
        method="HEAD",
        interim={On.PLAIN: [(103,)], On.FALLBACK: [()]},
        reused=True,
    ),
    passes(
        "103 that has a length has no body all the same",
        "9110 8.6",
        message("HTTP/1.1 103 Early Hints", "Content-Length: 5") + SOUND,
        interim={On.PLAIN: [(103,)], On.FALLBACK: [()]},
        or_broken=True,
    ),
]
