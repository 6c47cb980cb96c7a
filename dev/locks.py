"""The lock files: `python -m dev.locks` says whether they are current, `--write` makes them.

Each begins with a digest of what pyproject.toml asks for, so that the check needs no network. The
files name no package index and are the same for every platform.
"""

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "pyproject.toml"
RUNNING = (PROJECT, "--extra", "coach", "--extra", "monolith", "--group", "dev")
LOCKS = {
    "requirements.lock": RUNNING,
    "requirements-dev.lock": (*RUNNING, "--group", "test"),
    "requirements-load.lock": (PROJECT, "--group", "load"),
    "requirements-bench.lock": (PROJECT, "--group", "bench"),
    "requirements-clients.lock": (PROJECT, "--group", "clients"),
    "requirements-fuzz.lock": (PROJECT, "--group", "fuzz"),
    "requirements-compile.lock": ("--group", "compile"),  # installed beside the image's own
    "requirements-compose.lock": (PROJECT, "--group", "compose"),
}
IMAGES = ("router", "coach", "monolith")
"""Each has an image of its own, with what it needs and no more: `requirements-NAME.lock`."""


def asked_for() -> dict[str, Any]:
    """What pyproject.toml says."""
    return tomllib.loads((ROOT / PROJECT).read_text("utf-8"))


def needs(image: str) -> list[str]:
    """What one of `IMAGES` depends on; the router is what the project is without extras."""
    project = asked_for()["project"]
    needed: list[str] = project["optional-dependencies"].get(image, project["dependencies"])
    return needed


def wanted() -> str:
    """The first line of a current lock file: a digest of all that pyproject.toml depends on."""
    file = asked_for()
    project = file["project"]
    asked = [
        project["requires-python"],
        project["dependencies"],
        project["optional-dependencies"],
        file["dependency-groups"],
    ]
    digest = sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    return f"# made by `make lock` from the dependencies in pyproject.toml ({digest[:16]})\n"


def stale() -> list[str]:
    """The lock files that do not belong to pyproject.toml as it is now."""
    images = [f"requirements-{image}.lock" for image in IMAGES]
    return [name for name in (*LOCKS, *images) if first_line(ROOT / name) != wanted()]


def first_line(path: Path) -> str:
    """The first line of the file at *path*, empty if there is none."""
    if not path.exists():
        return ""
    with path.open(encoding="utf-8") as file:
        return file.readline()


def compile_to(
    path: Path,
    uv: str,
    selection: tuple[str, ...],
    before: Sequence[Path],
    stdin: str | None = None,
) -> None:
    """Write the pinned, hashed requirements of *selection* to *path*.

    Its own pins stay where they can, and those of the files *before* in any case.
    """
    options = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
    options += ["--fork-strategy", "fewest"]  # one pin for every Python, the images' too
    for one in before:
        options += ["--constraints", str(one)]
    options += ["--python-version", "3.11", "--output-file", str(path)]
    command = [uv, "pip", "compile", *options, *selection]
    subprocess.run(command, cwd=ROOT, check=True, text=True, input=stdin, stdout=subprocess.DEVNULL)
    path.write_text(wanted() + path.read_text("utf-8").removeprefix(wanted()), "utf-8")


def write() -> None:
    """Make all files anew, each with the pins of those before: all are installed into one place."""
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        raise SystemExit("make lock needs uv: install it, or run `make lock`, which does")
    before: list[Path] = []
    for name, selection in LOCKS.items():
        path = ROOT / name
        compile_to(path, uv, selection, before)
        before.append(path)
    write_images(uv)


def write_images(uv: str) -> None:
    """Make the images' files, with the pins of requirements.lock."""
    for image in IMAGES:
        needed = "\n".join(needs(image))
        path = ROOT / f"requirements-{image}.lock"
        compile_to(path, uv, ("-",), [ROOT / "requirements.lock"], needed)


def main(arguments: list[str]) -> int:
    """Check, or write; the exit code."""
    if arguments == ["--write"]:
        write()
    for name in stale():
        print(f"{name} is not what pyproject.toml asks for; run: make lock", file=sys.stderr)
    return 1 if stale() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
