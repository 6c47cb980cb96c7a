"""`make test-compose`: build the containers, run them, look at them, take them down.

Exit code 0 if all that was said is so, or if this machine cannot run it: then the word SKIPPED and
the reason are printed. Anything else is 1.
"""

import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from dev.compose.checks import CORE, Checks, kept, loadable, observed
from dev.compose.engine import engine
from dev.compose.images import base_images, build_ours, has, with_packages
from dev.compose.project import Project, compose_command
from dev.compose.recipes import NO_STAND_IN
from dev.compose.safety import unsafe
from dev.compose.telling import BEGAN, NotSo, Skipped, check, say, step
from dev.screen import complain


def judge_file(project: Project) -> None:
    """The file is one that Compose v2 takes, and keeps its promises."""
    step("docker-compose.yml")
    say(project.compose("version").strip())
    services = project.services()
    check(bool(services), f"valid: {', '.join(services)}")
    problems = unsafe(services)
    check(not problems, "non-root, read-only, no capabilities; ports on loopback but one", problems)


def build_and_run(folder: Path) -> None:
    """Everything that needs an engine."""
    step("Images")
    images = base_images()
    bases = (images["PYTHON_IMAGE"], images["COMPILER_IMAGE"])
    images["PACKAGES_IMAGE"], images["COMPILER_IMAGE"] = with_packages(*bases)
    project = Project(folder, images)
    build_ours(project.services())
    with taken_down(project):
        step("docker compose up")
        project.up(*CORE)
        say(f"{', '.join(CORE)} are healthy")
        with httpx.Client(
            base_url=project.url("STRANGLER_PORT"), timeout=30.0, trust_env=False
        ) as c:
            Checks(project, c).run()
        watched(project)
        kept(project)


def watched(project: Project) -> None:
    """The profiles: Prometheus, Grafana where it can be had, Locust."""
    observed(project)
    for service, image in NO_STAND_IN.items():
        if not has(str(project.services()[service]["image"])):
            say(f"SKIPPED {service}: no image of {image} here, and Debian has no such package")
    loadable(project)


@contextlib.contextmanager
def taken_down(project: Project) -> Iterator[None]:
    """Whatever happens, nothing of the stack is left; on failure its last words are told."""
    try:
        yield
    except (NotSo, httpx.HTTPError):
        with contextlib.suppress(NotSo):
            complain(project.logs())
        raise
    finally:
        step("docker compose down")
        project.down()
        say("containers, networks and volumes are gone")


def main() -> int:
    """Run it; the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        compose_command()
        with tempfile.TemporaryDirectory(prefix="strangler-compose-") as name:
            judge_file(Project(Path(name) / "judged", {}))
            with engine():
                build_and_run(Path(name) / "run")
    except Skipped as reason:
        print(f"\nSKIPPED: {reason}", flush=True)
        return 0
    except (NotSo, httpx.HTTPError) as error:
        return complain(f"\nNOT SO: {error}")
    except KeyboardInterrupt:
        return complain("stopped") + 129
    print(f"\nThe containers do what they should, in {time.monotonic() - BEGAN:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
