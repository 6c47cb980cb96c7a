# ruff: noqa: N999 - the name that gunicorn gives it
"""How gunicorn serves the monolith: ``gunicorn -c monolith/gunicorn.conf.py``."""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from gunicorn.workers.base import Worker  # type: ignore[import-untyped]

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from monolith import settings  # only now can it be found from anywhere
from monolith.environment import SettingsError, number
from monolith.keys import keys_of

try:
    _settings = settings.read()
    keys_of(_settings)
    _workers = number(os.environ, "MONOLITH_WORKERS", int, 1, least=1)
    _threads = number(os.environ, "MONOLITH_THREADS", int, 24, least=1)
except SettingsError as error:
    raise SystemExit(f"monolith: {error}") from None

# prometheus-client looks for this when it is first imported, so before any worker is.
_OURS = "monolith-metrics-"
if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix=_OURS)
_metrics = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])

# The master waits for the database and creates it (on_starting). Workers begin without asking
# it: one that has to be replaced while the database is away must not end the service.
wsgi_app = "monolith.app:create_app(is_prepared=True)"
bind = os.environ.get("MONOLITH_BIND") or "127.0.0.1:5001"
# One process and many threads: what is heavy runs in processes of its own, and there is one queue
# for it. With more workers, divide MONOLITH_SEARCHES among them: each has a queue.
workers = _workers
worker_class = "gthread"
# MONOLITH_THREADS are for what is cheap; those that compute or wait for a WOD come on top.
threads = _threads + _settings.searches + _settings.queue
keepalive = 5  # longer than the 1.5 s that the router keeps a connection
timeout = 30
graceful_timeout = 20  # a WOD that waits and is then computed may take 10 s
control_socket_disable = True  # it would write to the home directory
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "monolith.logs.JsonFormatter"}},
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
        # Our own access lines know the request id and leave the query string out.
        "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
    },
}


def on_starting(server: object) -> None:
    """Begin with no figures of an earlier run, and with a database."""
    _metrics.mkdir(parents=True, exist_ok=True)
    for file in _metrics.glob("*.db"):
        file.unlink()
    prepare_database()


def prepare_database() -> None:
    """Wait for the database and create it, or end with a word on what is wrong.

    No socket is open yet: nobody connects to a service that cannot serve.
    """
    from monolith.storage import NotPrepared, prepare

    # Until gunicorn has its own handler: the first process of a container does not end by default.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        prepare(_settings)
    except NotPrepared as error:
        raise SystemExit(f"monolith: {error}") from None


def child_exit(server: object, worker: Worker) -> None:
    """Take a dead worker's gauges out of the sums."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: object) -> None:
    """Remove the directory if it is one that was made above."""
    if _metrics.name.startswith(_OURS):
        shutil.rmtree(_metrics, ignore_errors=True)
