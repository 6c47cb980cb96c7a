"""No page names what does not exist, and whatever an operator may meet is explained somewhere."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from dev.plan import ROOT
from router.config.complaints import ConfigError
from router.config.loading import load_file
from router.core.claims import Refusal
from router.core.fallback import Why
from router.core.fates import Fate
from router.core.model import Cause
from router.edge.logs import line_of
from tests.docs import truth
from tests.docs.pages import PAGES, anchors, blocks, prose
from tests.stories import story

OPERATING = ROOT / "docs" / "operating.md"
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
METRIC = re.compile(r"\b(?:strangler|monolith|coach)_[a-z0-9_]*[a-z0-9]\b")
FOLDERS = "router|coach|monolith|config|docs|dev|load|tests|deploy"
FILE = re.compile(rf"(?:(?:{FOLDERS})/[\w./-]+|requirements[\w-]*\.lock|\w+\.md)(?:::\w+)?")
NAMES_OF_OTHERS = {"strangler_router", "monolith_url"}
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
VARIABLE = re.compile(r"\b(?:STRANGLER|MONOLITH|COACH|JWT|DATABASE)_[A-Z_]*[A-Z]\b")
DELETED_BY = {
    "migration.md": {"workout.py", "wod.py", "search.py", "searching.py", "test_monolith_wod.py"}
}
"""A page may tell what it deletes, also after it was."""


@pages
def test_links_lead_somewhere(page: Path) -> None:
    """To a file, and where they name a heading, to one that is there."""
    for target in LINK.findall(prose(page)):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file), target


@pages
def test_metrics_exist(page: Path) -> None:
    """In prose and in queries; a name is that of a series, or of a family."""
    known = truth.series()
    words = " ".join(CODE.findall(prose(page)))
    queries = " ".join(block.text for block in blocks(page) if block.kind != "diff")
    found = {name for name in METRIC.findall(f"{words} {queries}") if name.islower()}
    assert {name for name in found if not is_known(name, known)} == set()


def is_known(name: str, known: set[str]) -> bool:
    """Whether *name* is a series; files and tests are looked at elsewhere."""
    return name in known or (ROOT / "tests" / f"{name}.py").exists() or name in NAMES_OF_OTHERS


@pages
def test_commands_exist(page: Path) -> None:
    """`strangler WORD` and `make WORD`."""
    said = [*CODE.findall(prose(page)), *(b.text for b in blocks(page) if b.kind != "diff")]
    typed = re.findall(r"(?:^|\$ |/|\() ?(strangler|make) ([a-z][a-z0-9-]*)", "\n".join(said), re.M)
    known = {"strangler": truth.subcommands(), "make": truth.make_targets()}
    assert [(program, word) for program, word in typed if word not in known[program]] == []


@pages
def test_files_exist(page: Path) -> None:
    """Paths in code, from the root or beside the page; `FILE::test` names a test of that file."""
    gone = DELETED_BY.get(page.name, set())
    for path, test in files_said(page):
        if Path(path).name in gone or truth.is_made(path):
            continue
        file = next((f for f in (ROOT / path, page.parent / path) if f.exists()), None)
        assert file is not None, path
        assert not test or test in truth.tests_in(file), (path, test)


def files_said(page: Path) -> Iterator[tuple[str, str]]:
    """Each path and test that *page* names in code; `::test` is of the file named before it."""
    path = ""
    for said in CODE.findall(prose(page)):
        if FILE.fullmatch(said):
            path, _, test = said.partition("::")
            yield path, test
        elif said.startswith("::"):
            yield path, said.removeprefix("::")


@pytest.mark.parametrize("fate", Fate)
def test_each_fate_is_explained(fate: str) -> None:
    """With what to do about it."""
    rows = [
        row for row in OPERATING.read_text("utf-8").splitlines() if row.startswith(f"| `{fate}` |")
    ]
    assert len(rows) == 1
    assert all(len(cell.strip()) > 5 for cell in rows[0].split("|")[2:4])


def test_each_metric_is_explained() -> None:
    """Every family that the router exposes has its row."""
    text = OPERATING.read_text("utf-8")
    kinds = truth.router_families()
    assert [name for name in kinds if f"\n| `{name}` |" not in text] == []


@pytest.mark.parametrize("word", [*Why, *Cause, *Refusal])
def test_each_label_value_is_named(word: str) -> None:
    """Why nobody rescued, what broke, why a token was refused."""
    assert f"`{word}`" in OPERATING.read_text("utf-8")


def test_each_log_field_is_explained() -> None:
    """Those of the sample, and those that are only there at times."""
    page = OPERATING.read_text("utf-8")
    [sample] = (json.loads(block.text) for block in blocks(OPERATING) if block.kind == "json")
    whole = story(query="q=1", refusal="r", cause="c", why=Why.BODY)
    fields = json.loads(line_of(0.0, whole, query=True)).keys()
    assert sample.keys() == fields - {"auth", "why", "query"}
    table = page.partition("| field | what |")[2].partition("\n\n")[0]
    assert [field for field in fields if f"`{field}`" not in table] == []


def test_the_sample_of_a_refused_file_is_what_is_said(tmp_path: Path) -> None:
    """Word for word, for the shipped file with that mistake."""
    shipped = (ROOT / "config" / "routes.yaml").read_text("utf-8")
    (tmp_path / "config").mkdir()
    broken = tmp_path / "config" / "routes.yaml"
    broken.write_text(shipped.replace("percent: 10", "percent: 500"), "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_file(broken)
    [shown] = [block.text for block in blocks(OPERATING) if block.kind == "console"]
    said = str(refused.value.problems[0]).replace(f"{tmp_path}/", "")
    assert shown.splitlines()[1] == said


@pages
def test_variables_exist(page: Path) -> None:
    """What a page tells to set is read somewhere."""
    said = set(VARIABLE.findall(page.read_text("utf-8")))
    assert {name for name in said if not truth.is_read(name)} == set()


def test_each_alert_has_its_section() -> None:
    """The page that an alert sends its reader to is there, under the very anchor."""
    alerts = truth.alerts()
    assert alerts, f"no alerts in {truth.RULES}"
    known = anchors(OPERATING)
    for name, rule in alerts.items():
        book = rule["annotations"]["runbook"]
        page, _, anchor = book.partition("#")
        assert page == "docs/operating.md", (name, book)
        assert anchor in known, (name, book)


def test_each_section_has_its_alert() -> None:
    """No alert is explained that is not there any more."""
    text = OPERATING.read_text("utf-8").partition("\n## Alerts\n")[2]
    headings = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert headings == set(truth.alerts())


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_each_query_can_be_typed(tmp_path: Path) -> None:
    """Prometheus itself reads every `promql` block."""
    queries = [b.text for page in PAGES for b in blocks(page) if b.kind == "promql"]
    assert len(queries) >= 10
    rules = [{"record": f"docs:query{n}", "expr": text} for n, text in enumerate(queries)]
    file = tmp_path / "docs.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "docs", "rules": rules}]}), "utf-8")
    done = subprocess.run(
        ["promtool", "check", "rules", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
