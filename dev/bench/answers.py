"""Whether a peer gives right answers: one that is quick and wrong is not measured."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from dev.bench.peers import Peer, Setting
from dev.bench.running import NoBench, started
from dev.bench.tokens import minted
from dev.bench.upstream import BODY
from dev.places import free_ports
from load.sides import UPSTREAMS, cohort_of

USERS = tuple(f"judge-{number}@bench.example" for number in range(40))
PERCENT = 50
"""As the configurations in load/peers have it."""
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Answer:
    """What matters of an answer."""

    status: int
    served: str | None
    body: bytes


def settled(folder: Path, places: Mapping[str, int], checkout: Path) -> Setting:
    """A setting on ports that nobody listens on."""
    port, admin = free_ports(2)
    return Setting(folder, port, admin, places, checkout)


def judge(peer: Peer, folder: Path, places: Mapping[str, int], checkout: Path) -> None:
    """Ask for good answers, refusals and rescue; `NoBench` says what was wrong."""
    setting = settled(folder / f"judged-{peer.name}", places, checkout)
    with started(peer, setting):
        for user in USERS:
            expect(peer, user, ask(setting.port, minted(user)), Answer(200, side(peer, user), BODY))
        for why, token in bad_tokens().items() if peer.knows_users else ():
            if ask(setting.port, token).status != 401:
                raise NoBench(f"{peer.name} takes a token that is {why}")
    if peer.knows_users:
        judge_rescue(peer, setting)


def judge_rescue(peer: Peer, setting: Setting) -> None:
    """With coach gone, everybody is served by the monolith."""
    [nobody] = free_ports(1)
    alone = settled(setting.folder, {**setting.places, "coach": nobody}, setting.checkout)
    with started(peer, replace(alone, folder=setting.folder / "alone")):
        for user in USERS:
            expect(peer, user, ask(alone.port, minted(user)), Answer(200, "monolith", BODY))


def side(peer: Peer, user: str) -> str:
    """Who has to serve *user*; peers that only forward ask the monolith."""
    return UPSTREAMS[cohort_of(user, PERCENT)] if peer.knows_users else "monolith"


def expect(peer: Peer, user: str, got: Answer, wanted: Answer) -> None:
    """Both are the same, to the last byte."""
    if got != wanted:
        raise NoBench(f"{peer.name} answers {user} {shown(got)}; right were {shown(wanted)}")


def shown(answer: Answer) -> str:
    """An answer in a few words."""
    return f"{answer.status} by {answer.served} with {len(answer.body)} bytes"


def bad_tokens() -> dict[str, str]:
    """Tokens that nobody may take, by what is wrong with them."""
    now = int(time.time())
    good = minted(USERS[0])
    return {
        "signed by another": minted(USERS[0], secret="another secret"),  # noqa: S106 - so it shall be
        "expired": minted(USERS[0], now - 13 * HOUR_S),
        "of the future": minted(USERS[0], now + HOUR_S),
        "cut short": good[:-8],
        "no token": "x",
    }


def ask(port: int, token: str) -> Answer:
    """One request for the WOD, on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10.0)
    try:
        headers = {"Host": "bench.example", "Authorization": f"Bearer {token}"}
        connection.request("GET", "/fitness/wod", headers=headers)
        got = connection.getresponse()
        return Answer(got.status, got.getheader("X-Upstream"), got.read())
    finally:
        connection.close()
