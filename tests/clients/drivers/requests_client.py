"""requests, with a session."""

import requests

from tests.clients.drivers.client import Answer, Client, Request, TimedOut, shown
from tests.clients.offer import PIECE, pieces


class Requests(Client):
    """A session; the body is read below its decoder."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def send(self, request: Request) -> Answer:
        """The answer."""
        body = request.body
        try:
            with self._session.request(
                request.method,
                request.url,
                headers=dict(request.fields),
                data=iter(pieces(body)) if request.chunked and body is not None else body,
                timeout=request.timeout_s,
                allow_redirects=request.follow,
                stream=True,
            ) as answer:
                raw = answer.raw
                got = raw.read(PIECE if request.leave else None, decode_content=False)
                return shown(answer.status_code, list(raw.headers.items()), got)
        except requests.exceptions.Timeout as error:
            raise TimedOut from error

    def close(self) -> None:
        """Close the session."""
        self._session.close()
