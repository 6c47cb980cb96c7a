"""Connections to upstreams: the wire (one connection), the pool, and the attempt over them."""
