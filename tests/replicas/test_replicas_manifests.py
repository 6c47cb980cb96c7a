"""deploy/kubernetes: valid by Kubernetes' own schemas, and true of the program and its image."""

import re
from collections.abc import Callable
from typing import Any, cast

import kubernetes_validate
import pytest

from dev.plan import ROOT
from router.cli import main
from router.cli.arguments import seconds
from router.edge.admin import Admin, Desk
from router.serve import Options
from router.serve.crew import READY_S, SLACK_S
from tests.replicas.manifests import (
    BASE,
    Manifest,
    container,
    environment,
    manifest,
    manifests,
    pod,
    ports,
    rendering,
)

pytestmark = rendering

VERSIONS = [f"1.{minor}" for minor in range(30, 38)]
"""Of Kubernetes: those that the schemas' package has, and that somebody may still run."""
KINDS = {
    "ConfigMap": 1,
    "Deployment": 1,
    "HorizontalPodAutoscaler": 1,
    "NetworkPolicy": 1,
    "PodDisruptionBudget": 1,
    "Service": 2,
}


def problem(one: Manifest, version: str) -> str | None:
    """What the schemas of *version* have against it; a key that they do not know is a mistake."""
    try:
        judged_by = kubernetes_validate.validate(one, version, strict=True)
        assert judged_by == version  # and not by the nearest one that the package has
    except kubernetes_validate.ValidationError as error:
        return f"{'.'.join(map(str, error.path))}: {error.message}"
    return None


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_valid(version: str) -> None:
    """In each version, by the strict form of its schemas."""
    for one in manifests():
        assert problem(one, version) is None, one["kind"]


def test_it_is_all_there() -> None:
    """One of each kind, the second Service for the admin ports."""
    kinds = [one["kind"] for one in manifests()]
    assert {kind: kinds.count(kind) for kind in kinds} == KINDS


Plant = Callable[[Manifest], Any]
MISTAKES: dict[str, tuple[str, Plant, str]] = {
    "a misspelt probe": (
        "Deployment",
        lambda one: one["spec"]["template"]["spec"]["containers"][0].update(readinesProbe={}),
        "'readinesProbe' was unexpected",
    ),
    "a key a level too high": (
        "Deployment",
        lambda one: one["spec"].update(terminationGracePeriodSeconds=45),
        "'terminationGracePeriodSeconds' was unexpected",
    ),
    "a number in quotes": (
        "Deployment",
        lambda one: one["spec"].update(minReadySeconds="5"),
        "'5' is not of type 'integer'",
    ),
    "a variable that is no string": (
        "Deployment",
        lambda one: one["spec"]["template"]["spec"]["containers"][0]["env"].append(
            {"name": "STRANGLER_WORKERS", "value": 1}
        ),
        "1 is not of type 'string'",
    ),
    "no selector": (
        "Deployment",
        lambda one: one["spec"].pop("selector"),
        "'selector' is a required property",
    ),
    "a budget in words": (
        "PodDisruptionBudget",
        lambda one: one["spec"].update(maxUnavailable=[1]),
        "maxUnavailable",
    ),
    "a rule of another kind": (
        "NetworkPolicy",
        lambda one: one["spec"]["ingress"][0].update(to=[]),
        "'to' was unexpected",
    ),
}


