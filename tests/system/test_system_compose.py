"""docker-compose.yml and its runner as far as they need no engine: `make test-compose` has one."""

import copy
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from dev.compose.recipes import COMPILER, POSTGRES, PYTHON, RECIPES, digest
from dev.compose.safety import unsafe
from dev.plan import ROOT
from router.config.loading import load_file
from router.config.overriding import addresses_in

Services = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def services() -> Services:
    """The file's services in the long form that `compose config` gives, as far as it is judged."""
    raw = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    return {name: lengthened(service) for name, service in raw.items()}


def lengthened(service: dict[str, Any]) -> dict[str, Any]:
    """*service* with its ports and volumes in the long form."""
    ports = [port_of(text) for text in service.get("ports", ())]
    volumes = [volume_of(text) for text in service.get("volumes", ())]
    return {**service, "ports": ports, "volumes": volumes}


def port_of(text: str) -> dict[str, Any]:
    """`[HOST:]${VARIABLE:-PORT}:TARGET`."""
    front, _, target = text.rpartition(":")
    host = front.partition(":${")[0] if ":${" in front else None
    return {"target": int(target), **({"host_ip": host} if host else {})}


def volume_of(text: str) -> dict[str, Any]:
    """`SOURCE:TARGET[:ro]`."""
    is_read_only = text.endswith(":ro")
    source = text.removesuffix(":ro").rpartition(":")[0]
    kind = "bind" if source.startswith((".", "$")) else "volume"
    return {"type": kind, "source": source, "read_only": is_read_only}


def test_the_shipped_file_keeps_its_promises(services: Services) -> None:
    """No root, nothing writable, no capabilities, one door."""
    assert unsafe(services) == []
    doors = [
        (n, p["target"]) for n, s in services.items() for p in s["ports"] if "host_ip" not in p
    ]
    assert doors == [("router", 8080)]


BREAKS = [
    ({"cap_drop": []}, "does not drop every capability"),
    ({"cap_add": ["NET_ADMIN"]}, "does not drop every capability"),
    ({"security_opt": []}, "may gain privileges"),
    ({"read_only": False}, "can write to its root file system"),
    ({"privileged": True}, "is not contained"),
    ({"network_mode": "host"}, "is not contained"),
    ({"user": "0:0"}, "runs as root"),
    ({"user": "root"}, "runs as root"),
    ({"ports": [{"target": 5002}]}, "publishes port 5002 to others"),
    ({"ports": [{"target": 5002, "host_ip": "0.0.0.0"}]}, "publishes port 5002 to others"),
    ({"volumes": [volume_of("./config:/etc/strangler")]}, "can write to ./config"),
    ({"volumes": [volume_of("jwt-secret:/run/secrets")]}, "can change jwt-secret"),
]


@pytest.mark.parametrize(("change", "words"), BREAKS, ids=lambda value: str(value)[:40])
def test_a_broken_promise_is_named(services: Services, change: Any, words: str) -> None:
    """One sentence, with the service's name."""
    broken = copy.deepcopy(services)
    broken["coach"] |= change
    assert unsafe(broken) == [f"coach: {words}"]


def test_an_image_of_somebody_else_must_be_given_a_user(services: Services) -> None:
    """Ours say it themselves; postgres would be root."""
    broken = copy.deepcopy(services)
    del broken["postgres"]["user"]
    assert unsafe(broken) == ["postgres: runs as root"]


@pytest.mark.parametrize("name", ["router", "coach", "monolith", "load"])
def test_our_images_are_not_root(name: str) -> None:
    """By number, as Kubernetes' runAsNonRoot asks; and with the packages that are locked."""
    text = (ROOT / name / "Dockerfile").read_text("utf-8")
    assert "\nUSER 10001:10001\n" in text
    assert "--require-hashes" in text
    assert f"COPY requirements-{name}.lock" in text


def test_the_containers_addresses_fit_the_file(services: Services) -> None:
    """STRANGLER_UPSTREAMS moves every upstream of routes.yaml to a service of that name."""
    addresses = addresses_in(services["router"]["environment"]["STRANGLER_UPSTREAMS"])
    snapshot = load_file(ROOT / "config" / "routes.yaml", addresses)
    assert {name: one.host for name, one in snapshot.upstreams.items()} == {
        name: name for name in snapshot.upstreams
    }
    assert set(snapshot.upstreams) <= set(services)


def test_whoever_stops_is_given_the_time_it_takes(services: Services) -> None:
    """The router's grace is 30 s, the monolith's gunicorn's 20 s, coach's 10 s."""
    given = {name: service.get("stop_grace_period", "10s") for name, service in services.items()}
    seconds = {name: int(text.removesuffix("s")) for name, text in given.items()}
    assert seconds["router"] > 30
    assert seconds["monolith"] > 20
    assert seconds["coach"] > 10


def test_a_recipe_is_its_content() -> None:
    """The same content is the same image; any other content is another one."""
    assert PYTHON.tag == replace(PYTHON).tag
    others = [
        replace(PYTHON, layer="RUN true\n"),
        replace(PYTHON, packages=("python3",)),
        replace(POSTGRES, files={"entrypoint.sh": "exit\n"}),
    ]
    tags = [recipe.tag for recipe in (*RECIPES, *others)]
    assert len(set(tags)) == len(tags)
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_the_stand_ins_are_for_the_images_of_the_file() -> None:
    """Whoever raises a version in the file is told to raise it here."""
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    for recipe in RECIPES:
        assert f"${{{recipe.variable}:-{recipe.stands_for}}}" in text


def test_what_compiles_has_the_python_of_what_runs() -> None:
    """Extension modules are for one minor version, in the file and where it is built without it."""
    assert f"{COMPILER.stands_for}-slim" == PYTHON.stands_for
    text = (ROOT / "router" / "Dockerfile").read_text("utf-8")
    for recipe in (PYTHON, COMPILER):
        assert f"ARG {recipe.variable}={recipe.stands_for}\n" in text


def test_secrets_are_made_once(tmp_path: Path) -> None:
    """The script run twice leaves what it made the first time, readable by whom it is for."""
    script = (ROOT / "deploy/compose/secrets.sh").read_text("utf-8")
    for name in ("jwt", "database"):
        (tmp_path / name).mkdir()
    here = script.replace("/secrets/", f"{tmp_path}/")
    made = []
    for _ in range(2):
        subprocess.run(["sh", "-c", here], check=True, capture_output=True)
        made.append({file.name: file.read_text() for file in tmp_path.rglob("*") if file.is_file()})
    assert made[0] == made[1]
    assert len(made[0]["secret"]) == len(made[0]["password"]) == 64
    assert made[0]["url"] == f"postgresql://monolith:{made[0]['password']}@postgres:5432/monolith"
    assert (tmp_path / "jwt/secret").stat().st_mode & 0o777 == 0o400
