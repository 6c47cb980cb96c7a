"""Medians, ratios within a turn, tables, plots, and verdicts on targets."""

import re
from xml.etree import ElementTree

import pytest

from dev.bench.figures import Figure, Results
from dev.bench.guard import BOUNDS, judge
from dev.bench.page import write
from dev.bench.plots import svg
from dev.bench.stages import STAGES, Stage
from dev.bench.table import table
from dev.bench.targets import TARGETS, verdicts

CPU = Figure("cpu-90", "CPU", "µs")


def results(**values: list[float]) -> Results:
    """One figure, for each peer a value a turn."""
    made = Results()
    for peer, measured in values.items():
        for value in measured:
            made.add(peer.replace("_", "-"), {CPU.name: value})
    return made


def test_a_ratio_is_taken_within_a_turn():
    """A turn that was slow for both disturbs neither the ratio nor its median."""
    found = results(strangler=[20, 200, 22], nginx_njs=[10, 100, 11])
    assert found.median("cpu-90", "strangler") == 22
    assert found.ratio("cpu-90", "strangler", "nginx-njs") == 2.0


def test_what_was_not_measured_has_no_ratio():
    """Neither of who is missing, nor of a figure nobody has."""
    found = results(strangler=[20])
    assert found.ratio("cpu-90", "strangler", "nginx-njs") is None
    assert found.median("p50", "strangler") is None


def test_the_table_says_median_spread_and_ratios():
    """One line a peer, as wide as each other."""
    found = results(strangler=[20, 40, 30], nginx_njs=[10, 10, 10])
    stage = Stage("cpu", "CPU", (CPU,), lambda _: {})
    lines = table(stage, found, ["strangler", "nginx-njs", "caddy"]).splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert cells[2] == ["CPU, µs", "strangler", "30.0", "20.0–40.0", "3.00", "-"]
    assert cells[3] == ["", "nginx-njs", "10.0", "10.0–10.0", "1.00", "-"]
    assert len({len(line) for line in lines}) == 1
    assert len(lines) == 4


def test_a_plot_is_svg_with_a_bar_for_each_peer():
    """One that is far out is cut, and its number still stands there."""
    text = svg("CPU, <µs>", {"strangler": [20.0, 30.0], "nginx": [10.0], "slow": [9999.0]}, 1)
    drawn = ElementTree.fromstring(text)
    bars = [float(rect.attrib["width"]) for rect in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert len(bars) == 3
    assert bars[2] == max(bars) < float(drawn.attrib["width"])
    assert "9999.0 (bar cut)" in text
    assert text.count("cut") == 1


def test_verdicts_are_on_what_was_measured():
    """Kept, broken, and goals that are not reached yet."""
    found = results(strangler=[15], nginx_njs=[10], haproxy=[10], caddy=[40])
    said = [str(one) for one in verdicts(found)]
    assert said == [
        "must: kept: CPU a request at 90 % ≤ 1.6 × nginx-njs: 1.50",
        "must: kept: CPU a request at 90 % ≤ 0.7 × caddy: 0.38",
        "goal: not yet: CPU a request at 90 % ≤ 1 × nginx-njs: 1.50",
        "goal: not yet: CPU a request at 90 % ≤ 1.25 × haproxy: 1.50",
    ]
    assert "**broken**" in str(next(verdicts(results(strangler=[17], nginx_njs=[10]))))


def test_each_target_is_measured_by_a_stage():
    """No promise on a figure that nobody takes."""
    taken = {figure.name for stage in STAGES for figure in stage.figures}
    assert {target.figure for target in TARGETS} <= taken


@pytest.mark.parametrize(("ratio", "code"), [(0.99, 0), (1.01, 1)])
@pytest.mark.parametrize("reference", BOUNDS)
def test_the_guard_bites_above_its_bound(reference, ratio, code):
    """And only there."""
    found = Results()
    for _ in range(3):
        found.add("strangler", {"cpu-90": 10.0 * BOUNDS[reference] * ratio})
        found.add(reference, {"cpu-90": 10.0})
    assert judge(found, reference) == code


def test_the_guard_does_not_pass_what_it_did_not_measure():
    """An empty run is no good run."""
    assert judge(Results(), "aiohttp") == 1


def test_the_page_has_plots_tables_verdicts_and_the_command(tmp_path):
    """In a folder that is made if need be; every plot that it shows is there."""
    found = results(strangler=[15, 16], nginx_njs=[10, 10])
    page = tmp_path / "docs" / "performance.md"
    write(page, found, STAGES[:1], ["strangler", "nginx-njs"], "make bench TURNS=2")
    text = page.read_text("utf-8")
    [shown] = re.findall(r"!\[.*\]\((.*)\)", text)
    assert (page.parent / shown).read_text("utf-8").startswith("<svg ")
    assert "Written by `make bench TURNS=2` on " in text
    assert "\n- must: kept: CPU a request at 90 % ≤ 1.6 × nginx-njs: 1.55\n" in text
    assert "| strangler |   15.5 |" in text
