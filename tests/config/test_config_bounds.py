"""A very large file is judged in a moment and in little memory, whatever is wrong with it."""

import time
import tracemalloc

import pytest

from router.config.complaints import ConfigError
from router.config.loading import load, reload
from router.config.reading import MAX_NODES
from router.config.text import MAX_FILE
from tests.config.files import SHIPPED, problems

FULL = 60_000


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


def filled(beginning: str, member: str, end: str) -> bytes:
    """A file as long as one may be, of as many *member*s as it then has."""
    count = (MAX_FILE - len(beginning) - len(end)) // len(member)
    return (beginning + member * count + end).encode()


WORST = {
    "empty mappings": filled("a: [", "{},", "]"),
    "empty lists": filled("a: [", "[],", "]"),
    "words": filled("a: [", "a,", "]"),
    "a list at the top": filled("[", "a,", "]"),
    "nothings": filled("a: [", "~,", "]"),
    "bad matches": filled(SHIPPED + "  bad: {match: [", "a,", "]}\n"),
    "nothing for a match": filled(SHIPPED + "  bad: {match: [", "~,", "]}\n"),
    "aliases": filled("a: &a b\nc: [", "*a,", "]"),
    "tags": filled("a: [", "!x a,", "]"),
    "anchors": filled("a: [", "&x a,", "]"),
    "lists in lists": filled("a: [", "[[[[[[[[[a]]]]]]]]],", "]"),
    "one key, again and again": filled("", "a: 1\n", ""),
    "keys without a value": filled("{", "a,", "}"),
    "a key that is a list": filled("{", "? [a] : b,", "}"),
    "one path": filled(SHIPPED + "  long: {match: /", "a/", "}\n"),
    "one word": filled("a: ", "a", ""),
    "one folded word": filled("a: ", "a\n ", ""),
    "comments": filled("", "#\n", ""),
    "depth": filled("", "- ", ""),
}


@pytest.mark.parametrize("content", WORST.values(), ids=WORST.keys())
def test_the_largest_file_costs_little(content: bytes) -> None:
    """A worker judges it beside its clients, and so does a process with a bound on its memory."""
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(ConfigError) as refused:
        load("x", content)
    took_s, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.value.problems
    assert peak < 64 * 2**20
    assert took_s < 10


@pytest.mark.parametrize(
    "member", ["a,", "{},", "[],", "~,", "*a,", "!x a,"], ids=lambda text: str(text)[:-1]
)
def test_too_many_values_are_one_problem(member: str) -> None:
    """It says that there are too many and what to do, and nothing of what those are."""
    [problem] = problems(f"a: &a b\nc: [{member * MAX_NODES}]")
    assert ": the file has more than 10,000 values (lists, mappings and words, keys too)" in problem
    assert "shorten its lists" in problem


def test_as_many_values_as_there_may_be() -> None:
    """A file of generated routes is taken up to the last one."""
    route = "  r#: {match: /r#, upstream: coach, auth: pass}\n"
    count = (MAX_NODES - 40) // 8
    text = SHIPPED + "".join(route.replace("#", str(number)) for number in range(count))
    assert len(load("x", text.encode()).routes) == count + 1


def test_keys_are_bounded() -> None:
    """Each is compared with each."""
    keys = ", ".join(f"{{secret_env: S{number}}}" for number in range(101))
    text = SHIPPED.replace("secret_env: JWT_SECRET", f"keys: [{keys}]")
    [problem] = problems(text)
    assert problem.endswith("jwt.keys: has 101 members; at most 100 are taken")
