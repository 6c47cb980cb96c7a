"""The report as a section of docs/performance.md, with its plots beside the page."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from dev.bench.figures import Results
from dev.bench.plots import write_plots
from dev.bench.stages import Stage
from dev.bench.table import table
from dev.bench.targets import verdicts
from dev.load.page import machine
from dev.sections import put


def write(
    page: Path, results: Results, stages: Sequence[Stage], peers: Sequence[str], command: str
) -> None:
    """Put the section and its plots in place."""
    plots = write_plots(page.parent, results, peers)
    put(
        page,
        "bench",
        "\n\n".join(
            [
                "## Beside its peers",
                f"Written by `{command}` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. {machine()}",
                *(f"![{title}]({path.name})" for title, path in plots),
                judged(results),
                *(f"### {stage.title}\n\n{table(stage, results, peers)}" for stage in stages),
                READING,
            ]
        ),
    )


def judged(results: Results) -> str:
    """The targets, one a line."""
    return "\n".join(f"- {verdict}" for verdict in verdicts(results))


READING = """### How to read the figures

- Each peer runs alone on one core, the load and the upstream (nginx, 640 bytes from memory) on another. All take their turn, and then all again. A figure is the median of the turns; a ratio is the median of the ratios within a turn, so what disturbs a turn disturbs both sides of it. Machines differ, ratios less so.
- *strangler* is the router as it is shipped: its data path compiled (`make compiled`; `make bench ROUTER_CHECKOUT=.` measures the interpreted one), token checked, sticky split, fallback, late commit, metrics, JSON log to a file. *nginx-njs* and *haproxy* do the same job as far as they can, with the very same split: neither commits late, and nginx counts nothing by route. *nginx*, *caddy*, *aiohttp* (Application and ClientSession, with aiohttp's own access log; *aiohttp-lean* writes its line by hand) and *starlette* (with httpx, on uvicorn; httpx's pool looks at all its connections for each request) only forward. All write an access log; the configurations are in `load/peers/`.
- CPU is the kernel's account of the process and all it started, in nanoseconds, divided by the requests that were answered. *90 % of tokens seen before*: of ten requests nine carry one of 200 tokens that the process has seen. The router remembers tokens; nginx with njs 0.7.9 (Debian 12) and HAProxy verify each one anew. It also remembers heads less their token (`router/edge/client/familiar.py`), and all users of the load send the same one, as those of one program do; *no head seen before* puts a number of its own into each, so that every one is read in full.
- Below 100 % of its core, a peer was quicker than the load: its requests a second are the load's.
- Latency: requests leave by a schedule (Poisson), however slow the answers are, and count from the scheduled moment. What the upstream takes at the same rate without a proxy is taken off. 90 % of the tokens have been seen.
- A reload closes connections in nginx, HAProxy and Caddy, and a request that was just sent on one has no answer; browsers repeat it if it may be repeated. The Python proxies cannot be reloaded.
- Before anything is measured, each peer must answer 40 users with the right bytes from the right upstream; those that know tokens must refuse bad ones, and serve everybody by the monolith once coach has gone. While measuring, one failed request makes the run worthless.

`make bench` prints the tables; `make bench WRITE=docs/performance.md` writes this section and its plots. `make bench TURNS=1 SECONDS=2 ONLY=cpu,latency PEERS=strangler,haproxy` runs a part (stages: cpu, latency, stress, memory, streams, start). `make bench-guard` is the part that CI runs, `make budget` says what each part of the data path costs, `make profile ROUTER_CHECKOUT=.` shows where the interpreted router's time goes."""  # noqa: E501 - prose of a page, one line a paragraph
