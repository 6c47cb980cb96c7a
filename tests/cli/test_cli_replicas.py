"""`strangler wait` and `set --wait` before several replicas: who follows, who does not, and why."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from router.cli import main
from router.cli.replicas import each, several
from router.config.building import hash_of
from tests.cli.admin_port import Pages, admin_port
from tests.config.files import SHIPPED

HASH = hash_of(SHIPPED.encode())
Printed = pytest.CaptureFixture[str]


def serving(digest: str, **last_reload: Any) -> Pages:
    """A replica that serves on *digest*."""
    return {"/config": (200, {"hash": digest, "source": "r.yaml", "last_reload": last_reload})}


FOLLOWS = serving(HASH, ok=True, hash=HASH)
REFUSED = serving("old", ok=False, hash=HASH, problems=["r.yaml:1:1: no", "r.yaml:2:1: nor this"])
LATE = serving("old", ok=True, hash="old")


@contextmanager
def replicas(*pages: Pages) -> Iterator[list[str]]:
    """The admin ports of a replica for each of *pages*."""
    with ExitStack() as stack:
        yield [stack.enter_context(admin_port(one)) for one in pages]


def options(admins: list[str]) -> list[str]:
    """`--admin` for each."""
    return [word for admin in admins for word in ("--admin", admin)]


@pytest.mark.parametrize("line", [["wait"], ["set", "wod", "10", "--wait"]], ids=" ".join)
def test_it_is_in_force_once_every_replica_says_so(
    line: list[str], file: Path, capsys: Printed
) -> None:
    """One line, with how many there are."""
    with replicas(FOLLOWS, FOLLOWS, FOLLOWS) as admins:
        assert main([*line, *options(admins)]) == 0
    assert capsys.readouterr().out.endswith(f"in force at 3 replicas (hash {HASH})\n")


def test_a_refusal_is_told_at_once_by_the_name_of_the_replica(file: Path, capsys: Printed) -> None:
    """Nobody else's answer is waited for in vain, and those who follow are not listed."""
    with replicas(FOLLOWS, REFUSED) as admins:
        assert main(["wait", *options(admins), "--timeout", "10m"]) == 1
    assert capsys.readouterr().err == (
        "not in force at 1 of 2 replicas:\n"
        f"{admins[1]}: refused it: r.yaml:1:1: no; r.yaml:2:1: nor this\n"
    )


def test_a_refusal_does_not_hide_who_is_late(file: Path, capsys: Printed) -> None:
    """Whoever may still follow gets the time that was given; each then has a line."""
    with replicas(LATE, REFUSED, FOLLOWS, {}) as admins:
        gone = "127.0.0.1:1"
        assert main(["wait", *options([*admins, gone]), "--timeout", "200ms"]) == 1
    head, late, refused, strange, away = capsys.readouterr().err.splitlines()
    assert head == "not in force at 4 of 5 replicas after 0.2 s:"
    assert late == f"{admins[0]}: the router serves r.yaml with hash old"
    assert refused.startswith(f"{admins[1]}: refused it: ")
    assert strange.startswith(f"{admins[3]}: the admin port {admins[3]} answers /config with 404")
    assert away.startswith(f"{gone}: no answer from the admin port {gone}: ")


class Changing(dict[str, Any]):
    """Pages of a replica; *change* is called when it is asked for the second time."""

    def __init__(self, pages: Pages, change: Callable[["Changing"], None]) -> None:
        super().__init__(pages)
        self.change = change
        self.asked = 0

    def get(self, path: str, default: Any = None) -> Any:
        """Answer as *change* has left it."""
        self.asked += 1
        if self.asked == 2:
            self.change(self)
        return super().get(path, default)


def test_a_replica_that_follows_later_is_waited_for(file: Path, capsys: Printed) -> None:
    """It is asked again."""
    later = Changing(LATE, lambda pages: pages.update(FOLLOWS))
    with replicas(FOLLOWS, later) as admins:
        assert main(["wait", *options(admins), "--timeout", "30s"]) == 0
    assert "at 2 replicas" in capsys.readouterr().out
    assert later.asked == 2


