"""Whether a path differs more often than legacy differs from itself there.

Two shares are compared of which neither is known but by its own few pairs: differences between
legacy and candidate, and between two answers of legacy to the same request. With their sum given,
how many of them fall to the one side is hypergeometric if both shares are the same (Fisher's exact
test). A binomial test against the share that was measured would take a path that differed in none
of twenty pairs for one that never does, and call the first difference a mismatch.
"""

from math import exp, lgamma

ALPHA = 0.01
"""How often noise alone may be called a mismatch, in one look at all paths of a route."""

NEGLIGIBLE = 1e-12


def is_mismatch(
    differed: int, pairs: int, control_differed: int, controls: int, *, paths: int
) -> bool:
    """Whether *differed* of *pairs* is more than *control_differed* of *controls* explain.

    *paths* are looked at, and share what may be wrong (Bonferroni).
    """
    return chance_of(differed, pairs, control_differed, controls) <= ALPHA / max(1, paths)


def chance_of(differed: int, pairs: int, control_differed: int, controls: int) -> float:
    """The chance of so many differences or more, if candidate and legacy were equally noisy."""
    if differed * controls <= control_differed * pairs:
        return 1.0  # no more often than legacy itself; also where nothing is known of legacy yet
    both = differed + control_differed
    ways = log_choose(pairs + controls, both)
    chance = 0.0
    for many in range(differed, min(both, pairs) + 1):  # above the mean: each term is less
        term = exp(log_choose(pairs, many) + log_choose(controls, both - many) - ways)
        chance += term
        if term < chance * NEGLIGIBLE:
            break
    return min(1.0, chance)


def log_choose(total: int, some: int) -> float:
    """The logarithm of how many ways there are to choose *some* of *total*."""
    return lgamma(total + 1) - lgamma(some + 1) - lgamma(total - some + 1)
