"""The upstreams: an application for WSGI, one for ASGI, one for Node, and nginx's file."""
