"""The processes: what can be tried without starting them."""
