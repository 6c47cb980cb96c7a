"""Rescue: thousands of faulty exchanges, each with the fate that a model predicts for it.

`planning` draws an exchange from seed and number; `scripts` says what its upstreams then do;
`model` predicts what its client must see, from the plan alone and without a line of the router's
code. `upstreams` and `clients` play it on raw sockets and keep ledgers; `judging` compares.
"""

from dev.chaos.rescue.running import run

__all__ = ["run"]
