"""The data path as C extensions where STRANGLER_COMPILE=1 asks for it (docs/adr/0023-compiled.md).

Without it nothing is compiled: the same modules run as the Python that they are.
"""

import os

from setuptools import Extension, setup

COMPILED = (
    "router/core/answers.py",
    "router/core/breaker.py",
    "router/core/bucketing.py",
    "router/core/budget.py",
    "router/core/claims.py",
    "router/core/credentials.py",
    "router/core/deciding.py",
    "router/core/evidence.py",
    "router/core/fallback.py",
    "router/core/fates.py",
    "router/core/fields.py",
    "router/core/forwarding.py",
    "router/core/framing.py",
    "router/core/headers.py",
    "router/core/matching.py",
    "router/core/model.py",
    "router/core/onward.py",
    "router/core/outcome.py",
    "router/core/paths.py",
    "router/core/problems.py",
    "router/core/protection.py",
    "router/core/recent.py",
    "router/core/record.py",
    "router/core/sightings.py",
    "router/core/strictjson.py",
    "router/core/suspects.py",
    "router/core/targets.py",
    "router/core/tracing.py",
    "router/core/words.py",
    "router/edge/client/client.py",
    "router/edge/client/connection.py",
    "router/edge/client/familiar.py",
    "router/edge/client/heads.py",
    "router/edge/client/line.py",
    "router/edge/client/unread.py",
    "router/edge/client/upload.py",
    "router/edge/front.py",
    "router/edge/logs.py",
    "router/edge/metrics.py",
    "router/edge/protections.py",
    "router/edge/relay.py",
    "router/edge/signatures.py",
    "router/edge/tokens.py",
    "router/edge/tunnel.py",
    "router/edge/upstream/attempt.py",
    "router/edge/upstream/dialling.py",
    "router/edge/upstream/pool.py",
    "router/edge/upstream/reader.py",
    "router/edge/upstream/wire.py",
    "router/exchange/answering.py",
    "router/exchange/asking.py",
    "router/exchange/attempting.py",
    "router/exchange/beginning.py",
    "router/exchange/edges.py",
    "router/exchange/guarding.py",
    "router/exchange/ids.py",
    "router/exchange/observing.py",
    "router/exchange/protecting.py",
    "router/exchange/serving.py",
    "router/exchange/telling.py",
)
"""What every request passes through."""

WITHIN = ["-fvisibility=hidden", "-fno-semantic-interposition"]
"""No other library puts its own in place of our functions, so they may be inlined."""


def extensions() -> list[Extension]:
    """What is to be built."""
    if os.environ.get("STRANGLER_COMPILE") != "1":
        return []
    from mypyc.build import mypycify

    made: list[Extension] = list(mypycify([*COMPILED], opt_level="3", debug_level="1"))
    for extension in made:
        extension.extra_compile_args += WITHIN
    return made


setup(ext_modules=extensions())
