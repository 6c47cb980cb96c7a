"""The clients, driven in one way: each by what its own users would write."""
