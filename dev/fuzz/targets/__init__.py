"""What is fuzzed: properties of any bytes; a check raises what broke."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dev.fuzz.targets import (
    answers,
    chunks,
    clients,
    forwarding,
    paths,
    requests,
    tokens,
    upstreams,
)

Check = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Target:
    """One property check, and inputs to begin with."""

    check: Check
    seeds: tuple[bytes, ...]


TARGETS: Mapping[str, Target] = {
    "requests": Target(requests.check, requests.SEEDS),
    "clients": Target(clients.check, clients.SEEDS),
    "answers": Target(answers.check, answers.SEEDS),
    "upstreams": Target(upstreams.check, upstreams.SEEDS),
    "chunks": Target(chunks.check, chunks.SEEDS),
    "forwarding": Target(forwarding.check, forwarding.SEEDS),
    "paths": Target(paths.check, paths.SEEDS),
    "tokens": Target(tokens.check, tokens.SEEDS),
}
