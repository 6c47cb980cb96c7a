# ruff: noqa: N999 - the name that gunicorn gives it
"""How gunicorn serves coach: ``gunicorn -c coach/gunicorn.conf.py``."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from gunicorn.workers.base import Worker  # type: ignore[import-untyped]

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from coach import settings  # only now can it be found from anywhere
from coach.environment import SettingsError, number

try:
    settings.read()
    _workers = number(os.environ, "COACH_WORKERS", int, 2, least=1)
    _threads = number(os.environ, "COACH_THREADS", int, 16, least=1)
except SettingsError as error:
    raise SystemExit(f"coach: {error}") from None

# prometheus-client looks for this when it is first imported, so before any worker is.
_OURS = "coach-metrics-"
if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix=_OURS)
_metrics = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])

wsgi_app = "coach.wsgi:app"
bind = os.environ.get("COACH_BIND") or "127.0.0.1:5002"
workers = _workers
worker_class = "gthread"
threads = _threads
preload_app = False  # each worker fetches the catalogue in a thread, which a fork would lose
keepalive = 5  # longer than the 1.5 s that the router keeps a connection
timeout = 30
graceful_timeout = 10
control_socket_disable = True  # it would write to the home directory
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "coach.logs.JsonFormatter"}},
    "handlers": {
        "out": {
            "class": "logging.StreamHandler",
            "formatter": "json",
            "stream": "ext://sys.stdout",
        }
    },
    "root": {"level": "INFO", "handlers": ["out"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
        "httpx": {"level": "WARNING"},  # it would log every history that is fetched
        # Our own access lines know the request id and leave the query string out.
        "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
    },
}


def on_starting(server: object) -> None:
    """Begin with no figures of an earlier run."""
    _metrics.mkdir(parents=True, exist_ok=True)
    for file in _metrics.glob("*.db"):
        file.unlink()


def child_exit(server: object, worker: Worker) -> None:
    """Take a dead worker's gauges out of the sums."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: object) -> None:
    """Remove the directory if it is one that was made above."""
    if _metrics.name.startswith(_OURS):
        shutil.rmtree(_metrics, ignore_errors=True)
