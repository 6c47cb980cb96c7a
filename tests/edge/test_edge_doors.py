"""What can go wrong before the first request: listening addresses, and keys."""

import socket
from pathlib import Path

import pytest
from aiohttp import http_parser

from router.core.model import Key
from router.edge.client.heads import PureParser, require_c_parser
from router.edge.keyring import KeyProblem, secret_of
from router.edge.listening import CannotListen, listen

LONG = "x" * 32


def test_a_taken_address_says_what_to_set_instead() -> None:
    """Which address, why not, and the flag and variable that change it."""
    with listen("127.0.0.1:0", "--listen") as first:
        address = f"127.0.0.1:{first.getsockname()[1]}"
        with pytest.raises(CannotListen, match=rf"{address} is taken .*choose .* with --listen"):
            listen(address, "--listen")


@pytest.mark.parametrize("bad", ["8080", "127.0.0.1", "host:port", "host:70000", "host:", ""])
def test_what_is_no_address_is_told(bad: str) -> None:
    """Before any socket is made."""
    with pytest.raises(CannotListen, match=r"is not HOST:PORT; mend --listen"):
        listen(bad, "--listen")


@pytest.mark.parametrize("elsewhere", ["203.0.113.1:0", "no-such-host.invalid:0"])
def test_an_address_of_another_machine_is_told(elsewhere: str) -> None:
    """With the system's own word for it."""
    with pytest.raises(CannotListen, match=r"choose another address with --listen"):
        listen(elsewhere, "--listen")


def test_ipv6_stands_in_brackets() -> None:
    """And nowhere else do brackets appear."""
    with listen("[::1]:0", "--listen") as sock:
        assert sock.family == socket.AF_INET6
        assert sock.getsockname()[0] == "::1"


def test_a_listening_socket_is_ready_for_the_loop() -> None:
    """Not blocking, and with room for a rush of connections."""
    with listen("127.0.0.1:0", "--listen") as sock:
        assert not sock.getblocking()
        with socket.create_connection(sock.getsockname(), timeout=1):
            pass


def keys(environ: dict[str, str], folder: Path, **source: str) -> bytes:
    """The material of the one key from *source*."""
    return secret_of(Key(**source), environ, folder)


def test_a_secret_from_the_environment(tmp_path: Path) -> None:
    """As it is there, whatever bytes it has."""
    assert keys({"S": LONG}, tmp_path, secret_env="S") == LONG.encode()


def test_a_secret_from_a_file_that_a_variable_names(tmp_path: Path) -> None:
    """Docker's convention: `S_FILE` counts where `S` is unset or empty; its value is not shown."""
    (tmp_path / "s").write_text(LONG + "\n")
    named = {"S_FILE": str(tmp_path / "s")}
    assert keys(named, tmp_path, secret_env="S") == LONG.encode()
    assert keys(named | {"S": "y" * 32}, tmp_path, secret_env="S") == b"y" * 32
    assert keys(named | {"S": ""}, tmp_path, secret_env="S") == LONG.encode()
    with pytest.raises(KeyProblem, match="the environment variable S holds no secret"):
        keys({"S": ""}, tmp_path, secret_env="S")
    (tmp_path / "s").write_text("short")
    with pytest.raises(KeyProblem, match=r"which S_FILE names, has 5 bytes"):
        keys(named, tmp_path, secret_env="S")
    with pytest.raises(KeyProblem, match="gone cannot be read: No such file"):
        keys({"S_FILE": str(tmp_path / "gone")}, tmp_path, secret_env="S")


def test_a_secret_from_a_file_loses_its_line_end(tmp_path: Path) -> None:
    """Editors add one; a relative path is looked up beside routes.yaml."""
    (tmp_path / "jwt.secret").write_bytes(b" " + LONG.encode() + b"\r\n")
    assert keys({}, tmp_path, secret_file="jwt.secret") == b" " + LONG.encode()
    assert keys({}, Path("/"), secret_file=str(tmp_path / "jwt.secret")).endswith(b"x")


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "the environment variable S holds no secret; set it to at least 32 bytes"),
        ({"S": ""}, "holds no secret"),
        ({"S": "too-short"}, "has 9 bytes; a secret needs 32 or more"),
    ],
)
def test_a_secret_that_will_not_do_says_how_to_mend_it(
    tmp_path: Path, environ: dict[str, str], words: str
) -> None:
    """And never a byte of it."""
    with pytest.raises(KeyProblem, match=words) as caught:
        keys(environ, tmp_path, secret_env="S")
    assert "too-short" not in str(caught.value)


def test_a_secret_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Missing, a directory, empty."""
    (tmp_path / "empty").touch()
    for name, words in (("gone", "No such file"), (".", "Is a directory"), ("empty", "no secret")):
        with pytest.raises(KeyProblem, match=words):
            keys({}, tmp_path, secret_file=name)


def test_the_pure_python_parser_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It lets ambiguous framing pass, so the router does not serve on it."""
    require_c_parser()
    pure = http_parser.HttpRequestParserPy
    monkeypatch.setattr(http_parser, "HttpRequestParser", pure)
    with pytest.raises(PureParser, match="without its C parser"):
        require_c_parser()
