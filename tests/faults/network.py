"""A candidate in a network of its own, on the way to which packets can be made to vanish."""

import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator

CLONE_NEWNET = 0x40000000


class Distance:
    """A network namespace, a cable to it, and a listening socket at its far end.

    The rules are the namespace's own, and go with it: nothing of the machine's is touched.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        low = (os.getpid() % 4096) * 4
        self._near, self._far = (f"10.213.{low // 256}.{low % 256 + one}" for one in (1, 2))
        near = f"{name[-10:]}-n"
        far = f"{name[-10:]}-f"
        run("ip", "netns", "add", name)
        run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", name)
        run("ip", "address", "add", f"{self._near}/30", "dev", near)
        run("ip", "link", "set", near, "up")
        self.inside("ip", "address", "add", f"{self._far}/30", "dev", far)
        self.inside("ip", "link", "set", far, "up")
        self.socket = self._listening()
        self.address = f"{self._far}:{self.socket.getsockname()[1]}"

    def inside(self, *command: str) -> None:
        """Run *command* in there."""
        run("ip", "netns", "exec", self.name, *command)

    def _listening(self) -> socket.socket:
        """A socket of the namespace: it stays one, whoever uses it (network_namespaces(7))."""
        made: list[socket.socket] = []

        def enter() -> None:
            with open(f"/run/netns/{self.name}") as there:
                if ctypes.CDLL(None, use_errno=True).setns(there.fileno(), CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), "setns")
            one = socket.socket()
            one.bind((self._far, 0))
            one.listen(128)
            made.append(one)

        thread = threading.Thread(target=enter)  # the namespace is the thread's, and goes with it
        thread.start()
        thread.join()
        return made[0]

    @contextlib.contextmanager
    def rule(self, *what: str) -> Iterator[None]:
        """Have *what* be done to packets that arrive there."""
        self.inside("iptables", "-A", "INPUT", *what)
        try:
            yield
        finally:
            self.inside("iptables", "-D", "INPUT", *what)

    def close(self) -> None:
        """Remove it all; the cable goes with its end."""
        self.socket.close()
        run("ip", "netns", "delete", self.name)


def run(*command: str) -> None:
    """Run it; it must succeed."""
    subprocess.run(command, check=True, capture_output=True)


def why_not() -> str | None:
    """Why there can be no such network here."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    missing = [name for name in ("ip", "iptables") if shutil.which(name) is None]
    if missing:
        return f"{' and '.join(missing)} not installed (Debian: apt install iproute2 iptables)"
    return None


def opened() -> "Distance | None":
    """One, where there can be one."""
    if why_not() is not None:
        return None
    with contextlib.suppress(subprocess.CalledProcessError, OSError):
        return Distance(f"strangler-f{os.getpid()}")
    return None
