"""Everything in force, printed so that it can be read back: the round trip is the proof."""

from dataclasses import replace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from router.config.effective import as_yaml, effective
from router.config.loading import load
from router.config.scalars import resolve
from router.config.units import MAX_SIZE, duration, seconds, size, size_text
from router.core.model import Snapshot
from tests.config.files import SHIPPED, snapshot_of, with_line, with_percent

LONG = """\
upstreams:
  old: {url: 'https://[::1]:1', ca_file: "on", connect_timeout: 123ms, idle_timeout: 1.25s}
  slow: {url: http://s, pause_timeout: 90s, pool: 0, connections: 7, queue: 0, queue_timeout: 3s}
  new: {url: http://b, health: '/health?deep'}
  third: http://c
jwt:
  audience: [b, "012", "null"]
  leeway: 30s
  require: [tenant]
  keys:
    - {secret_env: A, kid: one}
    - {secret_file: "~"}
    - {algorithm: ES256, public_key_file: a.pem, issuer: other, audience: [us, we]}
    - {algorithm: RS256, jwks_url: "http://a.b/c?d", allow_http: true, stale_for: 90s}
    - {algorithm: EdDSA, jwks_url: https://a.b/c, cache_file: e}
default: old
limits:
  head_timeout: 1.5s
  body_timeout: 2m
  keep_alive: 100ms
  slow_reader: 24h
  line: 2000B
  field: 16KiB
  head: 16KiB
  fields: 16
  buffer: 1MiB
  connections: 5000
  connections_per_client: 5000
trusted_proxies: [10.0.0.0/8, "::1", "fd00::/8", 192.0.2.1/32]
debug_headers: true
log_query: true
routes:
  one:
    match: [GET /a, "/b/*", {path: /c, methods: [PUT, DELETE]}]
    candidate: new
    legacy: third
    percent: 0.125
    by: tenant
    salt: "12:30"
    pin: {candidate: {role: [qa, "yes"], beta: true}, legacy: {sub: ["a@b.c", "1e3"]}}
    require: {role: [admin, "123"]}
    timeout: 1.5s
    deadline: 1m
    fallback: [5xx, 404, connect]
    idempotent: [PUT, DELETE]
    max_body: 1000B
    breaker: {tolerated: 0.125, open: 1.5s, longest_open: 5m}
    budget: {ratio: 0.05, min_per_s: 2.5, at_once: 7}
    compare:
      {sample: 0.5, control: 50, ignore: [a, '["a.b"]'], unordered: $, tolerance: 0.01,
       max_body: 4KiB, show_values: true}
  two: {match: /, auth: pass, fallback: none, candidate: new, late: 0s, compare: {},
    breaker: none, budget: none}
  three: {match: /three, upstream: third, deadline: 90s, max_body: 0B}
  four: {match: /four, upgrade: allow, upgrade_idle: 1h}
"""


def read_back(snapshot: Snapshot) -> Snapshot:
    """What the printed configuration means, with the origin of the first one."""
    again = load("printed", as_yaml(effective(snapshot)).encode())
    return replace(again, source=snapshot.source, hash=snapshot.hash)


@pytest.mark.parametrize("text", [SHIPPED, LONG, with_percent("    percent: 33.333")])
def test_what_is_printed_means_the_same(text: str) -> None:
    """`check --effective` prints a file that gives an equal snapshot."""
    snapshot = snapshot_of(text)
    assert read_back(snapshot) == snapshot
    assert effective(read_back(snapshot)) == effective(snapshot)


def test_ordinary_yaml_readers_agree_with_us() -> None:
    """The printed file holds nothing that PyYAML's own rules read otherwise."""
    configuration = effective(snapshot_of(LONG))
    assert yaml.safe_load(as_yaml(configuration)) == configuration


texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=20)
words = st.one_of(
    texts, st.sampled_from(["on", "y", "~", "012", "12:30", "1e3", "-", "*a", "&a", "<<", "# x"])
).filter(str.strip)


@given(
    salt=words,
    claim=words,
    values=st.lists(words, min_size=1, unique=True),
    percent=st.integers(0, 100_000),
)
@settings(max_examples=100)
def test_any_text_survives_the_round_trip(
    salt: str, claim: str, values: list[str], percent: int
) -> None:
    """Salts, claims and their values may be any printable text, however YAML would read it."""
    snapshot = snapshot_of(SHIPPED)
    document = effective(snapshot)
    document["routes"]["wod"] |= {
        "salt": salt,
        "percent": percent / 1000,
        "pin": {"candidate": {claim: values}},
    }
    made = load("made", as_yaml(document).encode())
    assert made.routes[0].salt == salt
    assert made.routes[0].threshold == percent
    assert made.routes[0].pins[0].claim == claim
    assert made.routes[0].pins[0].values == frozenset(values)
    assert read_back(made) == made


@given(st.integers(1, 86_400_000_000).map(lambda micros: micros / 1_000_000))
def test_durations_are_read_as_they_are_written(value_s: float) -> None:
    """To the microsecond, up to a day."""
    assert seconds(duration(value_s)) == value_s
    assert resolve(duration(value_s)) == (duration(value_s), None)


@given(st.integers(0, MAX_SIZE))
def test_sizes_are_read_as_they_are_written(value: int) -> None:
    """To the byte."""
    assert size(size_text(value)) == value


@pytest.mark.parametrize(
    ("value_s", "text"),
    [(0.0, "0s"), (0.2, "200ms"), (1.5, "1.5s"), (60.0, "1m"), (90.0, "90s"), (0.0005, "0.5ms")],
)
def test_durations_are_short(value_s: float, text: str) -> None:
    """As a person would write them."""
    assert duration(value_s) == text


def test_no_secret_is_shown() -> None:
    """Only where a secret comes from is in the model, so only that can be printed."""
    text = with_line("secret_env: JWT_SECRET", "secret_file: /run/secrets/jwt")
    assert effective(snapshot_of(text))["jwt"]["keys"] == [
        {"algorithm": "HS256", "secret_file": "/run/secrets/jwt"}
    ]
