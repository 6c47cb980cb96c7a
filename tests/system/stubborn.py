"""`python -m tests.system.stubborn FOLDER`: `dev.up` over programs that do not stop when asked.

Each has a child that left its process group, and writes both pids to a file in the folder.
"""

import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from dev import foreground
from dev.plan import Program
from dev.stack import Stack

SOURCE = """
import http.server, os, signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "60"], start_new_session=True)
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready)
with open(sys.argv[2], "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
server.serve_forever()
"""


def stubborn(program: Program, folder: Path) -> Program:
    """A program in the place of *program* that does not stop."""
    port = urlsplit(program.ready).port
    notes = folder / f"{program.name}.pids"
    return replace(program, command=(sys.executable, "-c", SOURCE, str(port), str(notes)))


def main(folder: Path) -> int:
    """Run them as `make up` does, with less patience."""
    foreground.ROUTER_STOPS_WITHIN_S = foreground.OTHERS_STOP_WITHIN_S = 0.3
    planned = Stack(folder).plan
    changed = replace(
        planned,
        monolith=stubborn(planned.monolith, folder),
        coach=stubborn(planned.coach, folder),
        router=stubborn(planned.router, folder),
    )
    return foreground.Foreground(changed, folder, "all are up").run()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
