"""One number is changed and every other byte stays; the file is replaced whole or not at all."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.config.complaints import ConfigError
from router.config.editing import percent_edited, percent_text, set_percent
from router.config.loading import load
from router.config.replacing import CannotReplace, replace_content
from tests.config.files import SHIPPED, with_line, with_percent


def edited(text: str, percent: str = "25") -> str:
    """*text* with another percent for wod."""
    return percent_edited("x", text.encode(), "wod", percent).decode()


LAYOUTS = [
    ("    percent: 10", "    percent: 25"),
    ("    percent:    10   # ten, for now", "    percent:    25   # ten, for now"),
    ("    'percent': 10.5", "    'percent': 25"),
    ("    percent:\n      10\n    salt: x", "    percent:\n      25\n    salt: x"),
    ("    percent: 10\n    # the end", "    percent: 25\n    # the end"),
]


@pytest.mark.parametrize(("before", "after"), LAYOUTS)
def test_only_the_number_is_replaced(before: str, after: str) -> None:
    """Blanks, quotes, remarks and odd layouts stay as they are."""
    assert edited(with_percent(before)) == with_percent(after)


INSERTS = [
    ("    candidate: coach\n    percent: 10", "    candidate: coach\n    percent: 25"),
    ("    candidate: coach  # new", "    candidate: coach  # new\n    percent: 25"),
    ('    candidate: "coach"\n    salt: x', '    candidate: "coach"\n    percent: 25\n    salt: x'),
]


@pytest.mark.parametrize(("before", "after"), INSERTS)
def test_a_missing_percent_is_written_below_the_candidate(before: str, after: str) -> None:
    """With the indentation and line end of its neighbour."""
    old = "    candidate: coach\n    percent: 10"
    assert edited(with_line(old, before)) == with_line(old, after)
    crlf = edited(with_line(old, before).replace("\n", "\r\n"))
    assert crlf == with_line(old, after).replace("\n", "\r\n")


def test_a_missing_percent_is_written_at_the_end_of_the_file() -> None:
    """Also where the last line has no end."""
    text = SHIPPED.removesuffix("    percent: 10\n").rstrip("\n")
    assert edited(text) == text + "\n    percent: 25"


def test_a_route_on_one_line_stays_on_it() -> None:
    """`{a: b}` is edited as such."""
    head = SHIPPED.partition("  wod:\n")[0]
    flow = head + "  wod: {match: GET /w, candidate: coach, percent: 10}  # one line\n"
    assert edited(flow) == flow.replace("percent: 10", "percent: 25")
    bare = flow.replace(", percent: 10", "")
    assert edited(bare) == bare.replace("candidate: coach", "candidate: coach, percent: 25")


remarks = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=12)


@given(
    mark=st.sampled_from(["", "\ufeff"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    notes=st.lists(remarks, min_size=14, max_size=14),
    old=st.integers(0, 100_000),
    new=st.integers(0, 100_000),
)
@settings(max_examples=100)
def test_the_edit_moves_one_number_and_nothing_else(
    mark: str, newline: str, notes: list[str], old: int, new: int
) -> None:
    """Whatever remarks, marks and line ends the file has: bytes around the number are the same."""
    lines = with_percent(f"    percent: {percent_text(old / 1000)}").splitlines()
    noted = [f"{line} # {note}" for line, note in zip(lines, notes, strict=True)]
    text = mark + newline.join(noted) + newline
    place = text.index("percent: ") + len("percent: ")
    after = percent_edited("x", text.encode(), "wod", percent_text(new / 1000)).decode()
    assert after.startswith(text[:place] + percent_text(new / 1000))
    rest = text[place + len(percent_text(old / 1000)) :]
    assert after == text[:place] + percent_text(new / 1000) + rest
    assert load("x", after.encode()).routes[0].threshold == new


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A copy of the shipped file."""
    path = tmp_path / "routes.yaml"
    path.write_text(SHIPPED)
    return path


def test_the_edit_is_written_and_shown(file: Path) -> None:
    """The diff is a unified one; nothing else is left in the folder."""
    edit = set_percent(file, "wod", 12.5)
    assert file.read_text() == SHIPPED
    edit.write()
    assert file.read_text() == with_percent("    percent: 12.5")
    assert "-    percent: 10\n+    percent: 12.5\n" in edit.diff()
    assert list(file.parent.iterdir()) == [file]


