"""Both services, started once for the whole suite, and their workouts, computed once a user."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.services import Service, bearer, database

Ask = Callable[[str, str], httpx.Response]


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Service]]:
    """Give the running services by name; coach asks this monolith."""
    folder = tmp_path_factory.mktemp("services")
    with (
        Service("monolith", folder, database(folder)) as monolith,
        Service("coach", folder, {"MONOLITH_URL": monolith.url, "COACH_WORKERS": "1"}) as coach,
    ):
        yield {"monolith": monolith, "coach": coach}


@pytest.fixture(params=["monolith", "coach"])
def service(services: dict[str, Service], request: pytest.FixtureRequest) -> Service:
    """Give each of the two services in turn."""
    return services[request.param]


@pytest.fixture(scope="session")
def ask(services: dict[str, Service]) -> Ask:
    """Give a function that asks a service for a user's workout, and remembers the answer."""
    answers: dict[tuple[str, str], httpx.Response] = {}

    def workout(name: str, user: str) -> httpx.Response:
        if (name, user) not in answers:
            answers[name, user] = httpx.get(
                f"{services[name].url}/fitness/wod", headers=bearer(user), timeout=30
            )
        return answers[name, user]

    return workout
