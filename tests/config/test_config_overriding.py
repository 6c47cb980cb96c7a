"""STRANGLER_UPSTREAMS: one file, other addresses."""

import pytest

from router.config.complaints import ConfigError
from router.config.effective import effective
from router.config.loading import load, reload
from router.config.overriding import addresses_in
from tests.config.files import SHIPPED, with_line

MOVED = {"monolith": "http://monolith:5001", "coach": "https://coach.example:444"}


def refused(text: str, content: str = SHIPPED) -> list[str]:
    """The complaints about the variable's *text*, on its own or beside the file."""
    with pytest.raises(ConfigError) as caught:
        load("routes.yaml", content.encode(), addresses_in(text))
    return [str(problem) for problem in caught.value.problems]


def test_each_pair_is_an_address() -> None:
    """Blanks and a comma at the end are no harm; nothing is nothing."""
    assert (
        addresses_in(" monolith = http://monolith:5001, coach=https://coach.example:444,") == MOVED
    )
    assert addresses_in("") == addresses_in(" , ") == {}


def test_the_address_is_in_force_everywhere() -> None:
    """In what is printed, in every route that names the upstream, and for what no route lists."""
    snapshot = load("routes.yaml", SHIPPED.encode(), MOVED)
    shown = effective(snapshot)["upstreams"]
    assert {name: entry["url"] for name, entry in shown.items()} == MOVED
    [route] = snapshot.routes
    assert route.candidate is not None
    assert (route.candidate.url, route.legacy.url) == (MOVED["coach"], MOVED["monolith"])
    assert snapshot.default.upstream.url == MOVED["monolith"]


def test_only_the_url_is_moved() -> None:
    """Another upstream, and everything else about this one, stays as the file says."""
    text = with_line(
        "  coach: http://127.0.0.1:5002", "  coach: {url: http://a:1, idle_timeout: 1s}"
    )
    plain = load("routes.yaml", text.encode())
    moved = load("routes.yaml", text.encode(), {"coach": "http://coach:5002"})
    assert moved.upstreams["monolith"] == plain.upstreams["monolith"]
    assert moved.upstreams["coach"].url == "http://coach:5002"
    assert moved.upstreams["coach"].idle_s == 1.0
    assert moved.hash == plain.hash, "the hash is the file's, so that `set --wait` finds it"


def test_a_reload_keeps_the_addresses() -> None:
    """The next file is moved as the first one was."""
    first = load("routes.yaml", SHIPPED.encode(), MOVED)
    text = SHIPPED.replace("percent: 10", "percent: 20")
    second = reload(first, "routes.yaml", text.encode(), MOVED)
    assert second.upstreams == first.upstreams


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("caoch=http://c", 'caoch: is no upstream of routes.yaml; did you mean "coach"?'),
        ("coach", "coach: write NAME=URL, for instance coach=http://coach:5002"),
        ("=http://c", "write NAME=URL, for instance coach=http://coach:5002"),
        ("coach=", "coach: write NAME=URL, for instance coach=http://coach:5002"),
        ("coach=http://a,coach=http://b", "coach: is given twice"),
        ("coach=http://u:p@c", "coach: must not hold a user name or password"),
        ("coach=http://c/path", 'coach: "http://c/path" must end after the port'),
        ("coach=http://c:70000", "coach: port 70000 is not between 1 and 65535"),
    ],
)
def test_what_cannot_be_used_names_the_variable(text: str, words: str) -> None:
    """A bad pair is no reason to go to the wrong place in silence."""
    [said] = refused(text)
    assert said.startswith(f"STRANGLER_UPSTREAMS: {words}")


def test_every_bad_pair_is_told_at_once() -> None:
    """Whoever mends one mends all."""
    assert len(refused("coach=ftp://c,monolith=no")) == 2


def test_tls_is_not_given_up_unasked() -> None:
    """A file that names an authority wants its upstream verified."""
    text = with_line("coach: http://127.0.0.1:5002", "coach: {url: https://c, ca_file: ca.pem}")
    [said] = refused("coach=http://coach:5002", text)
    assert said == (
        "STRANGLER_UPSTREAMS: coach: routes.yaml gives it a ca_file, "
        "so its URL must begin with https:"
    )
