"""urllib3, with a pool manager."""

import urllib3

from tests.clients.drivers.client import Answer, Client, Request, TimedOut, shown
from tests.clients.offer import PIECE, pieces


class Urllib3(Client):
    """A pool manager that does not try again by itself."""

    def __init__(self) -> None:
        self._pool = urllib3.PoolManager()

    def send(self, request: Request) -> Answer:
        """The answer."""
        body = request.body
        try:
            answer = self._pool.request(
                request.method,
                request.url,
                headers=dict(request.fields),
                body=iter(pieces(body)) if request.chunked and body is not None else body,
                timeout=request.timeout_s,
                retries=urllib3.Retry(3, connect=0, read=0, other=0) if request.follow else False,
                redirect=request.follow,
                preload_content=False,
            )
        except urllib3.exceptions.TimeoutError as error:
            raise TimedOut from error
        fields = list(answer.headers.items())
        if request.leave:
            got = answer.read(PIECE, decode_content=False)
            answer.close()
        else:
            got = answer.read(decode_content=False)
            answer.release_conn()
        return shown(answer.status, fields, got)

    def close(self) -> None:
        """Close the pool."""
        self._pool.clear()
