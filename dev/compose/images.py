"""Images: the base ones, real or stand-ins, and ours built on them."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dev.compose.engine import BUILD_S, docker, install, require_root_on_debian, run
from dev.compose.recipes import PYTHON, RECIPES, SUITE, Recipe, digest
from dev.compose.telling import NotSo, say
from dev.plan import ROOT

PULL_S = 20.0
LOCKS = ("requirements.lock", "requirements-load.lock", "requirements-compile.lock")
"""Between them they have every package of every image; the images' own locks keep their pins."""
LEFT_OUT = ("./var/cache/apt/archives/*.deb", "./var/lib/apt/lists/*", "./usr/share/doc/*")


def base_images() -> dict[str, str]:
    """Base images by the variable that names them in docker-compose.yml."""
    images = {recipe.variable: recipe.stands_for for recipe in RECIPES}
    if all(has(image) or pulled(image) for image in images.values()):
        say("base images are the real ones")
        return images
    require_root_on_debian("base images cannot be pulled, and only root on Debian makes stand-ins")
    say("base images cannot be pulled here; making stand-ins of Debian's packages")
    with ThreadPoolExecutor() as pool:
        list(pool.map(make, [recipe for recipe in RECIPES if recipe.packages]))
    for recipe in RECIPES:
        make(recipe)
        say(f"{recipe.tag}, for {recipe.stands_for}")
    return {recipe.variable: recipe.tag for recipe in RECIPES}


def has(image: str) -> bool:
    """Whether the engine has *image* already."""
    command = ["docker", "image", "inspect", image]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def pulled(image: str) -> bool:
    """Whether *image* could be had from its registry, decided quickly if there is none."""
    say(f"trying to pull {image}, for {PULL_S:g} s at most unless it comes")
    command = ["timeout", f"{PULL_S:g}", "docker", "manifest", "inspect", image]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        return False
    docker("pull", "--quiet", image, timeout_s=BUILD_S)
    return True


def make(recipe: Recipe) -> None:
    """Make the stand-in of *recipe*, if it is not there."""
    if has(recipe.tag):
        return
    with tempfile.TemporaryDirectory(prefix="strangler-image-") as name:
        folder = Path(name)
        base = bootstrapped(recipe, folder) if recipe.packages else PYTHON.tag
        context = folder / "context"
        context.mkdir()
        for file, text in recipe.files.items():
            (context / file).write_text(text, "utf-8")
        unpack(recipe, context)
        build(context, f"FROM {base}\n{recipe.layer}", recipe.tag)


def bootstrapped(recipe: Recipe, folder: Path) -> str:
    """An image of a fresh Debian with the packages of *recipe*."""
    install({"debootstrap": "debootstrap"})
    system = folder / "system"
    include = f"--include={','.join(recipe.packages)}"
    run(["debootstrap", "--variant=minbase", include, SUITE, str(system)], BUILD_S)
    left_out = [f"--exclude={pattern}" for pattern in LEFT_OUT]
    archive = folder / "system.tar"
    run(["tar", "-C", str(system), *left_out, "-cf", str(archive), "."], BUILD_S)
    return docker("import", str(archive), timeout_s=BUILD_S).strip()


def unpack(recipe: Recipe, context: Path) -> None:
    """Put the binaries of *recipe* into *context*, out of the Debian package of its name."""
    if not recipe.binaries:
        return
    run(["apt-get", "download", "-qq", recipe.name], 300.0, cwd=context)
    [package] = context.glob("*.deb")
    run(["dpkg", "-x", str(package), str(context / "package")])
    package.unlink()
    for binary in recipe.binaries:
        (context / "package/usr/bin" / binary).rename(context / binary)


def build(context: Path, dockerfile: str, tag: str, *options: str) -> None:
    """Build *tag* of *dockerfile* with the files in *context*."""
    (context / "Dockerfile").write_text(dockerfile, "utf-8")
    classic_build(context, context / "Dockerfile", tag, *options)


def classic_build(context: Path, dockerfile: Path, tag: str, *options: str) -> None:
    """`docker build` without BuildKit, whose client is a plugin that Debian 12 lacks.

    Without a network: whatever is needed is in the images that it begins with.
    """
    command = ["docker", "build", "--quiet", "--network=none", "--force-rm", *options]
    run(
        [*command, "--file", str(dockerfile), "--tag", tag, str(context)],
        BUILD_S,
        env={**os.environ, "DOCKER_BUILDKIT": "0"},
    )


def with_packages(*pythons: str) -> list[str]:
    """Each of *pythons* with all locked packages in it, fetched by this machine's own pip.

    So however this machine is told to find packages, no image has to be told.
    """
    tags = {packages_tag(python): python for python in pythons}
    missing = {tag: python for tag, python in tags.items() if not has(tag)}
    if missing:
        with tempfile.TemporaryDirectory(prefix="strangler-packages-") as name:
            download(Path(name) / "packages")
            for tag, python in missing.items():
                build(Path(name), f"FROM {python}\n{PACKAGES_LAYER}", tag)
    return list(tags)


def packages_tag(python: str) -> str:
    """The name of the image that is *python* with what is locked now."""
    identity = docker("image", "inspect", "--format={{.Id}}", python).strip()
    locks = [(ROOT / name).read_text("utf-8") for name in LOCKS]
    return f"strangler-stand-in/packages:{digest([identity, locks])}"


PACKAGES_LAYER = """\
COPY packages /packages
ENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/packages PIP_ROOT_USER_ACTION=ignore
"""


def download(folder: Path) -> None:
    """Fetch every locked package, in the form that Python 3.13 of the image takes."""
    say("fetching the locked packages for the images' Python")
    for lock in LOCKS:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--python-version=3.13", f"--dest={folder}"]
        run([*command, "--require-hashes", "-r", str(ROOT / lock)], BUILD_S)


def our_images(services: Mapping[str, Mapping[str, object]]) -> dict[str, Mapping[str, object]]:
    """What is to be built, by image, as `compose config` says it."""
    found: dict[str, Mapping[str, object]] = {}
    for service in services.values():
        how = service.get("build")
        if isinstance(how, dict):
            found[str(service["image"])] = how
    return found


def build_ours(services: Mapping[str, Mapping[str, object]]) -> None:
    """Build every image that the compose file says how to build."""
    for tag, how in our_images(services).items():
        context, dockerfile = Path(str(how["context"])), str(how["dockerfile"])
        classic_build(context, context / dockerfile, tag, *build_arguments(how.get("args")))
        size = int(docker("image", "inspect", "--format={{.Size}}", tag)) / 1e6
        say(f"built {tag}, {size:.0f} MB")


def build_arguments(arguments: object) -> Iterable[str]:
    """`--build-arg` for each."""
    if not isinstance(arguments, dict):
        raise NotSo(f"build.args is {arguments!r}, not a mapping")
    return [f"--build-arg={name}={value}" for name, value in arguments.items()]
