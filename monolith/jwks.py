"""``GET /.well-known/jwks.json``: the public keys (RFC 7517) that our tokens are verified by."""

from flask import Blueprint, Response

from monolith.catalogue import tagged
from monolith.keys import Keys

LIFETIME_S = 300
"""How long others may keep the set: a new key is published for longer than that before it signs."""


def jwks_routes(keys: Keys) -> Blueprint:
    """Give the route that publishes *keys*."""
    routes = Blueprint("jwks", __name__)

    @routes.get("/.well-known/jwks.json")
    def jwks() -> Response:
        return tagged({"keys": keys.published()}, f"public, max-age={LIFETIME_S}")

    return routes
