"""Who is on which side: each of 2,000 users, before and after a restart, at every percentage."""

from collections import Counter

import pytest

from router.core.bucketing import bucket
from router.core.model import BUCKETS
from tests.system.conftest import OpenSite, Seen, at

pytestmark = pytest.mark.system

USERS = [f"runner-{number}@example.com" for number in range(2000)]


def sides(percent: float) -> dict[str, tuple[int, str]]:
    """What each user has to see at *percent*, by the pure function alone."""
    limit = percent * BUCKETS / 100
    names = {user: "coach" if bucket("wod", user) < limit else "monolith" for user in USERS}
    return {user: (200, name) for user, name in names.items()}


def seen_sides(seen: dict[str, Seen]) -> dict[str, tuple[int, str]]:
    """Status and upstream of each, as the upstream itself said."""
    return {user: (one.status, one.body.decode()) for user, one in seen.items()}


async def test_each_user_is_where_the_bucket_says_also_after_a_restart(site: OpenSite) -> None:
    """At 10 % and, once edited, at 0 and at 100, none of 2,000 is on the wrong side."""
    one = await site(at(10))
    first = seen_sides(await one.get_all(USERS))
    assert first == sides(10)
    assert 150 < Counter(first.values())[200, "coach"] < 250
    await one.restart_router()
    assert seen_sides(await one.get_all(USERS)) == first


@pytest.mark.parametrize("percent", [0, 100])
async def test_nobody_and_everybody_are_exact(site: OpenSite, percent: float) -> None:
    """0 is nobody and 100 everybody."""
    one = await site(at(percent))
    assert seen_sides(await one.get_all(USERS)) == sides(percent)
    served = "coach" if percent else "monolith"
    assert one.stack.total("requests_total", fate="ok", served=served) == len(USERS)


async def test_whoever_has_no_token_is_told_so(site: OpenSite) -> None:
    """A listed route needs a token, the rest of the monolith does not; both are counted."""
    one = await site()
    assert (await one.request("GET", "/fitness/wod")).status == 401
    assert (await one.request("GET", "/fitness/exercises")).body == b"monolith"
    assert one.stack.total("requests_total", fate="auth_refused") == 1
