"""The soak's verdicts: what grows is said to grow, and what is missing is missed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dev.soak.judging import Soaked, slope, verdicts
from dev.soak.kinds import KINDS
from dev.soak.mixing import Mix
from dev.soak.page import report, write
from dev.soak.samples import Sample

OK = {"ok": 1000}
REST = Sample(0.0, 60.0, 20, 1.0, 0, 0.0, 0, {"ok": 100})


def samples(mib_an_hour: float = 0.0, opened_a_minute: float = 0.0) -> Sequence[Sample]:
    """Half an hour, one a ten seconds, the first fifth of it warming up."""

    def one(at: int) -> Sample:
        grown_mib, opened = mib_an_hour * at / 3600, int(opened_a_minute * at / 60)
        memory = 60 + grown_mib if at >= 360 else at / 6
        return Sample(at, memory, 50 + opened, at / 2, 3, 0.1, 0, OK)

    return [one(at) for at in range(0, 1800, 10)]


def soaked(
    seen: Sequence[Sample] | None = None, *, after: Sample | None = None, failed: int = 0
) -> Soaked:
    """A run that went well, but for what is said."""
    ended = after or replace(REST, at_s=1815.0, fates={"ok": 1000, "client_gone": 50})
    return Soaked(500.0, REST, seen or samples(), ended, 950, failed, 4.0)


def broken(one: Soaked) -> list[str]:
    """The promises that are not kept."""
    return [verdict.promise for verdict in verdicts(one) if not verdict.is_kept]


def test_a_run_that_stays_as_it_is_keeps_all() -> None:
    """The warm-up may rise as it likes."""
    assert broken(soaked()) == []


@pytest.mark.parametrize(
    ("run", "promise"),
    [
        (soaked(samples(mib_an_hour=12.0)), "memory rise by at most 3 MiB"),
        (soaked(samples(opened_a_minute=2.0)), "descriptors rise by at most 32"),
        (soaked(after=replace(REST, descriptors=21, fates={"ok": 1050})), "at rest"),
        (soaked(after=replace(REST, under_way=1, fates={"ok": 1050})), "nothing is left"),
        (soaked(after=replace(REST, fates={"ok": 1049})), "the fates sum"),
        (soaked(after=replace(REST, fates={"ok": 1049, "fail_both": 1})), "no fate but"),
        (soaked(after=replace(REST, died=1, fates={"ok": 1050})), "no worker died"),
        (soaked(failed=1), "without its right answer"),
        (replace(soaked(), surprises={"upload: 502 for 200": 1}), "no surprise"),
    ],
)
def test_each_promise_can_be_broken(run: Soaked, promise: str) -> None:
    """And alone: the others are kept."""
    [found] = broken(run)
    assert promise in found


def test_the_slope_is_that_of_the_straight_line() -> None:
    """In units a second; of a single sample it is none."""
    assert slope(samples(mib_an_hour=36.0)[40:], lambda one: one.memory_mib) == pytest.approx(0.01)
    assert slope(samples()[:1], lambda one: one.memory_mib) == 0


def test_the_page_gets_its_section_and_its_plot(tmp_path: Path) -> None:
    """Beside those of other commands, and again in its own place."""
    page = tmp_path / "performance.md"
    page.write_text("# Performance\n\nkept\n", "utf-8")
    for _ in range(2):
        write(page, soaked(), "make soak SECONDS=1800")
    text = page.read_text("utf-8")
    assert text.startswith("# Performance\n\nkept\n")
    assert text.count("<!-- soak: written by `make soak`, not by hand -->") == 1
    assert report(soaked()) in text
    drawn = ElementTree.parse(tmp_path / "soak.svg").getroot()
    assert len(drawn.findall(".//{http://www.w3.org/2000/svg}polyline")) == 2


def test_every_kind_of_request_is_written_as_it_is_named() -> None:
    """One is no request at all when its client leaves, and the fates must not miss it."""
    uncounted = [kind.name for kind in KINDS if not kind.counts]
    assert uncounted == ["left in its head"]
    assert all(b"\r\n\r\n" in kind.request for kind in KINDS if kind.counts)


async def test_an_answer_that_is_not_the_right_one_is_a_surprise(
    unused_tcp_port: int,
) -> None:
    """As nobody listens here, every kind has one."""
    mix = Mix(unused_tcp_port, 0.5)
    await mix.run()
    surprised = {name.partition(":")[0] for name in mix.surprises}
    assert surprised == set(mix.played)
    assert mix.counted <= sum(mix.played.values())
