"""Which connections live on (RFC 9112 9.3, 9.6), and who is told so."""

from tests.conformance.rows import served
from tests.conformance.writing import HOST, get, message, post

ONLY_HOST = (f"Host: {HOST}",)
OLD = "1.0"

CONNECTIONS = [
    served("HTTP/1.1", "9112 9.3", get()),
    served("HTTP/1.1, keep-alive", "9112 9.3", get("Connection: keep-alive")),
    served("HTTP/1.1, close", "9112 9.6", get("Connection: close"), closes=True),
    served(
        "HTTP/1.1, close and keep-alive",
        "9112 9.3",
        get("Connection: keep-alive, close"),
        closes=True,
    ),
    served(
        "HTTP/1.1, close in a second field",
        "9112 9.3",
        get("Connection: keep-alive", "Connection: close"),
        closes=True,
    ),
    served(
        "HTTP/1.1, close after a body",
        "9112 9.6",
        post("Content-Length: 5", "Connection: close", body="hello"),
        closes=True,
    ),
    served("HTTP/1.1, a word that holds close", "9112 9.3", get("Connection: closed")),
    served("HTTP/1.0", "9112 9.3", get(version=OLD), closes=True),
    served("HTTP/1.0, keep-alive", "9112 9.3, C.2.2", get("Connection: keep-alive", version=OLD)),
    served(
        "HTTP/1.0, Keep-Alive in its old spelling",
        "9112 9.3, C.2.2",
        get("Connection: Keep-Alive", "Keep-Alive: 300", version=OLD),
        fields=ONLY_HOST,
    ),
    served(
        "HTTP/1.0, Proxy-Connection: keep-alive, which an old proxy may have let through",
        "9112 9.3, C.2.2",
        get("Proxy-Connection: keep-alive", version=OLD),
        fields=ONLY_HOST,
        closes=True,
    ),
    served("HTTP/1.0, close", "9112 9.3", get("Connection: close", version=OLD), closes=True),
    served(
        "HTTP/1.0, close and keep-alive",
        "9112 9.3",
        get("Connection: close, keep-alive", version=OLD),
        closes=True,
    ),
    served(
        "HTTP/1.0, without Host, keep-alive",
        "9112 3.2, 9.3",
        message("GET /elsewhere HTTP/1.0", "Connection: keep-alive"),
        fields=("Host:",),
    ),
    served(
        "HTTP/1.0, with a body, keep-alive",
        "9112 9.3",
        post("Content-Length: 5", "Connection: keep-alive", body="hello", version=OLD),
    ),
    served(
        "HTTP/1.0 goes on as HTTP/1.1",
        "9110 2.5",
        post("Content-Length: 5", body="hello", version=OLD),
        line="POST /elsewhere HTTP/1.1",
        closes=True,
    ),
]
