"""The counting: CPU by the kernel's accounts, memory, tokens, profiles, sections of pages."""

import subprocess
import sys
import time

import jwt
import pytest

from dev.bench import tokens
from dev.bench.accounting import cpu_ns, forget_peaks, memory
from dev.bench.profiling import shares
from dev.sections import put

BURN = "import time; end = time.process_time() + {}\nwhile time.process_time() < end: pass"
needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")


def program(text: str) -> subprocess.Popen[str]:
    """A Python program that prints a line when it has done its work, and waits to be let go."""
    return subprocess.Popen(
        [sys.executable, "-c", f"{text}\nprint('done', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@needs_proc
def test_cpu_of_living_threads_and_dead_children_is_counted():
    """0.2 s in a thread and 0.2 s in a child that has been waited for."""
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN.format(0.2)!r}])"
    thread = f"import threading; t = threading.Thread(target=exec, args=({BURN.format(0.2)!r},))"
    with program(f"{child}\n{thread}\nt.start(); t.join(); {BURN.format(0.3)}") as one:
        assert one.stdout.readline() == "done\n"
        counted = cpu_ns(one.pid)
        one.communicate("\n")
    # process_time() of the thread and of the end counts the whole process.
    assert 0.4e9 < counted < 1.5e9


@needs_proc
def test_a_peak_is_of_what_came_after_it_was_forgotten():
    """Memory that was given back is in the first peak, and not in the second."""
    with program("x = b'1' * 2**26; del x") as one:
        one.stdout.readline()
        first = memory(one.pid)
        forget_peaks(one.pid)
        second = memory(one.pid)
        one.communicate("\n")
    assert first.peak > 2**26 > second.peak > 0
    assert 0 < first.now < 2**26


def test_tokens_are_as_the_monolith_gives_them():
    """Good for PyJWT, with the claims the services ask for."""
    claims = jwt.decode(
        tokens.minted("a@b.c"), tokens.SECRET, algorithms=["HS256"], issuer="fit-api"
    )
    assert claims["sub"] == "a@b.c"
    assert claims["exp"] > time.time() + 3600


@pytest.mark.parametrize(("rate", "new"), [(0, 1000), (90, 100), (100, 0)])
def test_the_rate_is_that_of_tokens_seen_before(rate, new):
    """The others come once, and are of nobody who was seen."""
    seen = tokens.warm()
    mixed = list(tokens.mixed("name", rate, 1000, seen))
    others = [token for token in mixed if token not in seen]
    assert len(others) == len(set(others)) == new


def test_new_tokens_are_spread_evenly():
    """Not nine hundred seen ones and then a hundred others."""
    seen = set(tokens.warm())
    mixed = list(tokens.mixed("name", 90, 100, sorted(seen)))
    for start in range(0, 100, 10):
        assert sum(token not in seen for token in mixed[start : start + 10]) == 1


def test_a_profile_counts_functions_with_and_without_their_callees():
    """A function that calls itself is counted once a sample."""
    found = {share.name: share for share in shares("main (a.py:1);f (b.py:2);f (b.py:9) 3\nmain 1")}
    assert found["f (b.py)"].total == found["f (b.py)"].own == 0.75
    assert found["main (a.py)"] == (0.75, 0.0, "main (a.py)")


def test_a_section_leaves_the_others_alone(tmp_path):
    """Written, written again, and beside another's."""
    page = tmp_path / "docs" / "performance.md"
    put(page, "load", "## Users\n\nold")
    put(page, "bench", r"## Peers \1")
    put(page, "load", "## Users\n\nnew")
    text = page.read_text("utf-8")
    assert text.startswith("# Performance\n\n<!-- load: written by `make load`, not by hand -->\n")
    assert text.count("## ") == 2
    assert "new" in text
    assert "old" not in text
    assert r"## Peers \1" in text
