"""Both services, started once for the whole suite, and their workouts, computed once a user."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from dev.stack import eventually
from tests.contract.issuers import Issuer, SharedSecret, SigningKey
from tests.postgres import Server, binaries
from tests.services import Service, database, free_port

Ask = Callable[[str, str], httpx.Response]
Bearer = Callable[..., dict[str, str]]
OTHER = "postgresql" if binaries() else "sqlite"


@pytest.fixture(scope="session", params=["HS256-sqlite", f"RS256-{OTHER}"])
def kind(request: pytest.FixtureRequest) -> str:
    """Give how tokens are signed and where data are kept: the contract is the same."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def issuer(kind: str) -> Issuer:
    """Give who signs the tokens."""
    return SigningKey() if kind.startswith("RS256") else SharedSecret()


@pytest.fixture(scope="session")
def bearer(issuer: Issuer) -> Bearer:
    """Give a function that gives the headers of a request by a user."""

    def bearer(user: str = "alice@example.com", **claims: object) -> dict[str, str]:
        return {"Authorization": f"Bearer {issuer.token(user, **claims)}"}

    return bearer


@pytest.fixture(scope="session")
def services(
    kind: str,
    issuer: Issuer,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Service]]:
    """Give the running services by name; coach asks this monolith."""
    folder = tmp_path_factory.mktemp("services")
    data = database(folder)
    if kind.endswith("postgresql"):
        server: Server = request.getfixturevalue("postgres")
        data = {"DATABASE_URL": server.new()}
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    for_monolith, for_coach = issuer.environments(folder, url)
    coach_env = {"MONOLITH_URL": url, "COACH_WORKERS": "1"} | for_coach
    with (
        Service("monolith", folder, data | for_monolith, port) as monolith,
        Service("coach", folder, coach_env) as coach,
    ):
        yield {"monolith": monolith, "coach": coach}


@pytest.fixture(params=["monolith", "coach"])
def service(services: dict[str, Service], request: pytest.FixtureRequest) -> Service:
    """Give each of the two services in turn."""
    return services[request.param]


@pytest.fixture(scope="session")
def ask(services: dict[str, Service], bearer: Bearer) -> Ask:
    """Give a function that asks a service for a user's workout, and remembers the answer.

    Coach is asked again where the monolith was too slow for it, which it says itself.
    """
    answers: dict[tuple[str, str], httpx.Response] = {}

    def asked(name: str, user: str) -> bool:
        url = f"{services[name].url}/fitness/wod"
        answers[name, user] = httpx.get(url, headers=bearer(user), timeout=30)
        return "X-Coach-Degraded" not in answers[name, user].headers

    def workout(name: str, user: str) -> httpx.Response:
        if (name, user) not in answers:
            eventually(lambda: asked(name, user), 10)
        return answers[name, user]

    return workout
