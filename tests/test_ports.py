"""Tests run beside `make up`: none takes a port that it did not ask the machine for."""

import socket

import pytest

from tests.ports import SHIPPED


@pytest.mark.parametrize("port", sorted(SHIPPED))
def test_a_shipped_port_cannot_be_bound(port: int) -> None:
    """Not by accident either, as a default that a test forgot to replace would."""
    with socket.socket() as sock, pytest.raises(AssertionError, match=f":{port}, which is not"):
        sock.bind(("127.0.0.1", port))


def test_a_port_that_the_machine_gives_can() -> None:
    """Any other is not looked at."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
