"""The clients' side: connections, the heads and bodies of requests, and the way back."""
