"""The strangler router: moves one endpoint out of a monolith, safely."""

__version__ = "0.1.0"
