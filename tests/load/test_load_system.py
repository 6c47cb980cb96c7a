"""The real Locust on the real programs: its exit code says whether promises were kept."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from dev.demo import shown_headers
from dev.plan import ROOT
from dev.stack import Stack
from load.sides import Side
from load.tally import Tally

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        find_spec("locust") is None,
        reason="locust is not installed: pip install -r requirements-load.lock",
    ),
]
USERS = 4


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """All users on coach, and answers that say who served."""
    with Stack(tmp_path_factory.mktemp("load"), change=shown_headers, keys="HS256") as stack:
        stack.set("wod", 100)
        yield stack


def locust(stack: Stack, folder: Path, **environment: str) -> tuple[int, Tally]:
    """A few users for 3 s; the exit code, and what they saw."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "locust", "-f", "load/locustfile.py", "--headless"),
            *("--only-summary", "--host", stack.url, "--csv", str(folder / "run")),
            *("--html", str(folder / "run.html")),
        ],
        cwd=ROOT,
        env=os.environ
        | {"JWT_SECRET": stack.secret, "LOAD_USERS": str(USERS), "LOAD_SECONDS": "3"}
        | {"LOAD_THINK": "0.1-0.3", "LOAD_PERCENT": "100", "LOAD_SUMMARY": str(folder / "s.json")}
        | environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (folder / "s.json").exists(), done.stderr
    return done.returncode, Tally.read(folder / "s.json")


def test_all_users_on_coach_is_found_so(stack, tmp_path):
    """Sides right, no failure, both reports; only this machine's pace may break a promise."""
    code, tally = locust(stack, tmp_path)
    assert tally.failures() == 0, tally.why
    assert tally.sides[Side.RIGHT] > 0
    assert tally.sides.total() == tally.sides[Side.RIGHT] + tally.sides[Side.RESCUED]
    p95 = tally.percentile("GET /fitness/wod", 95)
    assert code == int(p95 >= 250)
    assert "GET,/fitness/wod," in (tmp_path / "run_stats.csv").read_text()
    assert (tmp_path / "run.html").exists()


def test_a_wrong_side_is_exit_code_1(stack, tmp_path):
    """Locust is told 0 %, the router is at 100 %: each answer is from the wrong side."""
    code, tally = locust(stack, tmp_path, LOAD_PERCENT="0")
    assert code == 1
    assert tally.sides[Side.WRONG] == tally.sides.total() > 0


def test_errors_are_exit_code_1(stack, tmp_path):
    """Tokens of another secret: every listed request is refused."""
    code, tally = locust(stack, tmp_path, JWT_SECRET="another secret of enough characters")
    assert code == 1
    assert tally.why["GET /fitness/wod: status 401"] > 0


def test_users_can_log_in_by_password(stack, tmp_path):
    """Without secret and tokens: the monolith's own users, logged in through the router."""
    tokens = {"JWT_SECRET": "", "JWT_SECRET_FILE": "", "LOAD_TOKENS": ""}
    _, tally = locust(stack, tmp_path, **tokens)
    assert tally.failures() == 0, tally.why
    assert tally.sides[Side.RIGHT] > 0


@pytest.mark.skipif(not Path(sys.executable).with_name("k6").exists(), reason="k6 is not installed")
@pytest.mark.parametrize(("percent", "code"), [("100", 0), ("0", 99)])
def test_k6_judges_sides_as_locust_does(stack, tmp_path, percent, code):
    """The same bucket() in JavaScript, by the golden vectors; 99 is a crossed threshold."""
    people = {f"load-{n}@example.com": stack.token(f"load-{n}@example.com") for n in range(USERS)}
    (tmp_path / "tokens.json").write_text(json.dumps(people))
    program = str(Path(sys.executable).with_name("k6"))
    summary = tmp_path / "summary.json"
    done = subprocess.run(
        [
            *(program, "run", "--no-usage-report", "--quiet", "--summary-export", str(summary)),
            str(ROOT / "load" / "k6.js"),
        ],
        env=os.environ
        | {"HOST": stack.url, "LOAD_TOKENS": str(tmp_path / "tokens.json")}
        | {"LOAD_USERS": str(USERS), "LOAD_SECONDS": "3", "LOAD_THINK": "0.1-0.3"}
        | {"LOAD_PERCENT": percent},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    metrics = json.loads(summary.read_text())["metrics"]
    assert metrics["checks"]["value"] == 1, done.stdout
    assert metrics["errors"]["value"] == 0, done.stdout
    assert metrics["right_side"]["value"] == (percent == "100"), done.stdout
    quick = metrics["http_req_duration{endpoint:wod,expected_response:true}"]["p(95)"] < 250
    assert done.returncode == (code if quick else 99), done.stdout