def test_the_replicas_may_stand_in_the_environment(
    file: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With commas; `--admin` takes their place."""
    with replicas(FOLLOWS, FOLLOWS) as admins:
        monkeypatch.setenv("STRANGLER_ADMIN", ", ".join(admins))
        assert main(["wait"]) == 0
        assert "at 2 replicas" in capsys.readouterr().out
        monkeypatch.setenv("STRANGLER_ADMIN", "127.0.0.1:1")
        assert main(["wait", "--admin", admins[0]]) == 0
        assert capsys.readouterr().out == f"in force (hash {HASH})\n"


@pytest.mark.parametrize(
    "line",
    [
        ["wait", "--admin", "one:1,two"],
        ["wait", "--admin", "one:1", "--admin", "two:99999"],
        ["set", "wod", "1", "--wait", "--admin", ","],
        ["healthcheck", "--admin", "one:1,two:2"],
        ["restart", "--admin", "one:1,two:2"],
        ["serve", "--admin", "one:1,two:2"],
    ],
    ids=" ".join,
)
def test_wrong_usage(line: list[str], capsys: Printed) -> None:
    """One that is no address; several where a command is about one router."""
    assert main(line) == 2
    assert "is not HOST:PORT" in capsys.readouterr().err


def test_a_file_that_is_no_good_is_not_waited_for(file: Path, capsys: Printed) -> None:
    """Its mistakes are told instead."""
    file.write_text(SHIPPED.replace("percent: 10", "percent: 101"))
    assert main(["wait", "--admin", "127.0.0.1:1"]) == 1
    assert "101 is greater than 100" in capsys.readouterr().err


def test_the_hash_stands_for_a_file_that_is_not_at_hand(tmp_path: Path, capsys: Printed) -> None:
    """As `strangler check` told it where the file is; anything else is wrong usage."""
    with replicas(FOLLOWS) as [admin]:
        assert main(["wait", str(tmp_path / "none.yaml"), "--hash", HASH, "--admin", admin]) == 0
    assert capsys.readouterr().out == f"in force (hash {HASH})\n"
    assert main(["wait", "--hash", "routes.yaml"]) == 2


Known = Callable[[dict[str, list[str]]], None]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Known:
    """Give a function that says which addresses names have."""

    def say(names: dict[str, list[str]]) -> None:
        def lookup(host: str, port: int, *_: object, **__: object) -> list[object]:
            if host not in names:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            families = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in names[host]]
            both = zip(families, names[host], strict=True)
            return [(family, socket.SOCK_STREAM, 6, "", (one, port)) for family, one in both]

        monkeypatch.setattr(socket, "getaddrinfo", lookup)

    return say


NAMES = {
    "localhost": ["::1", "127.0.0.1"],
    "routers": ["10.0.0.2", "10.0.0.1"],
    "both": ["fd00::1", "fd00::2", "10.0.0.1", "10.0.0.2"],
    "six": ["fd00::2", "fd00::1"],
    "127.0.0.1": ["127.0.0.1"],
}


@pytest.mark.parametrize(
    ("named", "asked"),
    [
        ("127.0.0.1:9901", ["127.0.0.1:9901"]),
        ("localhost:9901", ["localhost:9901"]),  # one replica, whichever it listens on
        ("routers:9901", ["10.0.0.1:9901", "10.0.0.2:9901"]),
        ("both:1", ["10.0.0.1:1", "10.0.0.2:1"]),
        ("six:1", ["[fd00::1]:1", "[fd00::2]:1"]),
        ("nobody:1", ["nobody:1"]),
        ("routers:1,10.0.0.1:1,10.0.0.3:1", ["10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1"]),
    ],
)
def test_a_name_with_several_addresses_is_each_of_them(
    named: str, asked: list[str], known: Known
) -> None:
    """Once each, and of one family, since a replica may have an address of both."""
    known(NAMES)
    assert each(several(named)) == asked


def test_a_name_is_looked_up_at_each_look(file: Path, capsys: Printed, known: Known) -> None:
    """A replica that was replaced meanwhile is waited for no more."""
    names = {"routers": ["127.0.0.1", "127.0.0.2"]} | {
        f"127.0.0.{n}": [f"127.0.0.{n}"] for n in (1, 2)
    }
    known(names)
    # Nobody listens at the second address, which the name loses.
    pages = Changing(FOLLOWS, lambda _: names.update(routers=["127.0.0.1"]))
    with replicas(pages) as [admin]:
        port = admin.rpartition(":")[2]
        assert main(["wait", "--admin", f"routers:{port}", "--timeout", "30s"]) == 0
    assert capsys.readouterr().out == f"in force (hash {HASH})\n"