@pytest.mark.parametrize(("kind", "plant", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_would_be_found(kind: str, plant: Plant, words: str) -> None:
    """The check above is able to fail."""
    one = manifest(kind)
    plant(one)
    assert words in (problem(one, VERSIONS[-1]) or "nothing")


def test_each_selects_the_pods() -> None:
    """Deployment, Services, budget and policy mean the same; the autoscaler the Deployment."""
    labels = pod()["metadata"]["labels"]
    spec = {kind: manifest(kind)["spec"] for kind in KINDS if kind != "ConfigMap"}
    assert spec["Deployment"]["selector"] == {"matchLabels": labels}
    assert spec["PodDisruptionBudget"]["selector"] == {"matchLabels": labels}
    assert spec["NetworkPolicy"]["podSelector"] == {"matchLabels": labels}
    assert spec["Service"]["selector"] == labels
    assert manifest("Service", "strangler-admin")["spec"]["selector"] == labels
    for constraint in pod()["spec"]["topologySpreadConstraints"]:
        assert constraint["labelSelector"] == {"matchLabels": labels}
    target = spec["HorizontalPodAutoscaler"]["scaleTargetRef"]
    assert target == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "strangler"}
    # Their number is the autoscaler's.
    assert "replicas" not in spec["Deployment"]


def test_the_ports_are_those_where_the_router_listens() -> None:
    """Its defaults, the image's, and what the container is told; open to the pod's address."""
    assert ports() == {"http": 8080, "admin": 9901}
    exposed = re.search(r"^EXPOSE (.*)$", dockerfile(), re.MULTILINE)
    assert exposed is not None
    assert sorted(map(int, exposed[1].split())) == sorted(ports().values())
    said = environment()
    assert said["STRANGLER_LISTEN"] == f"0.0.0.0:{ports()['http']}" == Options().listen
    assert said["STRANGLER_ADMIN"] == f"0.0.0.0:{ports()['admin']}"
    assert Options().admin.endswith(f":{ports()['admin']}")
    annotations = pod()["metadata"]["annotations"]
    assert annotations["prometheus.io/port"] == str(ports()["admin"])
    assert annotations["prometheus.io/path"] in pages()


def test_services_and_policy_name_ports_that_are_there() -> None:
    """The door from everywhere; the admin port from nobody who is not named."""
    for name in ("strangler", "strangler-admin"):
        for port in manifest("Service", name)["spec"]["ports"]:
            assert port["targetPort"] in ports()
    policy = manifest("NetworkPolicy")["spec"]
    assert policy["policyTypes"] == ["Ingress"]
    rules = {rule["ports"][0]["port"]: rule.get("from") for rule in policy["ingress"]}
    assert rules.keys() == ports().keys()
    assert rules["http"] is None
    assert len(rules["admin"]) == 2
    assert all(peer.keys() >= {"podSelector"} for peer in rules["admin"])
    # The name of the admin ports must have the addresses of the pods, not one before them.
    assert manifest("Service", "strangler-admin")["spec"]["clusterIP"] == "None"


def test_the_probes_ask_what_the_admin_port_answers() -> None:
    """Start and readiness whether traffic may come, liveness only whether the process lives."""
    probes = {kind: container()[f"{kind}Probe"] for kind in ("startup", "liveness", "readiness")}
    assert {kind: probe["httpGet"]["path"] for kind, probe in probes.items()} == {
        "startup": "/readyz",
        "liveness": "/healthz",
        "readiness": "/readyz",
    }
    for probe in probes.values():
        assert probe["httpGet"]["port"] == "admin"
        assert probe["httpGet"]["path"] in pages()
    start = probes["startup"]
    assert start["periodSeconds"] * start["failureThreshold"] > READY_S


def test_the_pod_outlives_the_grace_time() -> None:
    """SIGKILL comes after the router has cut what still runs: each exchange has its fate."""
    [sleep, wait_s] = container()["lifecycle"]["preStop"]["exec"]["command"]
    assert sleep == "sleep"
    grace_s = seconds(environment()["STRANGLER_GRACE"])
    assert grace_s == Options().grace_s
    given_s = pod()["spec"]["terminationGracePeriodSeconds"]
    assert given_s > int(wait_s) + grace_s + SLACK_S
    # By then the readiness probe would have failed too, wherever nobody has heard of the end.
    probe = container()["readinessProbe"]
    assert int(wait_s) >= probe["periodSeconds"] * probe["failureThreshold"]


def test_it_runs_as_the_image_does_and_may_do_nothing() -> None:
    """The restricted level of Kubernetes' Pod Security Standards, and a read-only root."""
    user = re.search(r"^USER (\d+):(\d+)$", dockerfile(), re.MULTILINE)
    assert user is not None
    of_pod = pod()["spec"]["securityContext"]
    assert (of_pod["runAsUser"], of_pod["runAsGroup"]) == (int(user[1]), int(user[2]))
    assert of_pod["runAsNonRoot"]
    assert of_pod["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container()["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod()["spec"]["automountServiceAccountToken"] is False


def test_no_variable_of_a_service_is_taken_for_the_routers() -> None:
    """A Service `strangler` would be STRANGLER_PORT and more in each pod."""
    assert pod()["spec"]["enableServiceLinks"] is False


def test_file_and_secret_are_mounted_as_folders(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the router looks for them; the secret is a file, and no variable."""
    mounts = {one["name"]: one for one in container()["volumeMounts"]}
    assert all("subPath" not in one and one["readOnly"] for one in mounts.values())
    volumes = {one["name"]: one for one in pod()["spec"]["volumes"]}
    assert volumes["routes"]["configMap"] == {"name": "strangler-routes"}
    assert environment()["STRANGLER_CONFIG"] == f"{mounts['routes']['mountPath']}/routes.yaml"
    text = (BASE / "routes.yaml").read_text("utf-8")
    assert manifest("ConfigMap", "strangler-routes")["data"] == {"routes.yaml": text}
    secret = f"{mounts['keys']['mountPath']}/jwt-secret"
    assert f"secret_file: {secret}}}" in text
    assert "env:" not in text
    assert main(["check", str(BASE / "routes.yaml")]) == 0
    assert capsys.readouterr().err.count("warning") == 1  # that this machine has no such secret


def test_the_group_of_the_pod_may_read_the_secret() -> None:
    """And nobody else."""
    volumes = {one["name"]: one for one in pod()["spec"]["volumes"]}
    assert volumes["keys"]["secret"]["defaultMode"] == 0o440
    assert pod()["spec"]["securityContext"]["fsGroup"] == 10001


def test_more_than_one_is_there_whatever_happens() -> None:
    """A roll makes room first, a drained node takes one, the least number survives both."""
    strategy = manifest("Deployment")["spec"]["strategy"]["rollingUpdate"]
    assert strategy == {"maxUnavailable": 0, "maxSurge": 1}
    least = manifest("HorizontalPodAutoscaler")["spec"]["minReplicas"]
    assert least - manifest("PodDisruptionBudget")["spec"]["maxUnavailable"] >= 2


def dockerfile() -> str:
    """How the router's image is made."""
    return (ROOT / "router" / "Dockerfile").read_text("utf-8")


def pages() -> set[str]:
    """The paths of the admin port."""
    routes = Admin(cast("Desk", None)).application().router.routes()  # listed, not asked
    return {route.resource.canonical for route in routes if route.resource is not None}
