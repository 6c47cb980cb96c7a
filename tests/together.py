"""Which tests stay together where several processes run them, and which come first."""

from xdist.scheduler import LoadScopeScheduling

LONG = ("system", "replicas", "docs", "load", "monolith", "contract", "coach")
"""Suites that start processes and wait for them. They come first: one that came last would still
run when all others have ended."""

ALONE = ("system", "replicas")
"""Suites whose tests share nothing, and take long: each goes by itself."""

SHARING = ("contract",)
"""Suites whose modules share services that take seconds to start."""

STRANGERS = ("tests/contract/test_contract_choice.py",)
"""Modules of such a suite that need none of them."""


class Together(LoadScopeScheduling):
    """Gives each process whole modules, or what else shares a fixture.

    xdist's own groups (`--dist loadgroup`) have no effect under pytest 9.2: the suffix that they
    put on a test's name is not in the name that is sent.
    """

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def scope_of(nodeid: str) -> str:
    """The name of what the test *nodeid* stays together with."""
    module = nodeid.partition("::")[0]
    suite = suite_of(nodeid)
    if suite in ALONE:
        return nodeid
    return suite if suite in SHARING and module not in STRANGERS else module


def suite_of(nodeid: str) -> str:
    """The folder of `tests` that the test *nodeid* is in."""
    return nodeid.partition("::")[0].split("/")[-2]


def place_of(nodeid: str) -> int:
    """Its place in the order of suites."""
    suite = suite_of(nodeid)
    return LONG.index(suite) if suite in LONG else len(LONG)
