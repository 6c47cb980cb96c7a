"""An exchange for each request: what a front calls."""

from router.core.problems import Problem
from router.edge.client.client import Client
from router.exchange.edges import Edges
from router.exchange.serving import Exchange


class Exchanges:
    """Begins exchanges, all with the same ways out."""

    __slots__ = ("_edges",)

    def __init__(self, edges: Edges) -> None:
        self._edges = edges

    def serve(self, client: Client) -> Exchange:
        """The exchange of *client*'s request, under way or already over."""
        exchange = Exchange(self._edges, client)
        exchange.begin()
        return exchange

    def refuse(self, client: Client, problem: Problem) -> None:
        """Answer bytes that are no request; they count as one."""
        Exchange(self._edges, client).refuse_unread(problem)
