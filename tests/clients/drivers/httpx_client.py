"""httpx, with a client."""

import httpx

from tests.clients.drivers.client import Answer, Client, Request, TimedOut, shown
from tests.clients.offer import pieces


class Httpx(Client):
    """A client; the body is read below its decoder."""

    def __init__(self) -> None:
        self._client = httpx.Client(trust_env=False)

    def send(self, request: Request) -> Answer:
        """The answer."""
        body = request.body
        wish = self._client.build_request(
            request.method,
            request.url,
            headers=list(request.fields),
            content=iter(pieces(body)) if request.chunked and body is not None else body,
            timeout=request.timeout_s,
        )
        try:
            answer = self._client.send(wish, stream=True, follow_redirects=request.follow)
            got = next(answer.iter_raw()) if request.leave else b"".join(answer.iter_raw())
        except httpx.TimeoutException as error:
            raise TimedOut from error
        answer.close()
        return shown(answer.status_code, answer.headers.multi_items(), got)

    def close(self) -> None:
        """Close the client."""
        self._client.close()
