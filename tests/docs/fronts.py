"""nginx and HAProxy as they are installed, with the files of deploy/ on ports of the test's own."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from dev.places import free_ports, with_ports
from dev.plan import ROOT
from dev.stack import eventually

READY_S = 10.0

SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
"""Where a daemon's program may lie, for users whose PATH has no sbin."""

NGINX_MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/strangler.conf;
}}
"""
"""What a distribution's nginx.conf has around conf.d, less what a test may not touch."""


SHIPPED = {"nginx": "nginx/strangler.conf", "haproxy": "haproxy/haproxy.cfg"}
"""What each has in deploy/ to stand before one router."""


class Front:
    """One of the two, as a process; *ports* replace those that its *file* in deploy/ names."""

    def __init__(
        self, name: str, folder: Path, ports: Mapping[str, int], file: str | None = None
    ) -> None:
        self.name = name
        self.folder = folder
        self._shipped = ROOT / "deploy" / (file or SHIPPED[name])
        [self.port] = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self.file = self._moved(ports)
        self._process: subprocess.Popen[bytes] | None = None

    def _moved(self, ports: Mapping[str, int]) -> Path:
        text = with_ports(self._shipped.read_text("utf-8"), ports)
        for shipped, ours in (("listen 80;", "listen {};"), ("bind :80\n", "bind {}\n")):
            text = text.replace(shipped, ours.format(f"127.0.0.1:{self.port}"))
        text = re.sub(r"\bport (\d+)", lambda found: f"port {ports[found[1]]}", text)
        file = self.folder / self._shipped.name
        file.write_text(text, "utf-8")
        return file

    def command(self, *, check: bool = False) -> list[str]:
        """How it is started, or asked whether its file is good."""
        program = shutil.which(self.name, path=SEARCHED) or self.name
        if self.name == "haproxy":
            return [program, "-c" if check else "-db", "-f", str(self.file)]
        main = self.folder / "nginx.conf"
        main.write_text(NGINX_MAIN.format(folder=self.folder), "utf-8")
        return [program, "-e", f"{self.folder}/error.log", "-c", str(main), *(["-t"] * check)]

    def __enter__(self) -> Self:
        """Start it, and wait until it listens."""
        with (self.folder / "front.log").open("wb") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        if not eventually(self.listens, READY_S):
            self.__exit__()  # a leaked process would fail some later test instead
            raise AssertionError(self.log())
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(10)

    def listens(self) -> bool:
        """Whether a connection can be had."""
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def log(self) -> str:
        """All it has said."""
        files = (self.folder / "front.log", self.folder / "error.log")
        return "\n".join(file.read_text("utf-8") for file in files if file.exists())
