"""The command line as an operator types it: what is said, where, and with which exit code."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
import yaml

from router import serve
from router.cli import SUBCOMMANDS, main
from router.config.building import hash_of
from router.config.loading import load_file
from router.serve import Options
from router.serve.processors import processors
from tests.cli.admin_port import Pages, admin_port
from tests.config.files import ROOT, SHIPPED, with_percent
from tests.edge.issuers import pair

SECRET = "a-secret-for-tests-that-is-long-enough"


class TestUsage:
    """Help, version and wrong usage."""

    def test_help_lists_every_subcommand(self, capsys: pytest.CaptureFixture[str]) -> None:
        """With examples, and exit code 0."""
        assert main(["--help"]) == 0
        shown = capsys.readouterr().out
        names = (
            *("serve", "check", "plan", "explain", "set", "wait"),
            *("status", "compare", "restart", "token", "healthcheck"),
        )
        assert all(f"    {name}" in shown for name in names)
        assert len(SUBCOMMANDS) == len(names)
        assert "examples:\n  strangler check" in shown

    @pytest.mark.parametrize(
        "command",
        ["serve", "check", "plan", "explain", "set", "status", "compare", "token", "healthcheck"],
    )
    def test_each_subcommand_has_examples(
        self, command: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Whoever asks for help gets a line to copy."""
        assert main([command, "--help"]) == 0
        assert "examples:\n" in capsys.readouterr().out

    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The command's name and number."""
        assert main(["--version"]) == 0
        assert capsys.readouterr().out.startswith("strangler 0.")

    @pytest.mark.parametrize(
        "line",
        [
            [],
            ["fly"],
            ["check", "--format", "xml"],
            ["check", "a", "b"],
            ["explain"],
            ["explain", "--user", "u", "--claim", "role"],
            ["set", "wod"],
            ["set", "wod", "101"],
            ["set", "wod", "-1"],
            ["set", "wod", "1.0005"],
            ["set", "wod", "1e1"],
            ["set", "wod", "nan"],
            ["set", "wod", "true"],
            ["token", "--user", "u", "--expires", "soon"],
            ["healthcheck", "--admin", "nowhere"],
            ["healthcheck", "--admin", "host:70000"],
            ["serve", "--grace", "later"],
        ],
        ids=" ".join,
    )
    def test_wrong_usage_is_exit_code_2(
        self, line: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """With the usage on standard error and nothing on standard output."""
        assert main(line) == 2
        said = capsys.readouterr()
        assert said.err.startswith("usage: strangler")
        assert said.out == ""

    def test_a_wrong_variable_is_wrong_usage(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Defaults from the environment are checked like flags."""
        monkeypatch.setenv("STRANGLER_GRACE", "later")
        assert main(["serve"]) == 2
        assert "--grace" in capsys.readouterr().err


class TestServe:
    """`strangler serve` hands its options on; flags win over variables, those over defaults."""

    @pytest.fixture
    def ran(self, monkeypatch: pytest.MonkeyPatch) -> list[Options]:
        """What the process was started with."""
        started: list[Options] = []
        monkeypatch.setattr(serve, "run", lambda options: started.append(options) or 7)
        return started

    def test_defaults(self, ran: list[Options]) -> None:
        """Those of `Options`, and the exit code is the process's."""
        assert main(["serve"]) == 7
        assert ran == [Options()]

    def test_variables(self, ran: list[Options], monkeypatch: pytest.MonkeyPatch) -> None:
        """Each option has one; an empty one counts as not set."""
        for name, value in [
            ("CONFIG", "a.yaml"), ("LISTEN", "0.0.0.0:1"), ("ADMIN", ""), ("GRACE", "5"),
            ("ACCESS_LOG", "off"), ("WORKERS", "3"),
        ]:  # fmt: skip
            monkeypatch.setenv(f"STRANGLER_{name}", value)
        main(["serve"])
        log_off = {"access_log": "off", "workers": 3}
        assert ran == [Options(Path("a.yaml"), listen="0.0.0.0:1", grace_s=5.0, **log_off)]

    def test_flags(self, ran: list[Options], monkeypatch: pytest.MonkeyPatch) -> None:
        """Flags win."""
        monkeypatch.setenv("STRANGLER_LISTEN", "0.0.0.0:1")
        main(["serve", "--config", "b.yaml", "--listen", "[::1]:2", "--grace", "1m"])
        assert ran == [Options(config=Path("b.yaml"), listen="[::1]:2", grace_s=60.0)]

    def test_as_many_workers_as_processors(self, ran: list[Options]) -> None:
        """By one word."""
        main(["serve", "--workers", "auto"])
        assert ran[0].workers == processors()

    @pytest.mark.parametrize("number", ["0", "-1", "257", "many", "1.5", "²"])
    def test_not_so_many_workers(self, number: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Wrong usage, with what is right."""
        assert main(["serve", f"--workers={number}"]) == 2
        assert "is not 1 to 256, or auto" in capsys.readouterr().err


class TestCheck:
    """`strangler check` is like `nginx -t`."""

    def test_a_good_file(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """One line on standard output, exit code 0."""
        assert main(["check"]) == 0
        said = capsys.readouterr()
        digest = hash_of(SHIPPED.encode())
        assert said.out == f"config/routes.yaml: ok (hash {digest}, 1 route)\n"
        assert said.err == ""

    def test_a_bad_file(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Every problem on a line of standard error, exit code 1."""
        file.write_text(with_percent("    percent: 101\n    persent: 5"))
        assert main(["check", str(file)]) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err == (
            "config/routes.yaml:14:14: routes.wod.percent: 101 is greater than 100\n"
            "config/routes.yaml:15:5: routes.wod.persent: unknown key; "
            'did you mean "percent"?\n'
        )

    def test_a_missing_file(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 1: the usage was right."""
        assert main(["check", str(tmp_path / "no.yaml")]) == 1
        assert "cannot be read: No such file or directory" in capsys.readouterr().err

    def test_the_file_can_come_from_the_environment(
        self, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """STRANGLER_CONFIG, unless a file is named."""
        monkeypatch.setenv("STRANGLER_CONFIG", "elsewhere.yaml")
        assert main(["check"]) == 1
        assert capsys.readouterr().err.startswith("elsewhere.yaml: cannot be read")
        assert main(["check", str(file)]) == 0

    def test_warnings_do_not_change_the_exit_code(
        self, file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Also that of a secret that is not here: a pipeline has none."""
        monkeypatch.delenv("JWT_SECRET")
        file.write_text(with_percent("    percent: 1\n    fallback: none"))
        assert main(["check"]) == 0
        said = capsys.readouterr()
        assert said.out.startswith("config/routes.yaml: ok")
        first, second = said.err.splitlines()
        assert first.startswith("warning: config/routes.yaml:15:15: routes.wod.fallback: ")
        assert second.startswith("warning: config/routes.yaml: jwt: the environment variable")

    def test_effective_is_yaml_that_passes_check(
        self, file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The verdict is a comment in it."""
        assert main(["check", "--effective"]) == 0
        printed = capsys.readouterr().out
        assert printed.startswith("# config/routes.yaml: ok (hash ")
        assert yaml.safe_load(printed)["routes"]["wod"]["timeout"] == "2s"
        file.write_text(printed)
        assert main(["check"]) == 0

    def test_json(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Good and bad verdicts as one document each."""
        assert main(["check", "--format", "json", "--effective"]) == 0
        good = json.loads(capsys.readouterr().out)
        assert (good["ok"], good["routes"], good["warnings"]) == (True, ["wod"], [])
        assert good["effective"]["routes"]["wod"]["percent"] == 10
        file.write_text(with_percent("    percent: 101"))
        assert main(["check", "--format", "json"]) == 1
        assert json.loads(capsys.readouterr().out) == {
            "file": "config/routes.yaml",
            "ok": False,
            "problems": [
                {
                    "source": "config/routes.yaml",
                    "line": 14,
                    "column": 14,
                    "path": "routes.wod.percent",
                    "message": "101 is greater than 100",
                }
            ],
        }


class TestExplain:
    """`strangler explain` prints the ladder down to the rung that held."""

    def test_a_user_of_the_candidate(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The golden user of bucket 7694 at ten percent."""
        assert main(["explain", "--user", "user-1"]) == 0
        assert capsys.readouterr().out.splitlines() == [
            "GET /fitness/wod is route wod",
            "  no  pin      route wod pins nobody",
            "  yes percent  bucket('wod', 'user-1') = 7694 < 10000 (percent 10)",
            "→ coach (reason percent, cohort candidate)",
        ]

    def test_a_user_of_legacy(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """With why not for each rung above the one that held."""
        assert main(["explain", "--user", "user-2", "--format", "json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert [(rung["name"], rung["holds"]) for rung in told["ladder"]] == [
            ("pin", False),
            ("percent", False),
            ("legacy", True),
        ]
        assert (told["upstream"], told["cohort"], told["reason"]) == (
            "monolith", "legacy", "percent",
        )  # fmt: skip

    def test_claims(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A pin is found by a claim; one given twice is a list."""
        file.write_text(SHIPPED + "    pin: {candidate: {role: qa}}\n")
        line = ["explain", "--user", "user-2", "--claim", "role=dev", "--claim", "role=qa"]
        assert main(line) == 0
        assert "→ coach (reason pin, cohort candidate)" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("asked", "words"),
        [
            (["--method", "POST"], "→ monolith (reason plain)"),
            (["--path", "/other"], "GET /other is route default"),
            (["--path", "/fitness/wod?day=1"], "is route wod"),
        ],
    )
    def test_other_requests(
        self, asked: list[str], words: str, file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Any method and path can be asked about."""
        assert main(["explain", "--user", "u", *asked]) == 0
        assert words in capsys.readouterr().out

    def test_what_would_be_refused(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A missing role is told beside the decision, an ambiguous path instead of one."""
        file.write_text(SHIPPED + "    require: {role: admin}\n")
        assert main(["explain", "--user", "u"]) == 0
        assert "answered 403: route wod requires another role" in capsys.readouterr().out
        assert main(["explain", "--user", "u", "--path", "/fitness/%77od"]) == 1
        assert capsys.readouterr().err.startswith("400 Bad Request: ")


class TestToken:
    """`strangler token` mints what the router accepts, and prints nothing else."""

    def mint(self, capsys: pytest.CaptureFixture[str], *line: str) -> dict[str, Any]:
        """The claims of the token that *line* gives."""
        assert main(["token", *line]) == 0
        printed = capsys.readouterr().out
        assert printed.count("\n") == 1
        options = {"verify_aud": False}
        claims: dict[str, Any] = jwt.decode(printed.strip(), SECRET, ["HS256"], options)
        return claims

    def test_claims(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Issuer from the file, role and the rest from the flags."""
        claims = self.mint(
            capsys, "--user", "a@b.c", "--role", "qa", "--claim", "x=1", "--expires", "2h"
        )
        assert (claims["sub"], claims["iss"], claims["role"]) == ("a@b.c", "fit-api", "qa")
        assert claims["x"] == "1"
        assert claims["exp"] - claims["iat"] == 7200
        assert abs(claims["iat"] - time.time()) < 60

    def test_audience(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """One that the file asks for."""
        file.write_text(SHIPPED.replace("fit-api,", "fit-api, audience: [b, a],"))
        assert self.mint(capsys, "--user", "u")["aud"] == "a"

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("fit-api,", "fit-api, require: tenant,", "requires the claim tenant: add --claim"),
            ("JWT_SECRET", "NO_SUCH_SECRET", "NO_SUCH_SECRET holds no secret"),
            ("percent: 10", "percent: 101", "101 is greater than 100"),
        ],
    )
    def test_what_cannot_be_minted(
        self, old: str, new: str, words: str, file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Exit code 1, and no half a token."""
        file.write_text(SHIPPED.replace(old, new))
        assert main(["token", "--user", "u"]) == 1
        said = capsys.readouterr()
        assert words in said.err
        assert said.out == ""


class TestHealthcheck:
    """`strangler healthcheck` is for containers."""

    @pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
    def test_ready_or_not(self, status: int, code: int, capsys: pytest.CaptureFixture[str]) -> None:
        """As `/readyz` says."""
        with admin_port({"/readyz": (status, {"status": "x"})}) as admin:
            assert main(["healthcheck", "--admin", admin]) == code
        said = capsys.readouterr()
        assert said.out + said.err

    def test_nobody_there(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 1 and why."""
        assert main(["healthcheck", "--admin", "127.0.0.1:1"]) == 1
        assert "no answer from the admin port 127.0.0.1:1" in capsys.readouterr().err


def config_page(digest: str, **last_reload: Any) -> Pages:
    """An admin port whose router serves on *digest*."""
    return {"/config": (200, {"hash": digest, "source": "r.yaml", "last_reload": last_reload})}


class TestSet:
    """`strangler set` edits, shows, and can wait until it is true."""

    def test_the_number_is_changed(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The diff is shown, the rest of the file stays."""
        assert main(["set", "wod", "25"]) == 0
        assert file.read_text() == with_percent("    percent: 25")
        assert "-    percent: 10\n+    percent: 25\n" in capsys.readouterr().out

    def test_the_same_number_again(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Is no failure."""
        assert main(["set", "wod", "10"]) == 0
        assert capsys.readouterr().out == "wod has percent 10 already\n"

    def test_warnings_are_shown(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Those of the new file."""
        file.write_text(with_percent("    percent: 0\n    fallback: none"))
        assert main(["set", "wod", "0.5"]) == 0
        assert "warning: " in capsys.readouterr().err

    @pytest.mark.parametrize("route", ["wodd", "default"])
    def test_no_such_route(
        self, route: str, file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Exit code 1, and the file as it was."""
        assert main(["set", route, "25"]) == 1
        assert f'there is no route "{route}"' in capsys.readouterr().err
        assert file.read_text() == SHIPPED

    def test_waiting_until_it_is_in_force(
        self, file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The running router confirms the hash of the new file."""
        digest = hash_of(with_percent("    percent: 25").encode())
        with admin_port(config_page(digest, ok=True, hash=digest)) as admin:
            assert main(["set", "wod", "25", "--wait", "--admin", admin]) == 0
        assert load_file(file).hash == digest
        assert capsys.readouterr().out.endswith(f"in force (hash {digest})\n")

    def test_waiting_in_vain_for_a_refusal(
        self, file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The router's verdict is shown at once."""
        digest = hash_of(with_percent("    percent: 25").encode())
        page = config_page("old", ok=False, hash=digest, problems=["r.yaml:1:1: no"])
        with admin_port(page) as admin:
            assert main(["set", "wod", "25", "--wait", "--admin", admin]) == 1
        assert capsys.readouterr().err == "the router refused it:\nr.yaml:1:1: no\n"

    @pytest.mark.parametrize(
        ("pages", "words"),
        [
            (config_page("old", ok=True, hash="old"), "serves r.yaml with hash old"),
            ({}, "answers /config with 404 and no JSON object"),
        ],
    )
    def test_waiting_has_an_end(
        self, pages: Pages, words: str, file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """With what was seen instead; the file stays changed."""
        line = ["set", "wod", "25", "--wait", "--timeout", "200ms", "--admin"]
        with admin_port(pages) as admin:
            assert main([*line, admin]) == 1
        said = capsys.readouterr().err
        assert said.startswith("not in force after 0.2 s: ")
        assert words in said
        assert "percent: 25" in file.read_text()


def strangler(*line: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    command = [sys.executable, "-m", "router", *line]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=30, check=False, cwd=ROOT
    )


def test_help_needs_no_library() -> None:
    """`--help` is quick because nothing is imported that it does not need."""
    script = (
        "import sys; from router.cli import main; main(['--help']);"
        "print([name for name in ('aiohttp', 'pydantic', 'yaml', 'jwt') if name in sys.modules])"
    )
    command = [sys.executable, "-c", script]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert shown.stdout.splitlines()[-1] == "[]"


def test_the_real_process() -> None:
    """`python -m router` has the exit codes of the command."""
    assert strangler("check", "config/routes.yaml").returncode == 0
    assert strangler("check", "no-such.yaml").returncode == 1
    assert strangler("chekc").returncode == 2


class TestPublicKeys:
    """Commands where the file has public keys."""

    RS256 = "keys: [{algorithm: RS256, public_key_file: key.pem}]}"

    def test_check_reads_key_files(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """One that is missing or unfit is a problem of the file, told with its place."""
        file.write_text(SHIPPED.replace("secret_env: JWT_SECRET}", self.RS256))
        assert main(["check"]) == 1
        said = capsys.readouterr().err
        assert "jwt.keys[0].public_key_file: the file config/key.pem cannot be read" in said
        (file.parent / "key.pem").write_bytes(pair("ES256").pem)
        assert main(["check"]) == 1
        assert "key.pem is no key for RS256" in capsys.readouterr().err
        (file.parent / "key.pem").write_bytes(pair("RS256").pem)
        assert main(["check", "--effective"]) == 0
        assert "public_key_file: key.pem" in capsys.readouterr().out

    def test_check_fetches_nothing(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """An address where nobody listens is as good as any."""
        fetched = "keys: [{algorithm: RS256, jwks_url: http://127.0.0.1:1/jwks}]}"
        file.write_text(SHIPPED.replace("secret_env: JWT_SECRET}", fetched))
        assert main(["check"]) == 0
        assert capsys.readouterr().err == ""

    def test_no_token_without_a_secret(
        self, file: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It says where tokens are to be had; a secret beside the public key will do."""
        file.write_text(SHIPPED.replace("secret_env: JWT_SECRET}", self.RS256))
        assert main(["token", "--user", "u"]) == 1
        assert "log in at the issuer" in capsys.readouterr().err
        both = self.RS256.replace("]}", ", {secret_env: JWT_SECRET, issuer: dev, kid: d}]}")
        file.write_text(SHIPPED.replace("secret_env: JWT_SECRET}", both))
        assert main(["token", "--user", "u"]) == 0
        minted = capsys.readouterr().out.strip()
        assert jwt.decode(minted, SECRET, ["HS256"])["iss"] == "dev"
        assert jwt.get_unverified_header(minted)["kid"] == "d"
