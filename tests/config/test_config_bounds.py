"""A very large file is judged in seconds, whatever is wrong with it."""

import time

import pytest

from router.config.complaints import ConfigError
from router.config.loading import load, reload
from tests.config.files import SHIPPED, problems

FULL = 200_000


def many(line: str) -> str:
    """The shipped file with as many routes like *line* as it may hold; `#` counts them."""
    size = len(line) + 4
    return SHIPPED + "".join(line.replace("#", str(n)) for n in range(FULL // size))


HEAVY = {
    "equal matches": many("  r#: {match: /same}\n"),
    "unknown keys": many("  r#: {match: /r#, percnt: 1}\n"),
    "unknown upstreams": many("  r#: {match: /r#, candidate: nobody#}\n"),
    "every method": many("  r#: {match: /r#}\n"),
    "one long list": SHIPPED + f"    fallback: [{', '.join(['5xx'] * (FULL // 5))}]\n",
    "one long list of lists": f"a: [{'[],' * (FULL // 3)}]",
    "aliases": f"a: &a b\nc: [{'*a,' * (FULL // 3)}]",
    "one long word": SHIPPED + f"    salt: {'x' * FULL}\n",
    "one long number": SHIPPED + f"    deadline: {'9' * FULL}\n",
}


@pytest.mark.parametrize("text", HEAVY.values(), ids=HEAVY.keys())
def test_nothing_takes_longer_than_its_size(text: str) -> None:
    """No check compares everything with everything."""
    began = time.process_time()
    assert len(problems(text)) <= 101
    assert time.process_time() - began < 10


def test_a_reload_that_renames_everything_is_judged_in_time() -> None:
    """Thousands of routes under new names."""
    old = load("x", many("  r#: {match: /r#, candidate: coach}\n").encode())
    began = time.process_time()
    with pytest.raises(ConfigError):
        reload(old, "x", many("  q#: {match: /r#, candidate: coach}\n").encode())
    assert time.process_time() - began < 10
