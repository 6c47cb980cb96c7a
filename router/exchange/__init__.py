"""One exchange: identify, decide, attempt, judge, perhaps attempt again, answer, account.

What is decided is decided in `core`; what waits, waits in `edge`; here they are introduced.
`serving.Exchange.serve` is the whole of it on one screen.
"""

from router.exchange.beginning import Exchanges
from router.exchange.edges import Edges
from router.exchange.ids import Ids
from router.exchange.serving import Exchange

__all__ = ["Edges", "Exchange", "Exchanges", "Ids"]
