"""Keys rotate while users log in and ask: nobody is refused, and nothing is restarted."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import jwt
import pytest

from dev.stack import eventually
from monolith.settings import DEMO_PASSWORD
from tests.keys import key
from tests.services import Service, database

pytestmark = pytest.mark.system

ALICE = {"username": "alice@example.com", "password": DEMO_PASSWORD}
NUMBERS = (1, 2)
SET = "/.well-known/jwks.json"


class Users:
    """Users who log in anew all the time, and show each token to both services."""

    def __init__(self, monolith: Service, coach: Service) -> None:
        self._urls = (f"{coach.url}/fitness/wod", f"{monolith.url}/fitness/history")
        self._login = f"{monolith.url}/oauth/token"
        self._is_over = threading.Event()
        self.statuses: Counter[int] = Counter()
        self.kids: Counter[tuple[int, str]] = Counter()

    def work(self, number: int) -> None:
        """Be user *number* until it is over."""
        with httpx.Client(timeout=20) as client:
            while not self._is_over.is_set():
                token = client.post(self._login, json=ALICE).json()["access_token"]
                self.kids[number, jwt.get_unverified_header(token)["kid"]] += 1
                for url in self._urls:
                    answer = client.get(url, headers={"Authorization": f"Bearer {token}"})
                    self.statuses[answer.status_code] += 1

    def stop(self) -> None:
        """End the day."""
        self._is_over.set()

    def have_seen(self, kid: str, times: int) -> bool:
        """Say whether each user got so many tokens signed with that key."""
        return all(self.kids[number, kid] >= times for number in NUMBERS)


def test_no_token_is_refused_while_keys_rotate(tmp_path: Path) -> None:
    """Two workers change over at once; coach learns the new key from the first new token."""
    old, new = key("first"), key("second")
    signing, next_, previous = (tmp_path / name for name in ("s.pem", "n.pem", "p.pem"))
    for file in (signing, next_, previous):
        old.write(file)
    env = {"MONOLITH_SIGNING_KEY_FILES": f"{signing},{next_},{previous}", "JWT_SECRET": ""}
    with Service(
        "monolith", tmp_path, database(tmp_path) | env | {"MONOLITH_WORKERS": "2"}
    ) as monolith:
        env = {"COACH_JWKS_URL": monolith.url + SET, "JWT_SECRET": ""}
        env |= {"MONOLITH_URL": monolith.url, "COACH_WORKERS": "1"}
        with Service("coach", tmp_path, env) as coach, ThreadPoolExecutor() as threads:
            users = Users(monolith, coach)
            working = [threads.submit(users.work, number) for number in NUMBERS]
            try:
                assert eventually(lambda: users.have_seen(old.kid, 4), 20)
                new.write(next_)
                new.write(signing)
                assert eventually(lambda: users.have_seen(new.kid, 4), 20)
                new.write(previous)
                seen = max(users.kids[number, new.kid] for number in NUMBERS)
                assert eventually(lambda: users.have_seen(new.kid, seen + 4), 20)
            finally:
                users.stop()
            for future in working:
                future.result()
            published = httpx.get(monolith.url + SET).json()["keys"]
        logs = monolith.log.read_text() + coach.log.read_text()
    assert set(users.statuses) == {200}
    assert [one["kid"] for one in published] == [new.kid]
    assert "PRIVATE" not in logs
    assert "signing keys read anew" in logs