def test_the_same_number_again_touches_nothing(file: Path) -> None:
    """There is no diff and no new file."""
    before = file.stat()
    edit = set_percent(file, "wod", 10)
    edit.write()
    assert edit.diff() == ""
    assert file.stat().st_ino == before.st_ino


REFUSED = [
    ("wodd", 5, 'there is no route "wodd"; did you mean "wod"?'),
    ("plain", 5, "route plain has no candidate, so there is nothing to divide"),
    ("wod", 101, "101 is greater than 100"),
    ("open", 5, "nobody can be bucketed with auth: pass, which verifies no token"),
]


@pytest.mark.parametrize(("route", "percent", "words"), REFUSED)
def test_an_edit_that_is_not_valid_is_refused(
    file: Path, route: str, percent: float, words: str
) -> None:
    """The new file is checked before it is written."""
    more = "  plain: {match: /p}\n  open: {match: /o, candidate: coach, auth: pass}\n"
    file.write_text(SHIPPED + more)
    with pytest.raises(ConfigError, match=r".*") as caught:
        set_percent(file, route, percent)
    assert str(caught.value).endswith(words)
    assert file.read_text() == SHIPPED + more


def test_an_invalid_file_is_not_edited(file: Path) -> None:
    """Its problems are told instead."""
    file.write_text(with_percent("    percent: 101"))
    with pytest.raises(ConfigError, match="101 is greater than 100"):
        set_percent(file, "wod", 5)


def test_links_are_followed(file: Path) -> None:
    """The file behind the link is replaced; the link stays one."""
    link = file.parent / "link.yaml"
    link.symlink_to(file.name)
    set_percent(link, "wod", 5).write()
    assert link.is_symlink()
    assert "percent: 5" in file.read_text()


def test_mode_is_kept(file: Path) -> None:
    """A file that others may read stays one."""
    file.chmod(0o640)
    set_percent(file, "wod", 5).write()
    assert file.stat().st_mode & 0o7777 == 0o640


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_owner_is_kept(file: Path) -> None:
    """Root edits it, and it still belongs to whom it did."""
    os.chown(file, 1234, 2345)
    set_percent(file, "wod", 5).write()
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 2345)


def test_somebody_elses_edit_is_not_lost(file: Path) -> None:
    """A file that changed since it was read is left alone."""
    edit = set_percent(file, "wod", 5)
    file.write_text(SHIPPED + "# meanwhile\n")
    with pytest.raises(CannotReplace, match="changed by somebody else"):
        edit.write()
    assert file.read_text() == SHIPPED + "# meanwhile\n"
    assert list(file.parent.iterdir()) == [file]


def test_a_config_map_is_left_alone(tmp_path: Path) -> None:
    """Kubernetes would undo the edit: it must be made at the source."""
    (tmp_path / "..2026_11_23").mkdir()
    (tmp_path / "..2026_11_23/routes.yaml").write_text(SHIPPED)
    (tmp_path / "..data").symlink_to("..2026_11_23")
    mounted = tmp_path / "routes.yaml"
    mounted.symlink_to("..data/routes.yaml")
    with pytest.raises(CannotReplace, match="mounted from a ConfigMap; change it at its source"):
        set_percent(mounted, "wod", 5).write()
    assert mounted.read_text() == SHIPPED


def test_what_stands_in_the_way_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only mount and a foreign folder have words of their own, and leave nothing behind."""
    for number, words in [
        (30, "is mounted here"),
        (16, "is mounted here"),
        (13, "may not be replaced by this user"),
        (28, "cannot be replaced: No space left on device"),
    ]:

        def fail(*_: object, number: int = number) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "replace", fail)
        with pytest.raises(CannotReplace, match=words):
            replace_content(file, SHIPPED.encode(), b"new")
        assert list(file.parent.iterdir()) == [file]


def test_a_read_only_file_is_left_alone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever made it read-only meant it."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(CannotReplace, match="is read-only here"):
        replace_content(file, SHIPPED.encode(), b"new")


@given(st.integers(0, 100_000))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_percents_are_spelled_without_exponents(thousandths: int) -> None:
    """0.001 is not 1e-3."""
    text = percent_text(thousandths / 1000)
    assert float(text) * 1000 == pytest.approx(thousandths)
    assert set(text) <= set("0123456789.")
