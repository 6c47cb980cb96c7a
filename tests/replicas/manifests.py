"""What `kubectl apply -k deploy/kubernetes` would send, rendered by kubectl itself."""

import functools
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from dev.plan import ROOT

BASE = ROOT / "deploy" / "kubernetes"
Manifest = dict[str, Any]
rendering = pytest.mark.skipif(
    shutil.which("kubectl") is None,
    reason="kubectl is not installed (Debian: apt install kubernetes-client)",
)


@functools.cache
def rendered() -> str:
    """All of it, as YAML. No cluster is asked."""
    command = ["kubectl", "kustomize", str(BASE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def manifests() -> list[Manifest]:
    """Each object, made anew."""
    return list(yaml.safe_load_all(rendered()))


def manifest(kind: str, name: str = "strangler") -> Manifest:
    """The object of that *kind* and *name*."""
    [found] = (
        one for one in manifests() if one["kind"] == kind and one["metadata"]["name"] == name
    )
    return found


def pod() -> Manifest:
    """What a pod is made from."""
    template: Manifest = manifest("Deployment")["spec"]["template"]
    return template


def container() -> Manifest:
    """The pod's only container."""
    [found] = pod()["spec"]["containers"]
    only: Manifest = found
    return only


def environment() -> dict[str, str]:
    """The container's variables."""
    return {one["name"]: one["value"] for one in container()["env"]}


def ports() -> dict[str, int]:
    """The container's ports by name."""
    return {one["name"]: one["containerPort"] for one in container()["ports"]}
